//go:build linux

package runner

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"sendbench/runner/link"
	"sendbench/runner/results"
)

// workerEnv marks a process as a worker. It is set in the environment rather
// than on the command line so that a test binary can be one too.
const workerEnv = "SENDBENCH_WORKER"

// IsWorker tells whether this process was started to run one round. Its main
// function has then nothing to do but Serve.
func IsWorker() bool { return os.Getenv(workerEnv) != "" }

// job is what a worker is to do under a profile that is applied: send a probe, and
// visit cells in order. It comes as one JSON value on its standard input, which
// stays open as long as its controller lives.
type job struct {
	Link    link.Spec
	Profile string
	Proto   string // of the probe
	Cells   []results.Cell
	Limits  Limits
	Round   int
	Super   int
	// Survey is the look at every cell before the run, for what can't be
	// measured here. In a round that a cell fails is a failed trial.
	Survey bool
}

// reply is one line that a worker writes to its standard output.
type reply struct {
	Trial       *results.Trial       `json:",omitempty"`
	Unsupported *results.Unsupported `json:",omitempty"`
	Probe       *probed              `json:",omitempty"` // first of all
	Done        bool                 `json:",omitempty"` // last of all
	Error       string               `json:",omitempty"` // nothing more could be done
	Gone        *gone                `json:",omitempty"` // and it is for this
}

// gone is a *link.GoneError on its way to the controller.
type gone struct{ To, Why string }

func (g gone) error() error { return &link.GoneError{To: g.To, Err: errors.New(g.Why)} }

// Serve runs the round that comes on standard input and returns the exit code.
func Serve() int {
	// A round allocates a few megabytes, which is not worth a collection at all.
	debug.SetGCPercent(-1)
	in := bufio.NewReader(os.Stdin)
	var j job
	if err := json.NewDecoder(in).Decode(&j); err != nil {
		fmt.Fprintln(os.Stderr, "sendbench worker: no job on standard input:", err)
		return 1
	}
	go func() {
		// The end of standard input is the end of the controller.
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	out := json.NewEncoder(os.Stdout)
	err := j.run(func(r reply) error { return out.Encode(r) })
	if err == nil {
		return 0
	}
	last := reply{Error: err.Error()}
	if missing := (*link.GoneError)(nil); errors.As(err, &missing) {
		last.Gone = &gone{missing.To, missing.Err.Error()}
	}
	_ = out.Encode(last)
	return 1
}

// run does the job. All is closed before it says so: its controller listens no
// longer then, and ends the process.
func (j job) run(write func(reply) error) error {
	if err := j.visit(write); err != nil {
		return err
	}
	return write(reply{Done: true})
}

func (j job) visit(write func(reply) error) (err error) {
	l, err := link.Attach(j.Link)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	rig, err := newRigOf(l, j.sizes())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rig.Close()) }()
	p, err := rig.Probe(j.Profile, j.Proto)
	if gone := l.Err(); gone != nil {
		return gone
	}
	if err != nil {
		return err
	}
	if err := write(reply{Probe: &p}); err != nil {
		return err
	}
	for _, c := range j.Cells {
		r, err := j.trial(rig, c)
		if gone := l.Err(); gone != nil {
			return gone // and the trial is cut
		}
		if err != nil {
			return err
		}
		if err := write(r); err != nil {
			return err
		}
	}
	return nil
}

func (j job) trial(rig *Rig, c results.Cell) (reply, error) {
	t, err := rig.Trial(c, j.Limits)
	if err == nil && t.Error != "" && j.Survey {
		if err = rig.segmentsTaken(c); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			return reply{}, err
		}
	}
	if err != nil {
		return reply{Unsupported: &results.Unsupported{Cell: c, Reason: err.Error()}}, nil
	}
	t.Round, t.SuperRound = j.Round, j.Super
	return reply{Trial: &t}, nil
}

// sizes are those of the memory that holds the buffers of all cells.
func (j job) sizes() (s sizes) {
	for _, c := range j.Cells {
		s.fit(c)
	}
	return s
}
