//go:build linux

package main

import (
	"fmt"
	"time"

	"sendbench/runner"
	"sendbench/runner/link"
	"sendbench/runner/results"
	"sendbench/strategies"
	"sendbench/uringzc"
)

// sidesAgree is what the rate of a way of sending is to be in Go beside C: the two
// aren't told apart by more than so much.
var sidesAgree = goal{Least: 0.97, Most: 1.03, Touched: true}

// paired measures a section that compares with C. Every comparison is of pairs: the
// two sides are measured one right after the other, in an order that is drawn, on the
// same CPU, from the same memory. Each round has fresh sockets and rings, in a twin
// that is started anew.
func (v *validation) paired(measure func() section) chapter {
	if v.noTwin != nil {
		return chapter{Title: "Go beside C", Missing: v.noTwin.Error()}
	}
	s := measure()
	for _, c := range s.Rows {
		for _, err := range c.Errors {
			v.t.Errorf("%s, %v: %v", s.Title, c, err)
		}
	}
	return s.chapter()
}

// strategies compares the ways of sending that both sides have.
func (v *validation) strategies() section {
	s := section{
		Title: "Go beside C: ways of sending",
		Intro: fmt.Sprintf("Payload rate on the link `sink`, UDP, segment %d, footprint 1 MiB, each message stamped, batch %d; %d pairs of trials\n"+
			"of %v after %v of warm-up.\n\n"+
			"Both sides do the same work by the same clock: the same socket options, ring flags, batches, window and walk through the same\n"+
			"pages; a stamp written into each message when it is passed on; of each message the time it was lent and released, and a histogram\n"+
			"of those; the clock stops when every buffer is back. What is left between them is language and runtime. CPU time is what a record\n"+
			"has on the side of Go, user and system time by getrusage(2) on the side of C.",
			v.segment(), runner.DefaultBatch, v.effort.pairs, runner.DefaultTrial, runner.DefaultWarmup),
		Left: "Go", Right: "C", Unit: gbits, CPU: true,
	}
	for _, size := range []int{1400, 64000} {
		for _, strategy := range twinStrategies {
			s.Rows = append(s.Rows, &comparison{Name: strategy, Size: size, Goal: sidesAgree})
		}
	}
	for range v.effort.pairs {
		rig, err := runner.NewRigOn(v.link, v.memory.bytes)
		if err != nil {
			v.t.Fatal(err)
		}
		tw := v.start(v.segment(), v.ringFlags)
		for _, i := range v.order.Perm(len(s.Rows)) {
			c := s.Rows[i]
			c.pair(v.order, func() (results.Trial, error) { return v.goTrial(rig, v.cell(c)) }, func() (results.Trial, error) { return v.twinTrial(tw, c) })
		}
		v.stop(tw)
		if err := rig.Close(); err != nil {
			v.t.Fatal(err)
		}
	}
	v.ways = &s
	return s
}

// segment is the UDP_SEGMENT that fits the link's MTU.
func (v *validation) segment() int {
	mtu, err := v.link.MTU()
	if err != nil {
		v.t.Fatal(err)
	}
	return link.AutoSegment(v.link.Family(), mtu)
}

// start starts a twin for a round.
func (v *validation) start(segment int, flags uringzc.SetupFlags) *twin {
	tw, err := startTwin(v.t.Context(), v.link, twinOptions{
		Program: v.program, CPU: v.cpu, Memory: v.memory, RingFlags: uint32(flags), Segment: segment,
	})
	if err != nil {
		v.t.Fatal(err)
	}
	return tw
}

// stop ends a round's twin.
func (v *validation) stop(tw *twin) {
	if err := tw.close(); err != nil {
		v.t.Fatal(err)
	}
}

// cell is where the runner measures what a comparison is about.
func (v *validation) cell(c *comparison) results.Cell {
	return results.Cell{
		Link: v.link.Name(), Proto: "udp", Family: v.link.Family(), Connected: true, NIC: results.ProfileDefault, Flows: 1,
		Footprint: runner.Hot, Fill: results.FillStamp, Segment: v.segment(), Size: c.Size, Batch: runner.DefaultBatch, Strategy: c.Name,
	}
}

func (v *validation) goTrial(rig *runner.Rig, cell results.Cell) (results.Trial, error) {
	trial, err := rig.Trial(cell, runner.Limits{Warmup: runner.DefaultWarmup, Length: runner.DefaultTrial})
	if err == nil && trial.Copied != 0 {
		trial.Error = fmt.Sprintf("the kernel copied %d messages of %d", trial.Copied, trial.Messages)
	}
	return trial, err
}

// twinTrial is a trial of the twin's, warm-up first, that is checked like the
// runner's: what the far end counted against what the twin did.
func (v *validation) twinTrial(tw *twin, c *comparison) (results.Trial, error) {
	cell := v.cell(c)
	before, err := v.link.Wire()
	if err != nil {
		return results.Trial{}, err
	}
	job := twinJob{Strategy: c.Name, Size: c.Size, Batch: runner.DefaultBatch, Length: runner.DefaultWarmup}
	warm, err := tw.send(job)
	if err != nil {
		return results.Trial{}, err
	}
	job.Length = runner.DefaultTrial
	a, err := tw.send(job)
	if err != nil {
		return results.Trial{}, err
	}
	a.Cell = cell
	if err := v.accounted(a, cell); err != nil {
		a.Error = err.Error()
	} else if err := v.arrived(before, cell, warm.Messages+a.Messages); err != nil {
		a.Error = err.Error()
	}
	return a.Trial, nil
}

// accounted checks what the twin says of itself.
func (v *validation) accounted(a answer, cell results.Cell) error {
	strategy, err := strategies.Lookup(cell.Strategy)
	if err != nil {
		return err
	}
	notifications := int64(0)
	if strategy.ZeroCopy {
		notifications = a.Messages
	}
	switch {
	case a.Bytes != a.Messages*int64(cell.Size):
		return fmt.Errorf("the kernel accepted %d bytes in %d messages of %d", a.Bytes, a.Messages, cell.Size)
	case a.Notifications != notifications || a.Copied != 0:
		return fmt.Errorf("%d messages, %d notifications, %d copied", a.Messages, a.Notifications, a.Copied)
	case a.RingFlags != 0 && a.RingFlags != uint32(v.ringFlags):
		return fmt.Errorf("the ring has flags %v, Go's has %v", uringzc.SetupFlags(a.RingFlags), v.ringFlags)
	case a.EffectiveBatch != strategies.EffectiveBatch(cell.Batch, cell.Size, cell.Footprint):
		return fmt.Errorf("the batch is %d, Go's is %d", a.EffectiveBatch, strategies.EffectiveBatch(cell.Batch, cell.Size, cell.Footprint))
	}
	return nil
}

// arrived checks that the far end has counted what some messages come to.
func (v *validation) arrived(before link.Wire, cell results.Cell, messages int64) error {
	path, err := v.link.Path()
	if err != nil {
		return err
	}
	one, err := link.Expected(path, cell.Size, cell.Segment)
	if err != nil {
		return err
	}
	want, got := one.Mul(messages), link.Wire{}
	for start := time.Now(); got.Frames < want.Frames && time.Since(start) < time.Second; {
		now, err := v.link.Wire()
		if err != nil {
			return err
		}
		got = now.Sub(before)
	}
	if got != want {
		return fmt.Errorf("the far end counted %d frames, %d bytes; %d messages make %d frames, %d bytes",
			got.Frames, got.Bytes, messages, want.Frames, want.Bytes)
	}
	return nil
}
