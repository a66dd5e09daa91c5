//go:build linux

package runner

import (
	"time"

	"sendbench/runner/link"
)

// Options are how a run goes about its sweep.
type Options struct {
	Sweep Sweep
	// Rounds of each cell; 0 for MinRounds, or what the correction of the sweep's
	// comparisons takes.
	Rounds int
	// Precision is the relative half-width that the interval of every ratio is to
	// reach, as a part of 1 (results.Interval.RelativeHalfWidth): cells get rounds
	// beyond those above until it does or the budget is spent. 0 for none.
	Precision float64
	// Trial is the length of one; 0 for DefaultTrial or what the budget allows.
	Trial  time.Duration
	Warmup time.Duration
	// Budget bounds the measuring, from the first trial to the last.
	Budget time.Duration
	Seed   uint64
	Out    string // the record's file
	// Remote is the other host, with link.NIC.
	Remote *link.Remote
	Commit string // the build's, where its maker knows it
	// FellBack says why this link is used and not the one asked for.
	FellBack string
	// Warnings are what the user has going on beside the measuring, for the record.
	Warnings []string
	// Progress, where not nil, hears of every trial done.
	Progress func(done, total int)
	// Remark, where not nil, is told in a line what is not as it was asked for.
	Remark func(line string)
}

// UsageError is a mistake in what was asked for, as against what the machine
// can't do.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }
