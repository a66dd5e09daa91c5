//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"sendbench/runner"
	"sendbench/runner/link"
	"sendbench/runner/results"
	"sendbench/strategies"
	"sendbench/uringzc"
)

const (
	connGoroutines = 64
	connSize       = 64000
)

// connGoal is what a Conn is to reach of the ring's own throughput.
var connGoal = atLeast(0.80)

// conns compares uringzc.Conn under many goroutines with the ring that it runs on,
// driven by one, and with what a server of package net does today, where it is known by
// how much the ring is ahead of write.
func (v *validation) conns() section {
	s := section{
		Title: "Conn",
		Intro: fmt.Sprintf("%d goroutines that each send %d bytes from a buffer of their own, await the release, and begin anew, on all CPUs;\n"+
			"beside them a ring that one thread drives with as many buffers in flight, and as many goroutines in `net.UDPConn.Write`,\n"+
			"over which the target is what `uring-sendzc` has over `write` in the table above.", connGoroutines, connSize),
		Left: "Conn", Right: "other", Unit: gbits,
	}
	plain := &comparison{Name: "SendZC beside uring-sendzc", Size: connSize, Goal: connGoal}
	leased := &comparison{Name: "leases beside uring-sendzc-fixed", Size: connSize, Goal: connGoal}
	written := &comparison{Name: "SendZC beside net.UDPConn.Write", Size: connSize}
	s.Rows = []*comparison{plain, leased}
	if v.ways != nil {
		written.Goal = atLeast(v.ways.advantage("uring-sendzc", "write", connSize))
		s.Rows = append(s.Rows, written)
	}
	footprint := int64(connGoroutines * strategies.Stride(connSize))
	buffers := newMemory(v.t, footprint)
	for range v.effort.pairs {
		rig, err := runner.NewRigOn(v.link, buffers.bytes)
		if err != nil {
			v.t.Fatal(err)
		}
		ring := func(strategy string) func() (results.Trial, error) {
			return func() (results.Trial, error) {
				cell := v.cell(&comparison{Name: strategy, Size: connSize})
				cell.Footprint = footprint
				return v.goTrial(rig, cell)
			}
		}
		for _, i := range v.order.Perm(len(s.Rows)) {
			switch c := s.Rows[i]; c {
			case plain:
				c.pair(v.order, func() (results.Trial, error) { return v.connTrial(sendZC) }, ring("uring-sendzc"))
			case leased:
				c.pair(v.order, func() (results.Trial, error) { return v.connTrial(sendLeases) }, ring("uring-sendzc-fixed"))
			case written:
				c.pair(v.order, func() (results.Trial, error) { return v.connTrial(sendZC) }, func() (results.Trial, error) { return v.connTrial(write) })
			}
		}
		if err := rig.Close(); err != nil {
			v.t.Fatal(err)
		}
	}
	return s
}

// advantage is the ratio of two ways of sending on the left side.
func (s section) advantage(over, under string, size int) float64 {
	rates := map[string][]float64{}
	for _, c := range s.Rows {
		if c.Size == size {
			rates[c.Name] = each(c.Left, s.Unit.rate)
		}
	}
	o, u := rates[over], rates[under]
	if len(o) == 0 || len(u) == 0 {
		return math.NaN()
	}
	return results.MedianInterval(o).Center / results.MedianInterval(u).Center
}

// oneSend sends on a connection until its work is done, and tells whether the
// kernel copied. Each goroutine has a function of its own.
type oneSend func(ctx context.Context) (copied bool, err error)

// sendZC sends a buffer of the Go heap.
func sendZC(_ *uringzc.Slab, c *uringzc.Conn) oneSend {
	buf := newMessage()
	return func(ctx context.Context) (bool, error) {
		strategies.Stamp(buf, 0)
		_, release, err := c.SendZC(ctx, buf)
		if err != nil {
			return false, err
		}
		usage, err := release.Wait(ctx)
		return usage == uringzc.UsageCopied, err
	}
}

// newMessage is a buffer of the Go heap, written whole: a page that wasn't is the
// shared zero page, which the kernel can't take the short way to.
func newMessage() []byte {
	buf := make([]byte, connSize)
	strategies.Full(buf, 0)
	return buf
}

