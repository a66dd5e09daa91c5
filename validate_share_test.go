//go:build linux

package main

import (
	"errors"
	"fmt"
	"math"
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

// shareRow is a way of sending at a size, in every round.
type shareRow struct {
	cell     results.Cell
	lends    bool
	account  []float64 // CPU time of the harness a message over all of it
	rest     []float64 // the process's CPU time beside the sender's over all of it
	messages []float64 // CPU time a message, ns
}

// share measures what of a trial's CPU time is the harness's own.
func (v *validation) share() chapter {
	c := chapter{
		Title: "The harness's own share",
		Intro: "What a trial's CPU time has in it that isn't sending. *Account* is the CPU time a message of the same pump over the same buffers\n" +
			"with a sender that calls nothing, beside that of the real one in the same round: the walk through the buffers, the marks of\n" +
			"steadiness, each message's loan, release and place in the histogram of times, and all readings of the clock. What a program that\n" +
			"sends does anyway is not in it: writing the payload (here a stamp), the system calls, reading completions. *Rest* is what the process\n" +
			"takes beside the sending thread and its kernel threads: Go's runtime, and reading the counters around the trial.",
	}
	rows := v.shareRows()
	account := map[bool]map[int]float64{}
	for range max(2, v.effort.pairs/2) {
		rig, err := runner.NewRigOn(v.link, v.memory.bytes)
		if err != nil {
			v.t.Fatal(err)
		}
		for _, lends := range []bool{false, true} {
			account[lends] = map[int]float64{}
			for _, size := range shareSizes {
				if account[lends][size], err = v.idle(size, lends); err != nil {
					v.t.Fatal(err)
				}
			}
		}
		for _, i := range v.order.Perm(len(rows)) {
			v.shareTrial(rig, rows[i], account[rows[i].lends][rows[i].cell.Size])
		}
		if err := rig.Close(); err != nil {
			v.t.Fatal(err)
		}
	}
	t := figures{Head: []string{"", "size", "CPU ns a message", "account, ns", "account", "rest", "together", "reached"}}
	within, worst, where := 0, 0.0, ""
	for _, row := range rows {
		if len(row.account) == 0 {
			continue // can't be measured here
		}
		of := func(samples []float64) float64 { return results.MedianInterval(samples).Center }
		all := of(row.account) + of(row.rest)
		within += one(all < shareMost)
		if all > worst {
			worst, where = all, fmt.Sprintf("%s of %d bytes", row.cell.Strategy, row.cell.Size)
		}
		t.add(row.cell.Strategy, row.cell.Size, fmt.Sprintf("%.0f", of(row.messages)), fmt.Sprintf("%.1f", of(row.account)*of(row.messages)),
			percent(of(row.account)), percent(of(row.rest)), percent(all), reachedIf(all < shareMost))
	}
	c.Tables = []figures{t}
	c.Claims = []claim{{
		Asked:    "the harness's own share of the CPU time in a trial is under 2 %",
		Measured: fmt.Sprintf("%d of %d rows; the most is %s, of %s", within, len(t.Rows), percent(worst), where),
		Reached:  v.ifLong(within == len(t.Rows)),
	}}
	return c
}

// shareRows are all ways of sending at all sizes.
func (v *validation) shareRows() (rows []*shareRow) {
	for _, name := range v.shipped() {
		for _, size := range shareSizes {
			rows = append(rows, &shareRow{
				cell: v.cell(&comparison{Name: name, Size: size}),
				// These two have sent a message when their call returns.
				lends: name != "write" && name != "sendmmsg",
			})
		}
	}
	return rows
}

func (v *validation) shareTrial(rig *runner.Rig, row *shareRow, account float64) {
	t, err := v.goTrial(rig, row.cell)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return
	case err != nil:
		v.t.Fatal(err)
	case !t.Valid():
		v.t.Errorf("%s of %d bytes: %s", row.cell.Strategy, row.cell.Size, t.Error)
		return
	}
	sender, process := t.CPUThreadNS+t.CPUHelperNS, t.CPUProcessNS
	row.messages = append(row.messages, t.CPUPerMessage())
	row.account = append(row.account, account/t.CPUPerMessage())
	row.rest = append(row.rest, math.Max(0, float64(process-sender))/float64(process))
}
