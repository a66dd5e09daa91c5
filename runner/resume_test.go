//go:build linux

package runner

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sendbench/runner/nic"
	"sendbench/runner/results"
)

// begun makes a record of a run under the default profile, of which change alters
// what is to be altered, as if it had been killed after some trials.
func begun(t *testing.T, trials int, change func(*results.Cell)) (path string) {
	t.Helper()
	o := short(t)
	o.Sweep.Profiles = []nic.Profile{profile(t, "default")}
	if err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	rec := read(t, o.Out)
	rec.End, rec.Trials = nil, rec.Trials[:trials]
	for i := range rec.Run.Plan.Cells {
		change(&rec.Run.Plan.Cells[i])
	}
	for i := range rec.Trials {
		change(&rec.Trials[i].Cell)
	}
	var b bytes.Buffer
	if err := results.Write(&b, rec); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.Out, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return o.Out
}

// TestResumeKeepsWhatIsLost: a cell that could be measured and can't any more ends
// the resumed run, and not the rounds that are there.
func TestResumeKeepsWhatIsLost(t *testing.T) {
	path := begun(t, 2*6, func(c *results.Cell) {
		if c.Strategy == "sendmmsg" && c.Size == 16384 {
			c.Segment = 100 // 164 segments, which no kernel takes
		}
	})
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	err = Resume(context.Background(), Options{Out: path})
	const want = "sendmmsg at 16384 bytes under profile default could be measured when the record was begun and can't be now: "
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("the resumed run ended with %v, want one line with %q", err, want)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the record changed, from %d to %d bytes (%v)", len(before), len(after), err)
	}
}

// plantTrial is the trial of a cell in a round, always the same: write is steady,
// and the ratio of the others is known the worse the larger the message.
func plantTrial(c results.Cell, round Round) results.Trial {
	h := fnv.New64a()
	fmt.Fprint(h, c, round.Round)
	log := 0.0
	if c.Strategy != "write" {
		log = 0.01 * float64(c.Size) * rand.New(rand.NewPCG(h.Sum64(), 1)).NormFloat64()
	}
	return results.Trial{Cell: c, Round: round.Round, SuperRound: round.SuperRound,
		ElapsedNS: 1e9, Messages: 1e6, Bytes: int64(1e9 * math.Exp(log))}
}

// TestPrecisionResumesAlike: wherever a run is interrupted, within a round as well,
// in the end each group has the rounds that it would have had.
func TestPrecisionResumesAlike(t *testing.T) {
	plan := plant(0.03, []int{1, 2, 3, 4, 5}, "default", "mtu=9000")
	// measure goes on with a record up to a number of trials.
	measure := func(rec *results.Record, trials int) {
		r := newRun(Options{})
		r.pickUp(rec)
		rec.Trials = r.record.Trials
		todo := r.schedule()
		for round := range todo.rounds() {
			for _, c := range round.Cells {
				if len(rec.Trials) == trials {
					return
				}
				trial := plantTrial(c, round)
				r.precision.add(trial)
				rec.Trials = append(rec.Trials, trial)
			}
			if todo.trials < len(rec.Trials) {
				t.Fatalf("%d trials of %d", len(rec.Trials), todo.trials)
			}
		}
		if todo.trials != len(rec.Trials) {
			t.Fatalf("%d trials at the end of %d", len(rec.Trials), todo.trials)
		}
		rec.End = &results.End{Status: results.StatusComplete}
	}
	rounds := func(rec *results.Record) map[string]int {
		n := map[string]int{}
		for _, trial := range rec.Trials {
			n[fmt.Sprintf("%s, %d bytes, %s, again %v", trial.Cell.NIC, trial.Cell.Size, trial.Cell.Strategy, trial.Cell.AA)]++
		}
		return n
	}
	begin := func() *results.Record { return &results.Record{Run: results.Run{Seed: 3, Plan: plan}} }

	straight := begin()
	measure(straight, math.MaxInt)
	want := rounds(straight)
	if len(want) != len(plan.Cells) || len(straight.Trials) <= len(plan.Cells)*MinRounds {
		t.Fatalf("%d trials of %d cells, none beyond the least", len(straight.Trials), len(want))
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		rec := begin()
		for rec.End == nil {
			measure(rec, len(rec.Trials)+10+r.IntN(len(straight.Trials)/2))
			if rec.End == nil && Finished(rec) {
				t.Fatal("an interrupted run is finished")
			}
		}
		if diff := cmp.Diff(want, rounds(rec)); diff != "" {
			t.Fatalf("trials by cell (-straight +interrupted):\n%s", diff)
		}
		if !Finished(rec) {
			t.Fatal("the run isn't finished")
		}
	}
}

// TestFinished: a complete record of a run with a precision to reach isn't finished
// before its groups are narrow.
func TestFinished(t *testing.T) {
	plan := plant(0.03, []int{1, 5}, "default")
	rec := &results.Record{Run: results.Run{Seed: 3, Plan: plan}}
	for round := range Rounds(plan, 3, nil) {
		for _, c := range round.Cells {
			rec.Trials = append(rec.Trials, plantTrial(c, round))
		}
	}
	for _, c := range []struct {
		name      string
		precision float64
		end       *results.End
		want      bool
	}{
		{"killed", 0, nil, false},
		{"interrupted", 0, &results.End{Status: results.StatusInterrupted}, false},
		{"complete", 0, &results.End{Status: results.StatusComplete}, true},
		{"coarse", 0.5, &results.End{Status: results.StatusComplete}, true},
		{"fine", 0.001, &results.End{Status: results.StatusComplete}, false},
	} {
		rec.Run.Plan.Precision, rec.End = c.precision, c.end
		if got := Finished(rec); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	rec.Run.Plan.Looks = rec.Run.Plan.Looks[:1]
	if !Finished(rec) {
		t.Error("the last look is taken, but the run isn't finished")
	}
}

// TestFinishedOfMany: a record that plans, or looks at, more rounds than there is
// memory for is judged by what it has.
func TestFinishedOfMany(t *testing.T) {
	cell := results.Cell{NIC: "default", Strategy: "write"}
	plan := results.Plan{Baseline: "write", Profiles: []string{"default"}, Rounds: 1 << 15, SuperRounds: 1 << 15}
	for size := range 2000 {
		cell.Size = size
		plan.Cells = append(plan.Cells, cell)
	}
	rec := &results.Record{Run: results.Run{Plan: plan}, End: &results.End{Status: results.StatusComplete}}
	for _, c := range []struct {
		name      string
		precision float64
		rounds    int
		looks     []int
		want      bool
	}{
		{"planned", 0, 1 << 15, nil, true},
		{"planned, with a precision", 0.03, 1 << 15, []int{1 << 15}, true}, // each group is its baseline alone
		{"looked at", 0.03, 1, []int{1, 1 << 15}, false},
	} {
		rec.Run.Plan.Precision, rec.Run.Plan.Rounds, rec.Run.Plan.Looks = c.precision, c.rounds, c.looks
		if c.name == "looked at" { // in one group
			for i := range rec.Run.Plan.Cells {
				rec.Run.Plan.Cells[i].Size, rec.Run.Plan.Cells[i].Strategy = 64, fmt.Sprint("way", i)
			}
			rec.Run.Plan.Cells[0].Strategy = "write"
		}
		before := allocated()
		if got := Finished(rec); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if most := uint64(64 << 20); allocated()-before > most {
			t.Errorf("%s: it took %d MiB, want %d at most", c.name, (allocated()-before)>>20, most>>20)
		}
	}
}

// allocated is how many bytes have been allocated so far, those given back included.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
