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

// job is what a worker is to do: visit cells in order. It comes as one JSON value
// on its standard input, which stays open as long as its controller lives.
type job struct {
	Link   link.Spec
	Cells  []results.Cell
	Limits Limits
	Round  int
	Super  int
	Label  string // a warning for every row
}

// reply is one line that a worker writes to its standard output.
type reply struct {
	Trial       *results.Trial       `json:",omitempty"`
	Unsupported *results.Unsupported `json:",omitempty"`
	Probe       *probed              `json:",omitempty"` // first of all
	Done        bool                 `json:",omitempty"`
	Error       string               `json:",omitempty"` // nothing more could be done
}

// Serve runs the round that comes on standard input and returns the exit code.
func Serve() int {
	// The hot loop allocates nothing; what little the rest does is not worth a
	// collection in the middle of a trial.
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
	if err := j.run(func(r reply) error { return out.Encode(r) }); err != nil {
		_ = out.Encode(reply{Error: err.Error()})
		return 1
	}
	return 0
}

func (j job) run(write func(reply) error) (err error) {
	l, err := link.Attach(j.Link)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	rig, err := NewRig(l, largest(j.Cells))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rig.Close()) }()
	p, err := rig.Probe(j.Cells[0].NIC)
	if err != nil {
		return err
	}
	if err := write(reply{Probe: &p}); err != nil {
		return err
	}
	for _, c := range j.Cells {
		t, err := rig.Trial(c, j.Limits)
		var r reply
		if err != nil {
			r.Unsupported = &results.Unsupported{Cell: c, Reason: err.Error()}
		} else {
			t.Round, t.SuperRound = j.Round, j.Super
			if j.Label != "" {
				t.Warnings = append(t.Warnings, j.Label)
			}
			r.Trial = &t
		}
		if err := write(r); err != nil {
			return err
		}
	}
	return write(reply{Done: true})
}

// largest is the footprint in bytes that holds those of all cells.
func largest(cells []results.Cell) (size int64) {
	for _, c := range cells {
		size = max(size, c.Footprint)
	}
	return size
}
