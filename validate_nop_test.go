//go:build linux

package main

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"sendbench/runner"
	"sendbench/runner/results"
	"sendbench/uringzc"
)

// goNops makes round trips of batch NOPs each through a ring of uringzc's for a
// time, after a millisecond that isn't timed, as the twin does. It returns the
// flags that the ring was granted.
func goNops(batch int, length time.Duration) (t results.Trial, flags uringzc.SetupFlags, err error) {
	runtime.LockOSThread() // which a rig may have done already
	defer runtime.UnlockOSThread()
	ring, err := uringzc.Open(uringzc.Options{Entries: uint32(batch), CQEntries: uint32(4 * batch)})
	if err != nil {
		return t, 0, err
	}
	defer func() { err = errors.Join(err, ring.Close()) }()
	completions := make([]uringzc.Completion, batch)
	const trips = 64 // between two looks at the clock
	run := func(length time.Duration) (done int64, elapsed time.Duration, err error) {
		for start := time.Now(); elapsed < length; elapsed = time.Since(start) {
			for range trips {
				for i := range batch {
					if _, err := ring.PrepareNop(uint64(i)); err != nil {
						return done, elapsed, err
					}
				}
				if _, err := ring.SubmitAndWait(uint32(batch), time.Second); err != nil {
					return done, elapsed, err
				}
				taken := ring.Reap(completions)
				for i := range completions[:taken] {
					if completions[i].Res < 0 {
						return done, elapsed, completions[i].Err()
					}
				}
				if taken != batch {
					return done, elapsed, fmt.Errorf("%d completions, want %d", taken, batch)
				}
				done += int64(batch)
			}
		}
		return done, elapsed, nil
	}
	if _, _, err := run(time.Millisecond); err != nil {
		return t, 0, err
	}
	done, elapsed, err := run(length)
	t.Messages, t.ElapsedNS = done, int64(elapsed)
	t.Bytes = done // a NOP stands for a byte: a trial without any isn't valid
	return t, ring.Flags(), err
}

// nopGoal is what there is to be of Go's round trips to one of C's.
var nopGoal = atLeast(0.90)

// nops compares round trips through the ring that send nothing.
func (v *validation) nops() section {
	s := section{
		Title: "Go beside C: round trips through the ring",
		Intro: "IORING_OP_NOP, so many to one io_uring_enter: prepare, submit, wait, take.",
		Left:  "Go", Right: "C", Unit: millions,
	}
	for _, batch := range []int{1, 32, 128} {
		s.Rows = append(s.Rows, &comparison{Name: fmt.Sprintf("nop by %d", batch), Batch: batch, Goal: nopGoal})
	}
	for range v.effort.pairs {
		// A rig is what pins this thread to the CPU.
		rig, err := runner.NewRig(v.link, runner.Hot)
		if err != nil {
			v.t.Fatal(err)
		}
		tw := v.start(0, v.ringFlags)
		for _, i := range v.order.Perm(len(s.Rows)) {
			c := s.Rows[i]
			c.pair(v.order, func() (results.Trial, error) {
				t, _, err := goNops(c.Batch, runner.DefaultTrial)
				return t, err
			}, func() (results.Trial, error) {
				a, err := tw.nop(c.Batch, runner.DefaultTrial)
				a.Bytes = a.Messages
				return a.Trial, err
			})
		}
		v.stop(tw)
		if err := rig.Close(); err != nil {
			v.t.Fatal(err)
		}
	}
	return s
}
