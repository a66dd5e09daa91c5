//go:build linux

package runner

import "sendbench/runner/results"

// visit gathers the trials of one round as its worker makes them, and passes them
// on. The last one is kept back until the worker has closed all that it had open:
// if that fails, a trial is left to tell of it.
type visit struct {
	round  Round
	remark string // a warning for every row, "" for none
	write  func(results.Trial) error
	held   *results.Trial
	heard  map[results.Cell]bool
	err    error // from write
}

func newVisit(round Round, remark string, write func(results.Trial) error) *visit {
	return &visit{round: round, remark: remark, write: write, heard: map[results.Cell]bool{}}
}

// add takes a trial. Its error is the one from writing.
func (v *visit) add(t results.Trial) error {
	if v.held != nil {
		v.pass(*v.held)
	}
	v.held = &t
	return v.err
}

// fail takes the place of a trial that couldn't be made.
func (v *visit) fail(c results.Cell, why string) error {
	return v.add(results.Trial{Round: v.round.Round, SuperRound: v.round.SuperRound, Cell: c, Error: why})
}

// end closes the round. What the worker didn't live to measure, or to end well,
// becomes invalid trials with the reason: a failed round, not a lost run.
func (v *visit) end(err error) error {
	if err == nil {
		if v.held != nil {
			v.pass(*v.held)
		}
		return v.err
	}
	v.held = nil
	for _, c := range v.round.Cells {
		if !v.heard[c] {
			_ = v.fail(c, err.Error()) // the same as below
		}
	}
	return v.end(nil)
}

func (v *visit) pass(t results.Trial) {
	v.heard[t.Cell] = true
	if v.remark != "" {
		t.Warnings = append(t.Warnings, v.remark)
	}
	if v.err == nil {
		v.err = v.write(t)
	}
}
