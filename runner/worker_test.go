//go:build linux

package runner

import (
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"sendbench/runner/link"
	"sendbench/runner/link/linktest"
	"sendbench/runner/results"
)

// do runs a job in this process, on a thread that ends with it: a rig pins it.
func do(j job, write func(reply) error) error {
	ended := make(chan error)
	go func() {
		runtime.LockOSThread()
		ended <- j.run(write)
	}()
	return <-ended
}

// TestWorkerClosesBeforeDone: what goes wrong at the end is heard, since Done is
// said after it.
func TestWorkerClosesBeforeDone(t *testing.T) {
	linktest.Need(t)
	l, err := link.Open(link.Pair, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	spec, files := l.Spec(3)
	if spec.FarFD, err = unix.Dup(int(files[0].Fd())); err != nil {
		t.Fatal(err)
	}
	j := job{Link: spec, Profile: results.ProfileDefault, Cells: []results.Cell{cellOn(l, "default", "write", 1400, 1472)}}
	var last reply
	err = do(j, func(r reply) error {
		last = r
		if r.Trial == nil {
			return nil
		}
		return unix.Close(spec.FarFD) // the worker's, of which it hears when it closes it
	})
	if !errors.Is(err, unix.EBADF) || last.Done {
		t.Errorf("the worker ended with %v, and its last reply was %+v; want the error from closing, and not Done", err, last)
	}
}

// TestSurveyOfSegments: more segments than the kernel takes make a cell that
// can't be measured when the cells are looked at, and a failed trial in a round;
// another refusal is a failed trial in both.
func TestSurveyOfSegments(t *testing.T) {
	linktest.Need(t)
	l, err := link.Open(link.Sink, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const segment = 500
	many := (MaxSegments + 1) * segment
	for _, c := range []struct {
		name   string
		survey bool
		size   int
		want   string // in the reason, "" for a trial
		failed string // in the trial's error
	}{
		{"survey", true, many, "129 segments", ""},
		{"round", false, many, "", "invalid argument"},
		{"too long a message", true, 65508, "", "message too long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.size == 65508 && link.MaxPayload(4) >= c.size {
				t.Fatal("that is not too long")
			}
			cell := cellOn(l, "default", "write", c.size, segment)
			if c.size == 65508 {
				cell.Segment = 1000
			}
			spec, _ := l.Spec(3)
			var last reply
			err := do(job{Link: spec, Profile: "default", Cells: []results.Cell{cell}, Survey: c.survey}, func(r reply) error {
				if !r.Done {
					last = r
				}
				return nil
			})
			switch {
			case err != nil:
				t.Fatal(err)
			case c.want != "" && (last.Unsupported == nil || !strings.Contains(last.Unsupported.Reason, c.want) || !strings.Contains(last.Unsupported.Reason, "Linux 6.9")):
				t.Errorf("%+v, want an unsupported cell with %q and the kernel that has it", last, c.want)
			case c.want == "" && (last.Trial == nil || !strings.Contains(last.Trial.Error, c.failed)):
				t.Errorf("%+v, want a trial with error %q", last, c.failed)
			}
		})
	}
}

// TestPatience: a worker may be silent as long as its job makes it.
func TestPatience(t *testing.T) {
	for _, c := range []struct {
		name      string
		limits    Limits
		footprint int64
		least     time.Duration
	}{
		{"short", Limits{}, Hot, 0},
		{"long trial", Limits{Length: time.Minute}, Hot, time.Minute},
		{"long warm-up", Limits{Warmup: time.Minute, Length: time.Minute}, Hot, 2 * time.Minute},
		{"large arena", Limits{}, 10e9, 50 * time.Second},
		{"no such arena", Limits{}, math.MaxInt64, time.Minute},
	} {
		j := job{Limits: c.limits, Cells: []results.Cell{{Flows: 1, Footprint: c.footprint}}}
		if got := j.patience(); got < c.least+patience {
			t.Errorf("%s: patient for %v, want %v or more", c.name, got, c.least+patience)
		}
	}
}
