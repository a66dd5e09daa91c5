//go:build linux

package main

import (
	"errors"
	"fmt"
	"time"

	"sendbench/runner"
	"sendbench/runner/meter"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// idleSender does all that a sender of the harness does except send: it keeps account
// of every message, reads the clocks, and calls nothing. A harness that cost nothing
// would get through it in no time.
type idleSender struct {
	b     *strategies.Buffers
	lends bool // as those do that hear of a release later; others note a batch's time
	sent  int64
}

func (s *idleSender) Begin(b *strategies.Buffers, _ *strategies.Tally) error {
	s.b = b
	return nil
}

func (s *idleSender) Send(first uint64, n int) error {
	since := strategies.Now()
	s.sent += int64(n)
	if !s.lends {
		s.b.Returned(n, since, strategies.Now())
		return nil
	}
	s.b.Lend(first, n, since)
	now := strategies.Now()
	for seq := first; seq < first+uint64(n); seq++ {
		if err := s.b.Release(seq, now); err != nil {
			return err
		}
	}
	return nil
}

func (s *idleSender) Reap(time.Duration) error { return nil }
func (s *idleSender) Close() error             { return nil }

// idle is the CPU time in ns a message that a trial takes without sending.
func (v *validation) idle(size int, lends bool) (nsPerMessage float64, err error) {
	b, err := strategies.NewBuffers(v.memory.bytes, size, runner.DefaultBatch, 0, nil)
	if err != nil {
		return 0, err
	}
	s := &idleSender{lends: lends}
	if err := s.Begin(b, nil); err != nil {
		return 0, err
	}
	pump := strategies.Pump{Sender: s, Buffers: b}
	before := meter.ThreadCPU()
	if err := pump.Run(runner.DefaultTrial/5, 0); err != nil {
		return 0, err
	}
	return float64(meter.ThreadCPU()-before) / float64(s.sent), nil
}

// shareMost is the part of a trial's CPU time that the harness may take for itself.
const shareMost = 0.02

var shareSizes = []int{64, 256, 1400, 4096, 16384, 64000}

// share measures what of a trial's CPU time is the harness's own.
func (v *validation) share() chapter {
	rounds, trial := runner.MinRounds, time.Duration(runner.DefaultTrial)
	if v.effort.short {
		rounds, trial = 2, v.effort.trial
	}
	c := chapter{
		Title: "The harness's own share",
		Intro: fmt.Sprintf("What a trial's CPU time has in it that isn't sending, in a run of %d rounds with trials of %v. *Account* is the CPU time a message\n"+
			"of the same pump over the same buffers with a sender that calls nothing, beside that of the real one: the walk through the buffers,\n"+
			"the marks of steadiness, each message's loan, release and place in the histogram of times, and all readings of the clock for that. What\n"+
			"a program that sends does anyway is not in it: writing the payload (here a stamp), the system calls, reading completions. *Rest* is what\n"+
			"the process takes beside the sending thread and its kernel threads: Go's runtime, and reading the counters around the trial.", rounds, trial),
	}
	account, err := v.accounts(rounds)
	if err != nil {
		v.t.Fatal(err)
	}
	rec := v.run("share", runner.Sweep{
		Strategies: v.shipped(), Sizes: shareSizes, Footprints: []int64{runner.Hot}, Fills: []string{results.FillStamp}, Profiles: v.onDefault(),
	}, runner.Options{Rounds: rounds, Trial: trial, Warmup: v.effort.warmup})
	t := figures{Head: []string{"", "size", "CPU ns a message", "account, ns", "account", "rest", "together", "reached"}}
	var sender, process shareTally
	spent := map[results.Cell]shareSum{}
	for _, t := range rec.Trials {
		sum := spent[t.Cell]
		sum.add(t)
		spent[t.Cell] = sum
	}
	for _, cell := range rec.Run.Plan.Cells {
		sum := spent[cell]
		if cell.AA || sum.process == 0 {
			continue // measured already, or can't be measured here
		}
		// These two have sent a message when their call returns.
		lends := cell.Strategy != "write" && cell.Strategy != "sendmmsg"
		ns, message := account[lends][cell.Size], float64(sum.sender)/float64(sum.messages)
		own, rest := ns/message, float64(sum.process-sum.sender)/float64(sum.process)
		name := fmt.Sprintf("%s of %d bytes", cell.Strategy, cell.Size)
		sender.add(name, own)
		process.add(name, own+rest)
		t.add(cell.Strategy, cell.Size, fmt.Sprintf("%.0f", message), fmt.Sprintf("%.1f", ns), percent(own), percent(rest), percent(own+rest), reachedIf(own+rest < shareMost))
	}
	c.Tables = []figures{t}
	c.Claims = []claim{
		{
			Asked:    "the harness's own share of the CPU time of the sending thread, which is what CPU time a byte counts, is under 2 %",
			Measured: sender.String(), Reached: v.ifLong(sender.within == sender.rows),
		},
		{
			Asked:    "its share of the CPU time of the process in a trial is under 2 %",
			Measured: process.String(), Reached: v.ifLong(process.within == process.rows),
		},
	}
	return c
}

// shareSum is the CPU time in ns of a cell's trials, and their messages.
type shareSum struct{ sender, process, messages int64 }

func (s *shareSum) add(t results.Trial) {
	if t.Valid() {
		s.sender += t.CPUThreadNS + t.CPUHelperNS
		s.process += t.CPUProcessNS
		s.messages += t.Messages
	}
}

// accounts are the CPU times of idle, by what kind of sender it is for and size: each
// the median of some.
func (v *validation) accounts(rounds int) (account map[bool]map[int]float64, err error) {
	// A rig is what pins this thread to the CPU.
	rig, err := runner.NewRigOn(v.link, v.memory.bytes)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rig.Close()) }()
	account = map[bool]map[int]float64{false: {}, true: {}}
	for lends, of := range account {
		for _, size := range shareSizes {
			var samples []float64
			for range rounds {
				ns, err := v.idle(size, lends)
				if err != nil {
					return nil, err
				}
				samples = append(samples, ns)
			}
			of[size] = results.MedianInterval(samples).Center
		}
	}
	return account, nil
}

// shareTally counts the rows in which a share is small enough.
type shareTally struct {
	rows, within int
	most         float64
	of           string // whose that is
}

func (s *shareTally) add(name string, share float64) {
	s.rows++
	s.within += one(share < shareMost)
	if share > s.most {
		s.most, s.of = share, name
	}
}

func (s *shareTally) String() string {
	return fmt.Sprintf("%d of %d rows; the most is %s, of %s", s.within, s.rows, percent(s.most), s.of)
}
