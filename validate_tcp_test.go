//go:build linux

package main

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"sendbench/runner"
	"sendbench/runner/link"
	"sendbench/runner/meter"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// tcpSize is the size that TCP is compared at, in bytes.
const tcpSize = 65536

// tcpGoal is what a way of sending in Go is to reach of the same in C over TCP.
var tcpGoal = atLeast(0.97)

// tcp compares the ways of sending that both sides have over TCP, which takes a
// receiver: the kernel copies, so that this is about the work of keeping bytes in
// order.
func (v *validation) tcp() section {
	s := section{
		Title: "Go beside C: TCP",
		Intro: fmt.Sprintf("Payload rate on the link `pair`, TCP, footprint 1 MiB, each message stamped; %d pairs of trials of %v after %v of warm-up.\n"+
			"Both sides have connections with the same options to the same receiver, which has a CPU of its own, checks what comes in the warm-up\n"+
			"and discards it in the trial. They go on with short sends at the right byte, tie a batch's io_uring sends together\n"+
			"(`IOSQE_IO_LINK`, `MSG_WAITALL`), and stop the clock when every buffer is back and every byte acknowledged.",
			v.effort.tcpPairs, runner.DefaultTrial, runner.DefaultWarmup),
		Left: "Go", Right: "C", Unit: gbits, CPU: true,
	}
	for _, strategy := range twinStrategies {
		s.Rows = append(s.Rows, &comparison{Name: strategy, Size: tcpSize, Goal: tcpGoal})
	}
	l, err := link.Open(link.Pair, 4)
	if err != nil {
		v.t.Fatal(err)
	}
	cpus, err := meter.AllowedCPUs() // before a rig keeps this thread to the sender's
	if err != nil {
		v.t.Fatal(err)
	}
	for range v.effort.tcpPairs {
		v.tcpRound(l, s.Rows, meter.PickReceiverCPU(cpus, v.cpu))
	}
	if err := l.Close(); err != nil {
		v.t.Fatal(err)
	}
	return s
}

// tcpRound measures a pair of trials of each row, over fresh connections. The receiver
// is on a CPU of its own, which the rig picks for itself.
func (v *validation) tcpRound(l *link.Link, rows []*comparison, receiverCPU int) {
	rig, err := runner.NewRigOn(l, v.memory.bytes)
	if err != nil {
		v.t.Fatal(err)
	}
	tw, err := startTwin(v.t.Context(), l, twinOptions{
		Program: v.program, CPU: v.cpu, Memory: v.memory, RingFlags: uint32(v.ringFlags), Proto: results.ProtoTCP,
	})
	if err != nil {
		v.t.Fatal(err)
	}
	for _, i := range v.order.Perm(len(rows)) {
		cell := tcpCell(l, rows[i].Name)
		rows[i].pair(v.order,
			func() (results.Trial, error) {
				return rig.Trial(cell, runner.Limits{Warmup: runner.DefaultWarmup, Length: runner.DefaultTrial})
			},
			func() (results.Trial, error) { return v.twinTCPTrial(l, tw, cell, receiverCPU) })
	}
	v.stop(tw)
	if err := rig.Close(); err != nil {
		v.t.Fatal(err)
	}
}

// tcpCell is where the runner measures a row.
func tcpCell(l *link.Link, strategy string) results.Cell {
	return results.Cell{
		Link: l.Name(), Proto: results.ProtoTCP, Family: l.Family(), Connected: true, NIC: results.ProfileDefault, Flows: 1,
		Footprint: runner.Hot, Fill: results.FillStamp, Size: tcpSize, Batch: runner.DefaultBatch, Strategy: strategy,
	}
}

// twinTCPTrial is a trial of the twin's, made like the runner's: a warm-up of which all
// content is checked, then the trial itself.
func (v *validation) twinTCPTrial(l *link.Link, tw *twin, cell results.Cell, receiverCPU int) (results.Trial, error) {
	// As in the runner's: nothing is collected, and the thread that waits for the twin
	// leaves a Go processor to the receiver.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	if runtime.GOMAXPROCS(0) < 2 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	}
	job := twinJob{Strategy: cell.Strategy, Size: cell.Size, Batch: cell.Batch, Length: runner.DefaultWarmup, Hold: true}
	o := link.ListenOptions{
		Proto: cell.Proto, Size: cell.Size, CPU: receiverCPU,
		Start: strategies.Stamped, Intact: strategies.Intact,
	}
	if _, err := v.delivered(l, o, tw, job); err != nil {
		return results.Trial{}, fmt.Errorf("warm-up: %w", err)
	}
	job.Length, o.Start, o.Intact = runner.DefaultTrial, nil, nil
	a, err := v.delivered(l, o, tw, job)
	a.Cell = cell
	return a.Trial, err
}

// delivered has the twin do a job while a receiver counts, and checks that what it says
// of itself and what has arrived are the same.
func (v *validation) delivered(l *link.Link, o link.ListenOptions, tw *twin, job twinJob) (a answer, err error) {
	receiver, err := l.Listen(o)
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, receiver.Close()) }()
	if a, err = tw.send(job); err != nil {
		return a, err
	}
	counts, err := receiver.Settle(a.Messages, time.Second)
	if err != nil {
		return a, err
	}
	if bytes := a.Messages * int64(job.Size); a.Bytes != bytes || counts.Bytes != bytes || counts.Messages != a.Messages || counts.Incomplete != 0 {
		return a, fmt.Errorf("%d messages of %d bytes: the kernel accepted %d bytes, and %+v arrived", a.Messages, job.Size, a.Bytes, counts)
	}
	strategy, err := strategies.Lookup(job.Strategy)
	if err != nil {
		return a, err
	}
	if strategy.ZeroCopy && a.Notifications != a.Messages {
		return a, fmt.Errorf("%d messages, %d notifications", a.Messages, a.Notifications)
	}
	if batch := strategies.EffectiveBatch(job.Batch, job.Size, runner.Hot); a.EffectiveBatch != batch {
		return a, fmt.Errorf("the batch is %d, Go's is %d", a.EffectiveBatch, batch)
	}
	return a, nil
}
