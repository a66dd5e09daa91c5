//go:build linux

package uringzc

import (
	"fmt"
	"math"
	"math/bits"
	"time"
)

// Options say how large a ring is and who submits.
type Options struct {
	// Entries is how many operations can be prepared before a Submit, 1 to
	// 32768. The kernel rounds it up to a power of two.
	Entries uint32

	// InFlight is how many operations there can be that aren't over, or are over
	// with completions that nobody took, 1 to 32768. 0 stands for twice Entries
	// as rounded up, as far as the limit allows.
	InFlight uint32

	// Notifications is how many zero-copy sends there can be that aren't
	// released, so that slow peers, whose acknowledgements TCP releases wait for,
	// don't hold all the memory there is. 0 stands for InFlight.
	Notifications uint32

	// CQEntries is how many completions can wait to be taken, up to 65536. 0
	// stands for twice InFlight, since a zero-copy send has two: the queue can't
	// overflow then.
	CQEntries uint32

	// Drain is how long Close waits for what is in flight. 0 stands for a
	// second; a negative one doesn't wait. A peer that doesn't acknowledge (TCP)
	// or a neighbour that doesn't answer for its address, which takes the kernel
	// some seconds to give up, can outlast it.
	Drain time.Duration

	// Without are flags not to ask the kernel for though it may have them: for
	// comparison, or where a flag is suspected of a fault. SetupSQPoll,
	// SetupSQAffinity and SetupCQSize are not among them.
	Without SetupFlags

	// SQPoll has a kernel thread poll the submission queue, so that Submit
	// makes a system call only to wake it. It takes a CPU of its own. Note that
	// its completions can be there before the entries they came from are free
	// again: a Prepare that finds the queue full may succeed a moment later. And
	// a process can't end before its sends are released, not even by SIGKILL:
	// the thread waits for them, busily, which on TCP can be until the kernel
	// gives the peer up (seen on 6.18; tcp(7), TCP_USER_TIMEOUT).
	SQPoll bool

	// SQPollIdle is how long that thread polls in vain before it sleeps, in
	// whole milliseconds, rounded up. 0 stands for the kernel's second.
	SQPollIdle time.Duration

	// SQPollCPU is the CPU that the thread is bound to, -1 for none. Note that
	// the zero value binds it to CPU 0. It is ignored without SQPoll.
	SQPollCPU int
}

// The first two are the kernel's limits, of io_uring/io_uring.h. The kernel
// turns the idle time into jiffies; a day is as good as for ever.
const (
	maxEntries    = 32768
	maxCQEntries  = 2 * maxEntries
	maxSQPollIdle = 24 * time.Hour
)

// params are the options as io_uring_setup(2) takes them, without the flags
// that are negotiated.
func (o Options) params() (setupParams, error) {
	var p setupParams
	if o.Entries < 1 || o.Entries > maxEntries {
		return p, fmt.Errorf("uringzc: Entries %d: want 1 to %d", o.Entries, maxEntries)
	}
	entries := roundUpPowerOfTwo(o.Entries)
	if wrong := o.Without & (SetupSQPoll | SetupSQAffinity | SetupCQSize); wrong != 0 {
		return p, fmt.Errorf("uringzc: Without %v: want other flags; these go by SQPoll, SQPollCPU and CQEntries", wrong)
	}
	if o.InFlight > maxEntries {
		return p, fmt.Errorf("uringzc: InFlight %d: want 1 to %d, or 0", o.InFlight, maxEntries)
	}
	p.flags = SetupCQSize
	p.cqEntries = o.CQEntries
	if o.CQEntries == 0 {
		p.cqEntries = max(2*o.inFlight(), entries)
	}
	if p.cqEntries < entries || p.cqEntries > maxCQEntries {
		return p, fmt.Errorf("uringzc: CQEntries %d: want %d (Entries) to %d, or 0", o.CQEntries, entries, maxCQEntries)
	}
	if !o.SQPoll {
		return p, nil
	}
	p.flags |= SetupSQPoll
	if o.SQPollIdle < 0 || o.SQPollIdle > maxSQPollIdle {
		return p, fmt.Errorf("uringzc: SQPollIdle %v: want 0 to %v", o.SQPollIdle, maxSQPollIdle)
	}
	p.sqThreadIdle = uint32((o.SQPollIdle + time.Millisecond - 1) / time.Millisecond)
	if o.SQPollCPU >= 0 {
		if o.SQPollCPU > math.MaxInt32 {
			return p, fmt.Errorf("uringzc: SQPollCPU %d: want a CPU's number, or -1", o.SQPollCPU)
		}
		p.flags |= SetupSQAffinity
		p.sqThreadCPU = uint32(o.SQPollCPU)
	}
	return p, nil
}

// inFlight is InFlight or what its 0 stands for.
func (o Options) inFlight() uint32 {
	if o.InFlight > 0 {
		return o.InFlight
	}
	return min(2*roundUpPowerOfTwo(o.Entries), maxEntries)
}

// notifications is Notifications or what its 0 stands for.
func (o Options) notifications() int {
	if o.Notifications > 0 {
		return int(o.Notifications)
	}
	return math.MaxInt // InFlight is the limit
}

// drain is Drain or what its 0 stands for.
func (o Options) drain() time.Duration {
	if o.Drain == 0 {
		return time.Second
	}
	return o.Drain
}

// memory is what the queues take, in bytes, as io_uring accounts it.
func (p setupParams) memory() int64 {
	entries := int64(roundUpPowerOfTwo(p.sqEntries))
	rings := 64 + int64(roundUpPowerOfTwo(p.cqEntries))*cqeSize
	if p.flags&SetupNoSQArray == 0 {
		rings += entries * 4
	}
	return pages(entries*sqeSize) + pages(rings)
}

func roundUpPowerOfTwo(n uint32) uint32 {
	if n == 0 {
		return 0
	}
	return 1 << bits.Len32(n-1)
}
