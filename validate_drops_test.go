//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
	"sendbench/runner"
	"sendbench/runner/link"
	"sendbench/runner/meter"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// drops sends on a pair and finds every message: delivered, or dropped and where.
func (v *validation) drops() chapter {
	c := chapter{
		Title: "Accounting on the pair",
		Intro: "Messages to a receiver in a second namespace. Drops are counted by the receiving socket (SO_MEMINFO's SK_MEMINFO_DROPS, for want of room in its\n" +
			"buffer) and by the sending device, for frames that the other end didn't take. They are provoked: by a receiver that has to share the\n" +
			"sender's CPU, and by a far device that takes smaller frames than the near one sends.",
	}
	t := figures{Head: []string{"", "size", "sent", "delivered", "dropped by the socket", "dropped by a device", "not located"}}
	exact := true
	var all arrival
	note := func(name string, size int, sent int64, got arrival) {
		missing := sent - got.delivered - got.socket - got.device
		if missing != 0 || got.incomplete != 0 {
			exact = false
			v.t.Errorf("%s, %s: of %d messages of %d bytes %d were delivered, %d incomplete, %d dropped by the socket and %d by a device",
				c.Title, name, sent, size, got.delivered, got.incomplete, got.socket, got.device)
		}
		all.socket, all.device = all.socket+got.socket, all.device+got.device
		t.add(name, size, sent, got.delivered, got.socket, got.device, missing)
	}
	for _, p := range pairCases {
		sent, got, err := v.onPair(p)
		if err != nil {
			v.t.Fatal(fmt.Errorf("%s: %w", p.name, err))
		}
		note("write, "+p.name, p.size, sent, got)
	}
	for _, size := range []int{1400, 64000} {
		sent, got := v.runOnPair(size)
		note("all ways of sending, a run's trials", size, sent, got)
	}
	c.Tables = []figures{t}
	c.Claims = []claim{{
		Asked:    "sent = delivered + dropped by the socket + dropped by a device, exactly",
		Measured: fmt.Sprintf("%d cases, with %d drops by the socket and %d by a device", len(t.Rows), all.socket, all.device),
		Reached:  reachedIf(exact),
	}}
	return c
}

// pairCase is a way for messages to arrive, or not to.
type pairCase struct {
	name     string
	size     int
	messages int64
	starved  bool // the receiver shares the sender's CPU
	unequal  bool // the far device has the smaller MTU
}

var pairCases = []pairCase{
	{"undisturbed", 1400, 20000, false, false},
	{"undisturbed", 64000, 2000, false, false},
	{"starved receiver", 1400, 100000, true, false},
	{"starved receiver", 64000, 20000, true, false},
	{"unequal MTUs", 8000, 2000, false, true},
}

// arrival is where messages were found.
type arrival struct{ delivered, incomplete, socket, device int64 }

// onPair sends the messages of a case over a pair of its own.
func (v *validation) onPair(p pairCase) (sent int64, found arrival, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	l, err := link.Open(link.Pair, 4)
	if err != nil {
		return 0, found, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	mtu, err := l.MTU()
	if err != nil {
		return 0, found, err
	}
	segment := link.AutoSegment(4, mtu)
	if p.unequal {
		if err := setMTU(l.Device(), 9000); err != nil {
			return 0, found, err
		}
		segment = 0
	}
	cpus, err := meter.AllowedCPUs()
	if err != nil {
		return 0, found, err
	}
	receiverCPU := meter.PickReceiverCPU(cpus, v.cpu)
	if p.starved {
		receiverCPU = v.cpu
	}
	receiver, err := l.Listen(link.ListenOptions{Size: p.size, Start: strategies.Stamped, Intact: strategies.Intact, CPU: receiverCPU})
	if err != nil {
		return 0, found, err
	}
	defer func() { err = errors.Join(err, receiver.Close()) }()
	before, err := l.Wire()
	if err != nil {
		return 0, found, err
	}
	if err := meter.Pin(v.cpu); err != nil {
		return 0, found, err
	}
	if p.starved {
		defer preferThisThread()()
	}
	sent, err = v.sendAll(l, p, segment)
	if err := errors.Join(err, meter.Pin(cpus...)); err != nil {
		return sent, found, err
	}
	after, err := l.Wire()
	if err != nil {
		return sent, found, err
	}
	found.device = after.Sub(before).Dropped
	counts, err := receiver.Settle(sent-found.device, 10*time.Second)
	found.delivered, found.incomplete, found.socket = counts.Messages, counts.Incomplete, counts.Drops
	return sent, found, err
}

// runOnPair has all ways of sending send as a run does, and adds up what its record
// says of them. Each message is one frame, and one datagram to the receiver's buffer.
func (v *validation) runOnPair(size int) (sent int64, found arrival) {
	rec := v.run(fmt.Sprintf("pair-%d", size), runner.Sweep{
		Link: link.Pair, Strategies: v.shipped(), Sizes: []int{size}, Footprints: []int64{runner.Hot}, Fills: []string{results.FillStamp}, Profiles: v.onDefault(),
	}, runner.Options{Rounds: 2, Trial: v.effort.trial, Warmup: v.effort.warmup})
	for _, t := range rec.Trials {
		if t.Error != "" {
			v.t.Errorf("%s of %d bytes on the pair: %s", t.Cell.Strategy, size, t.Error)
			continue
		}
		sent += t.Messages
		found.delivered += *t.DeliveredMessages
		found.socket += *t.DroppedSocket
		found.device += *t.DroppedDevice
	}
	return sent, found
}

// sendAll sends with the baseline, and returns how many messages the kernel accepted.
func (v *validation) sendAll(l *link.Link, p pairCase, segment int) (sent int64, err error) {
	fd, _, err := l.Dial(link.DialOptions{Segment: segment, SendBuffer: runner.SendBuffer})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.NewSyscallError("close", unix.Close(fd))) }()
	b, err := strategies.NewBuffers(v.memory.bytes, p.size, runner.DefaultBatch, 0, strategies.Full)
	if err != nil {
		return 0, err
	}
	sender, err := strategies.Baseline().Open(strategies.Config{FD: fd, Arena: v.memory.bytes, Batch: runner.DefaultBatch, Segment: segment, PollCPU: -1})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, sender.Close()) }()
	var t strategies.Tally
	if err := sender.Begin(b, &t); err != nil {
		return 0, err
	}
	pump := strategies.Pump{Sender: sender, Buffers: b}
	err = pump.Run(0, p.messages)
	return t.Messages, err
}

// preferThisThread has others on its CPU wait for long, until what it returns is
// called. It takes CAP_SYS_NICE; without it a receiver has a small buffer, which is
// full soon.
func preferThisThread() (undo func()) {
	const usual, most = 0, -20 // setpriority(2)
	if unix.Setpriority(unix.PRIO_PROCESS, 0, most) != nil {
		return func() {}
	}
	return func() { _ = unix.Setpriority(unix.PRIO_PROCESS, 0, usual) } // lowering it is always allowed
}

// setMTU changes one end of a link.
func setMTU(device string, mtu int) error {
	d, err := netlink.LinkByName(device)
	if err != nil {
		return os.NewSyscallError("netlink", err)
	}
	return os.NewSyscallError("netlink", netlink.LinkSetMTU(d, mtu))
}