// sendLeases sends from a slab that the kernel knows.
func sendLeases(slab *uringzc.Slab, c *uringzc.Conn) oneSend {
	return func(ctx context.Context) (bool, error) {
		lease, ok := slab.Lease()
		if !ok {
			return false, errors.New("no buffer is free, though there is one a goroutine")
		}
		strategies.Stamp(lease.Bytes(), 0)
		_, release, err := c.SendMsgZC(ctx, uringzc.Message{Buffer: lease.Buffer(connSize)})
		if err != nil {
			return false, err
		}
		usage, err := release.Wait(ctx)
		return usage == uringzc.UsageCopied, err
	}
}

// write is what there is without this package.
func write(_ *uringzc.Slab, c *uringzc.Conn) oneSend {
	buf, conn := newMessage(), c.NetConn()
	return func(context.Context) (bool, error) {
		strategies.Stamp(buf, 0)
		_, err := conn.Write(buf)
		return false, err
	}
}

// connTrial has many goroutines send on one connection for the length of a trial,
// after a warm-up, and holds what the far end counted against what they sent.
func (v *validation) connTrial(way func(*uringzc.Slab, *uringzc.Conn) oneSend) (t results.Trial, err error) {
	udp, err := v.dialUDP()
	if err != nil {
		return t, err
	}
	driver, err := uringzc.NewDriver(uringzc.Options{})
	if err != nil {
		return t, errors.Join(err, udp.Close())
	}
	defer func() { err = errors.Join(err, driver.Close()) }()
	slab, err := uringzc.NewSlab(connSize, connGoroutines)
	if err != nil {
		return t, errors.Join(err, udp.Close())
	}
	defer func() { err = errors.Join(err, slab.Close()) }()
	if err := driver.RegisterSlab(slab); err != nil {
		return t, errors.Join(err, udp.Close())
	}
	conn, err := driver.Conn(udp)
	if err != nil {
		return t, errors.Join(err, udp.Close())
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	before, err := v.link.Wire()
	if err != nil {
		return t, err
	}
	sends := make([]oneSend, connGoroutines)
	for i := range sends {
		sends[i] = way(slab, conn)
	}
	warm, err := connStretch(v.t.Context(), sends, runner.DefaultWarmup)
	if err != nil {
		return t, err
	}
	if t, err = connStretch(v.t.Context(), sends, runner.DefaultTrial); err != nil {
		return t, err
	}
	cell := v.cell(&comparison{Size: connSize})
	if err := v.arrived(before, cell, warm.Messages+t.Messages); err != nil {
		t.Error = err.Error()
	} else if t.Copied != 0 {
		t.Error = fmt.Sprintf("the kernel copied %d messages of %d", t.Copied, t.Messages)
	}
	return t, nil
}

// connStretch runs the senders side by side for a time. The clock stops when the
// last is done.
func connStretch(ctx context.Context, sends []oneSend, length time.Duration) (results.Trial, error) {
	var messages, copies atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	start := time.Now()
	for _, send := range sends {
		wg.Go(func() {
			sent, copied := int64(0), int64(0)
			for time.Since(start) < length && failed.Load() == nil {
				c, err := send(ctx)
				if err != nil {
					failed.CompareAndSwap(nil, &err)
					break
				}
				if sent++; c {
					copied++
				}
			}
			messages.Add(sent)
			copies.Add(copied)
		})
	}
	wg.Wait()
	t := results.Trial{
		Messages: messages.Load(), Bytes: connSize * messages.Load(), Copied: copies.Load(), ElapsedNS: int64(time.Since(start)),
	}
	if err := failed.Load(); err != nil {
		return t, *err
	}
	return t, nil
}

// dialUDP is a connection of package net over the link, with the socket options of
// all.
func (v *validation) dialUDP() (*net.UDPConn, error) {
	fd, _, err := v.link.Dial(link.DialOptions{Segment: v.segment(), SendBuffer: runner.SendBuffer})
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "socket")
	defer file.Close() // package net makes a duplicate
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, err
	}
	return conn.(*net.UDPConn), nil
}
