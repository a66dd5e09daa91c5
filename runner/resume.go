//go:build linux

package runner

import (
	"errors"
	"fmt"
	"iter"
	"slices"

	"sendbench/runner/results"
)

// A resumed run goes on where the record stops.

// roundKey names a round within a run.
type roundKey struct {
	profile string
	round   int
}

// pickUp takes over what a record has, less rounds that an interruption cut.
func (r *run) pickUp(rec *results.Record) {
	r.record.Run, r.record.Unsupported = rec.Run, rec.Unsupported
	r.record.Trials, r.done = whole(rec, legs(rec.Run.Plan, rec.Run.Seed, r.unsupported()))
	if rec.Run.Plan.Precision == 0 {
		return
	}
	r.precision = newPrecision(rec.Run.Plan, rec.Run.Seed, r.unsupported())
	for _, t := range r.record.Trials {
		r.precision.add(t)
	}
}

// Finished tells whether a record leaves nothing to go on with: it is complete,
// and where a precision was asked for that is reached, or the last look taken.
func Finished(rec *results.Record) bool {
	if rec.End == nil || rec.End.Status != results.StatusComplete {
		return false
	}
	if rec.Run.Plan.Precision == 0 {
		return true
	}
	r := newRun(Options{})
	r.pickUp(rec)
	_, more := r.precision.next()
	return !more
}

// whole returns the trials of all rounds of a record that are complete, and
// which rounds those are. Of the rest, of a round that an interruption cut, some
// lines may be there; they are no use, since ratios are taken inside a round. The
// rounds are those that the record itself planned, less what it says can't be
// measured: what a later look at the machine shows has no say in them. Beyond
// these, where a precision was asked for, each group has rounds of its own.
//
// A record may be anybody's, and plan more rounds than there is memory for: what
// is held in mind here is no more than its trials.
func whole(rec *results.Record, planned iter.Seq[leg]) (trials []results.Trial, done map[roundKey]bool) {
	type place struct {
		cell  results.Cell
		round int
	}
	have := map[place]bool{}
	for _, t := range rec.Trials {
		have[place{t.Cell, t.Round}] = true
	}
	all := func(cells []results.Cell, round int) bool {
		return !slices.ContainsFunc(cells, func(c results.Cell) bool { return !have[place{c, round}] })
	}
	done = map[roundKey]bool{}
	groups := map[results.Cell][]results.Cell{}
	for l := range planned {
		for round := l.first; round < l.end; round++ {
			if all(l.cells, round) {
				done[roundKey{l.profile, round}] = true
			}
		}
		if l.first == 0 {
			for _, c := range l.cells {
				groups[c.Group()] = append(groups[c.Group()], c)
			}
		}
	}
	plan := rec.Run.Plan
	ends := map[results.Cell]int{} // by group: the number of its rounds
	if plan.Precision > 0 {
		for g, cells := range groups {
			n := plan.Rounds
			for all(cells, n) {
				n++
			}
			ends[g] = n
		}
	}
	for _, t := range rec.Trials {
		if done[roundKey{t.Cell.NIC, t.Round}] || t.Round >= plan.Rounds && t.Round < ends[t.Cell.Group()] {
			trials = append(trials, t)
		}
	}
	return trials, done
}

// sameMachine returns an error if a record was made on another machine, kernel
// or build than now, or by a user with other rights: its trials and new ones
// could not be compared.
func sameMachine(old, now results.Environment) error {
	for _, f := range []struct {
		what     string
		old, now any
	}{
		{"machine", old.MachineKey, now.MachineKey},
		{"CPU", old.CPUModel, now.CPUModel},
		{"number of CPUs", old.CPUs, now.CPUs},
		{"kernel", old.KernelFull, now.KernelFull},
		{"build of sendbench", old.Build, now.Build},
		{"privileges", old.Privileges, now.Privileges},
		{"locked-memory limit", old.MemlockBytes, now.MemlockBytes},
	} {
		if f.old != f.now {
			return fmt.Errorf("the record was made with another %s (%v, now %v); leave out --resume to start anew", f.what, f.old, f.now)
		}
	}
	return nil
}

// sameCongestion returns an error if a record's TCP ran with another congestion control
// than there is now. A record from before it was looked at has none.
func sameCongestion(old, now string) error {
	if old == "" || old == now {
		return nil
	}
	return fmt.Errorf("the record was made with the congestion control %s, and now it is %s (net.ipv4.tcp_congestion_control); set it back, or leave out --resume to start anew", old, now)
}

// Salvage reads a record to go on with: one whose last line is cut off is as good
// as one that ends with the line before.
func Salvage(path string) (*results.Record, error) {
	rec, err := results.ReadFile(path)
	var format *results.FormatError
	if errors.As(err, &format) && format.Truncated {
		return rec, nil
	}
	return rec, err
}

// lost is the error of a record that can't be gone on with, since cells of its
// rounds, which could be measured when it was begun, can't be any more.
func lost(path string, now []results.Unsupported) error {
	c := now[0].Cell
	more := ""
	if len(now) > 1 {
		more = fmt.Sprintf(" and %d other cells", len(now)-1)
	}
	return fmt.Errorf("%s: %s at %d bytes under profile %s%s could be measured when the record was begun and can't be now: %s; make that possible again, or leave out --resume to start anew",
		path, c.Strategy, c.Size, c.NIC, more, now[0].Reason)
}
