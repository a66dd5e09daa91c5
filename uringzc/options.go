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

	// CQEntries is how many completions can wait to be taken. A zero-copy send
	// posts two, so less than twice what is in flight overflows. 0 stands for
	// four times Entries, as far as the kernel's limit of 65536 allows.
	CQEntries uint32

	// SQPoll has a kernel thread poll the submission queue, so that Submit
	// makes a system call only to wake it. It takes a CPU of its own. Note that
	// its completions can be there before the entries they came from are free
	// again: a Prepare that finds the queue full may succeed a moment later.
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
	p.flags = SetupCQSize
	p.cqEntries = o.CQEntries
	if o.CQEntries == 0 {
		p.cqEntries = min(4*entries, maxCQEntries)
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
