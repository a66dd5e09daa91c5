//go:build linux

package uringzc

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ErrWrongThread says that a ring was used from another thread than the one
// that opened it.
var ErrWrongThread = errors.New("uringzc: the ring belongs to another thread; call runtime.LockOSThread before Open and stay on that goroutine")

// Ring is an io_uring instance. It belongs to the thread that opened it; see
// the package documentation.
type Ring struct {
	// Prepare and Submit.
	sqes        []sqe
	sqMask      uint32
	sqTail      uint32  // entries prepared, ever
	sqHead      uint32  // entries consumed, as last seen
	sqPublished uint32  // entries that the kernel was told of
	kernSQHead  *uint32 // written by the kernel
	kernSQTail  *uint32 // written by us
	kernSQFlags *uint32 // written by the kernel
	zcFlags     uint16  // ioprio of every zero-copy send

	// Next.
	cqes       []cqe
	cqMask     uint32
	cqHead     uint32  // completions taken, ever
	cqTail     uint32  // completions posted, as last seen
	kernCQHead *uint32 // written by us
	kernCQTail *uint32 // written by the kernel
	kernCQLost *uint32 // written by the kernel

	// Lifecycle.
	ops           operations
	messages      []message // by slot
	notifications int       // Options.Notifications
	registered    [][]byte
	retired       [][]byte // unregistered, and perhaps read still
	slab          *Slab    // registered

	// Enter.
	enterFD    uintptr // the descriptor, or the number it is registered under
	enterFlags uintptr
	waitArg    getEventsArg
	waitTime   kernelTimespec
	enters     uint64
	overflows  uint64

	fd        int // -1 when closed
	thread    int
	drain     time.Duration
	sqThread  int
	flags     SetupFlags
	features  Features
	supported [256]bool // by Op
	memory    mapping
}

// Open sets a ring up, with the best flags that the kernel takes, for the
// calling thread alone.
//
// It fails with an *UnsupportedError where the kernel, a sysctl, a sandbox or
// the limit on locked memory stands in the way.
func Open(opt Options) (*Ring, error) {
	return open(opt, ioUringSetup)
}

func open(opt Options, setup setupFunc) (*Ring, error) {
	fd, p, err := negotiate(opt, setup)
	if err != nil {
		return nil, err
	}
	if p.features&featuresNeeded != featuresNeeded {
		err := &UnsupportedError{Feature: "a wait with a timeout (IORING_FEAT_EXT_ARG)", Since: "5.11"}
		return nil, errors.Join(err, os.NewSyscallError("close", unix.Close(fd)))
	}
	memory, err := mapRings(fd, &p)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("uringzc: map the queues: %w", err), os.NewSyscallError("close", unix.Close(fd)))
	}
	messages, err := mapMessages(opt.inFlight())
	if err != nil {
		return nil, errors.Join(err, memory.unmap(), os.NewSyscallError("close", unix.Close(fd)))
	}
	r := newRing(fd, &p, memory)
	r.ops, r.messages = newOperations(opt.inFlight()), messages
	r.notifications, r.drain = opt.notifications(), opt.drain()
	if err := r.probeOps(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	r.registerRingFD()
	if err := r.probeUsageReports(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	if opt.SQPoll { // whose thread has run by now
		r.sqThread = findSQThread(fd, r.thread)
	}
	r.enters = 0 // the caller's account starts here
	return r, nil
}

// newRing is a ring over queues that are mapped.
func newRing(fd int, p *setupParams, m mapping) *Ring {
	r := &Ring{
		sqes:        m.submissions(p.sqEntries),
		sqMask:      *m.word(p.sqOff.mask),
		kernSQHead:  m.word(p.sqOff.head),
		kernSQTail:  m.word(p.sqOff.tail),
		kernSQFlags: m.word(p.sqOff.flags),

		cqes:       m.completions(p.cqOff.cqes, p.cqEntries),
		cqMask:     *m.word(p.cqOff.mask),
		kernCQHead: m.word(p.cqOff.head),
		kernCQTail: m.word(p.cqOff.tail),
		kernCQLost: m.word(p.cqOff.overflow),

		enterFD:  uintptr(fd),
		fd:       fd,
		thread:   unix.Gettid(),
		flags:    p.flags,
		features: p.features,
		memory:   m,
	}
	if p.flags&SetupNoSQArray == 0 {
		m.fillIndexArray(p.sqOff.array, p.sqEntries)
	}
	// The kernel reads the timeout through this address, in waits only. The
	// ring is on the heap, where nothing moves.
	r.waitArg = getEventsArg{sigmaskSize: 8, timespec: uint64(uintptr(unsafe.Pointer(&r.waitTime)))}
	return r
}

// Flags are the set-up flags that the kernel granted.
func (r *Ring) Flags() SetupFlags { return r.flags }

// Features are what the kernel reports of itself.
func (r *Ring) Features() Features { return r.features }

// Entries is how many operations can be prepared before a Submit, 0 when the
// ring is closed.
func (r *Ring) Entries() int { return len(r.sqes) }

// CQEntries is how many completions can wait before they overflow, 0 when the ring
// is closed.
func (r *Ring) CQEntries() int { return len(r.cqes) }

// Enters is how many io_uring_enter(2) calls were made since Open.
func (r *Ring) Enters() uint64 { return r.enters }

// Overflows is how many times the completion queue was found to have
// overflowed. Nothing is lost, but the kernel has had to allocate memory for
// each such completion: take completions more often, or raise CQEntries.
func (r *Ring) Overflows() uint64 { return r.overflows }

// Lost is how many completions the kernel has dropped because it had no memory
// to keep them in. What they were for can never be known again.
func (r *Ring) Lost() uint32 { return atomic.LoadUint32(r.kernCQLost) }

// Pending is how many prepared entries the kernel has not yet consumed.
func (r *Ring) Pending() int {
	return int(r.sqTail - atomic.LoadUint32(r.kernSQHead))
}
