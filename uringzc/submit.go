//go:build linux

package uringzc

import (
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ErrTimeout says that a wait ended with fewer completions than were asked for.
// It matches unix.ETIME.
var ErrTimeout = fmt.Errorf("uringzc: fewer completions than asked for arrived in time: %w", unix.ETIME)

// Submit hands what is prepared to the kernel in at most one io_uring_enter(2),
// which also runs deferred completion work and moves overflowed completions
// into the queue, and returns how many entries the kernel took. It doesn't wait
// for anything but the memory that is sent from, if that isn't resident: pages
// that have to be read from a disk first hold up the thread and, since the
// scheduler isn't told, everything that waits for a garbage collection. Lock such
// memory (mlock(2)), register it, or send copies of it. It belongs on the ring's
// thread: from another it fails with ErrWrongThread, or reaches a ring of that
// thread's.
//
// One call need not bring every release that is due: from Linux 6.13 on, an
// enter that waits for nothing runs 20 pieces of deferred work in each of at
// most two passes (IO_LOCAL_TW_DEFAULT_MAX). A wait runs as many as it waits
// for.
//
// Entries that it didn't take stay queued (Pending) and go with the next
// Submit. A kernel without SUBMIT_ALL stops after an entry that fails at once;
// any kernel stops for want of memory. EAGAIN and EBUSY mean that completions
// should be taken before the next attempt. EBADR means that completions were
// lost (Lost). With SQPoll the entries count as taken when the polling thread
// can see them.
func (r *Ring) Submit() (int, error) {
	if r.fd < 0 {
		return 0, errClosed
	}
	r.publishCQHead()
	n := r.publishSQTail()
	// Go's atomic store is a full barrier before this load, which SQPOLL
	// demands: either we see that its thread sleeps or it sees the new tail.
	sqFlags := atomic.LoadUint32(r.kernSQFlags)
	var flags uintptr
	if sqFlags&(sqOverflow|sqTaskrun) != 0 {
		flags |= enterGetEvents
		if sqFlags&sqOverflow != 0 {
			r.overflows++
		}
	}
	if r.flags&SetupSQPoll != 0 {
		if sqFlags&sqNeedWakeup != 0 && r.Pending() > 0 {
			flags |= enterSQWakeup
		}
		if flags == 0 {
			return n, nil
		}
		_, err := r.enter(0, flags)
		return n, err
	}
	if n == 0 && flags == 0 {
		return 0, nil
	}
	if r.flags&SetupDeferTaskrun != 0 {
		flags |= enterGetEvents // or what this very call completes would wait for the next
	}
	return r.enter(n, flags)
}

// SubmitAndWait is Submit, and then a wait until at least atLeast completions
// can be taken by Next, those counted that are there already, or until the
// timeout has passed: the error is then ErrTimeout. A timeout that isn't
// positive doesn't wait. atLeast is taken to be CQEntries at most.
//
// Completions that the submission itself brings about, as most sends do, cost
// one enter. Only a wait that has to sleep makes another.
func (r *Ring) SubmitAndWait(atLeast uint32, timeout time.Duration) (int, error) {
	n, err := r.Submit()
	atLeast = min(atLeast, uint32(len(r.cqes)))
	if err != nil || r.ready() >= atLeast {
		return n, err
	}
	deadline := time.Now().Add(timeout)
	for left := timeout; left > 0; left = time.Until(deadline) {
		// What is kept by Await is not in the queue, where the kernel counts.
		m, err := r.wait(atLeast-uint32(r.ops.keeps), left)
		n += m
		if err != nil || r.ready() >= atLeast {
			return n, err
		}
	}
	return n, ErrTimeout
}

// awaitEntry is SubmitAndWait for one entry of the completion queue, whoever it
// is for.
func (r *Ring) awaitEntry(timeout time.Duration) error {
	_, err := r.Submit()
	if err != nil || r.queued() > 0 {
		return err
	}
	deadline := time.Now().Add(timeout)
	for left := timeout; left > 0; left = time.Until(deadline) {
		if _, err := r.wait(1, left); err != nil || r.queued() > 0 {
			return err
		}
	}
	return ErrTimeout
}

// publishSQTail shows the kernel what was prepared. It returns how many entries
// are the kernel's to take: with SQPOLL those that are new, otherwise all that
// it hasn't consumed.
func (r *Ring) publishSQTail() int {
	fresh := r.sqTail - r.sqPublished
	r.sqPublished = r.sqTail
	if r.flags&SetupSQPoll == 0 {
		// The kernel looks at the tail on this very thread, in the enter that
		// follows; nothing needs to be ordered.
		*r.kernSQTail = r.sqTail
		return r.Pending()
	}
	if fresh != 0 {
		// The store is a release: the entries are filled in by now.
		atomic.StoreUint32(r.kernSQTail, r.sqTail)
	}
	return int(fresh)
}

// enter is an io_uring_enter(2) that isn't to sleep: it asks for no completions.
// Therefore it goes without the scheduler's entersyscall and exitsyscall, which
// cost about as much as an empty system call, and by package syscall, which takes
// its arguments in registers, where x/sys passes them over the stack.
func (r *Ring) enter(submit int, flags uintptr) (int, error) {
	for {
		r.enters++
		n, _, errno := syscall.RawSyscall6(unix.SYS_IO_URING_ENTER, r.enterFD, uintptr(submit), 0, r.enterFlags|flags, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case unix.EINTR: // before anything was submitted
		default:
			return 0, r.enterError(errno)
		}
	}
}

// wait is an io_uring_enter(2) that sleeps until atLeast completions are there
// or the time is over, and submits what is left over. The kernel tells of the
// timeout or a signal only if there are no completions at all (io_cqring_wait),
// so that it is the caller who looks at the queue and the clock.
func (r *Ring) wait(atLeast uint32, timeout time.Duration) (int, error) {
	r.publishCQHead()
	r.waitTime = kernelTimespec{sec: int64(timeout / time.Second), nsec: int64(timeout % time.Second)}
	submit, flags := r.Pending(), r.enterFlags|enterGetEvents|enterExtArg
	sqFlags := atomic.LoadUint32(r.kernSQFlags)
	if sqFlags&sqOverflow != 0 {
		r.overflows++
	}
	if r.flags&SetupSQPoll != 0 {
		submit = 0
		if sqFlags&sqNeedWakeup != 0 {
			flags |= enterSQWakeup
		}
	}
	r.enters++
	// The argument belongs to the ring, which outlives the call.
	n, _, errno := unix.Syscall6(unix.SYS_IO_URING_ENTER, r.enterFD, uintptr(submit), uintptr(atLeast), flags,
		uintptr(unsafe.Pointer(&r.waitArg)), unsafe.Sizeof(r.waitArg))
	switch errno {
	case 0:
		return int(n), nil
	case unix.EINTR, unix.ETIME:
		return 0, nil
	}
	return 0, r.enterError(errno)
}

// enterError explains the errno of an io_uring_enter(2).
func (r *Ring) enterError(errno unix.Errno) error {
	err := os.NewSyscallError("io_uring_enter", errno)
	switch errno {
	case unix.EEXIST, unix.EINVAL, unix.EBADF:
		// EEXIST is SINGLE_ISSUER's answer; the others come when the number
		// of the registered ring means nothing on this thread.
		if unix.Gettid() != r.thread {
			return fmt.Errorf("%w: %w", ErrWrongThread, err)
		}
	case unix.EBADR:
		return fmt.Errorf("uringzc: the kernel had no memory to keep completions and lost %d: %w", r.Lost(), err)
	}
	return fmt.Errorf("uringzc: submit: %w", err)
}

// errClosed says that the ring was closed; it matches os.ErrClosed.
var errClosed = fmt.Errorf("uringzc: the ring is closed: %w", os.ErrClosed)
