//go:build linux

package uringzc

import (
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Completion is an event of an operation: its result or, for a zero-copy send,
// its release. See the package documentation for which follows which.
type Completion struct {
	Handle          // of the operation
	UserData uint64 // as given to Prepare
	Res      int32  // bytes or the negated errno; in a release, usage bits
	Flags    uint32 // IORING_CQE_F_*
}

// More reports F_MORE: at least one more completion of the same operation
// follows. A zero-copy send's buffer stays lent.
func (c Completion) More() bool { return c.Flags&cqeMore != 0 }

// Notification reports F_NOTIF: this is a release and not a result.
func (c Completion) Notification() bool { return c.Flags&cqeNotif != 0 }

// Released reports whether this is the last completion of its operation, a
// release or a result that none follows: the buffer is the caller's, or the
// slab's, again.
func (c Completion) Released() bool { return !c.More() }

// Copied reports whether a release says that the kernel copied at least some of
// the data. It means nothing if the send failed or the ring doesn't
// ReportsUsage.
func (c Completion) Copied() bool {
	return c.Notification() && uint32(c.Res)&notifCopied != 0
}

// Err is a result's unix.Errno, nil for success and for every release: there
// bit 31 of Res is no sign.
func (c Completion) Err() error {
	if c.Res >= 0 || c.Notification() {
		return nil
	}
	return unix.Errno(-int64(c.Res)) // wider first: -(-1<<31) is no int32
}

// Reap takes as many completions as there are and into has room for, and returns
// how many. Those that an Await function came across while it looked for another
// come first. It makes no system call, and so it doesn't bring forth deferred
// completions: Submit and SubmitAndWait do.
//
// The kernel gets the places of the queue back when Reap has found it empty, and
// before each enter.
func (r *Ring) Reap(into []Completion) int {
	n := 0
	for n < len(into) && r.ops.kept != none {
		into[n], _ = r.ops.takeFirst()
		n++
	}
	for n < len(into) && r.lookForEntries() {
		var taken int
		taken, r.cqHead = r.ops.take(r.cqes, r.cqHead, r.cqTail, into[n:])
		n += taken
	}
	return n
}

// Next is Reap for one completion. It returns false if there is none.
func (r *Ring) Next() (Completion, bool) {
	var c [1]Completion
	n := r.Reap(c[:])
	return c[0], n == 1
}

// lookForEntries reports whether the completion queue has entries.
func (r *Ring) lookForEntries() bool {
	if r.cqHead == r.cqTail {
		r.publishCQHead()
		// The load is an acquire: completions before the tail are whole.
		r.cqTail = atomic.LoadUint32(r.kernCQTail)
	}
	return r.cqHead != r.cqTail
}

// keepAll takes everything off the completion queue into the operations' slots.
func (r *Ring) keepAll() {
	for r.lookForEntries() {
		c := &r.cqes[r.cqHead&r.cqMask]
		if s := r.ops.complete(c); s != nil {
			r.ops.keep(s, c)
		}
		r.cqHead++
	}
}

// publishCQHead gives the places of taken completions back to the kernel.
func (r *Ring) publishCQHead() {
	if r.flags&SetupDeferTaskrun != 0 {
		// The kernel posts completions on this very thread, in our enters;
		// nothing needs to be ordered.
		*r.kernCQHead = r.cqHead
		return
	}
	// The store is a release: the completions have been read by now.
	atomic.StoreUint32(r.kernCQHead, r.cqHead)
}

// queued is how many completions are in the queue.
func (r *Ring) queued() uint32 {
	return atomic.LoadUint32(r.kernCQTail) - r.cqHead
}

// ready is how many completions Next can take.
func (r *Ring) ready() uint32 {
	if r.ops.abandoned > 0 {
		// Some of those in the queue may be nobody's: count what remains.
		r.keepAll()
	}
	return uint32(r.ops.keeps) + r.queued()
}
