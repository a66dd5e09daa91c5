//go:build linux

package uringzc

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// request is the place of one send of a Conn, from its call until its release.
// There are as many as the driver allows in flight.
//
//	free ──acquire──▶ queued ──prepare──▶ submitted ──result──▶ lending ──▶ free
//	                    ▲                     │
//	                    └──── short send ─────┘
//
// It has two sides. The caller's ends when it has taken the result, or, if it gave
// up, when the owner has heard so. The owner's ends with the release. The last
// one to end frees the place.
type request struct {
	driver *Driver
	number uint32

	// What is to be sent: the caller's until it is in the inbox, then the
	// owner's.
	conn    *Conn
	buffer  Buffer
	lease   Lease // that the buffer is, if it is one
	to      Address
	segment uint16

	// The owner's.
	stage     stage
	sent      int      // bytes accepted; the caller's once there is a result
	err       error    // likewise
	open      int      // operations that are not over
	op        Handle   // the last
	failed    Handle   // the one that failed, whose release says nothing of usage
	usage     Usage    // so far
	cancelled bool     // the last
	alone     bool     // it was, in flight, when it was prepared
	cause     error    // why it is to be cut short, nil if it isn't
	next      *request // in a fifo

	turn  atomic.Uint32 // between the caller and the owner
	sides atomic.Int32  // that have not ended
	ready chan struct{} // has room for one; the owner sends if the caller is parked

	// Between the owner and whoever has a Release.
	generation atomic.Uint64 // sends released here; written under mu
	mu         sync.Mutex
	history    history
	watching   *watcher
	leak       error
}

// stage is where a request is on the owner's side.
type stage uint8

const (
	idle      stage = iota
	queued          // waits for its turn, for room, or for its connection's turn
	submitted       // an operation of it has no result yet
	finished        // it has its result, of which the caller is about to hear
	lending         // it has its result, and the kernel its buffer
)

// Values of turn.
const (
	pending   = iota // there is no result
	parked           // nor is there one for the caller, who sleeps
	settled          // there is a result
	abandoned        // the caller has gone
)

// callerSpin is for how long a caller looks out for its result before it sleeps: as
// long as it may take to wake the owner, and for a send.
const callerSpin = 50 * time.Microsecond

// lend takes over the lease that the buffer is, if it is one. From here on it is
// memory like any other to the ring, which may send it in several parts.
func (r *request) lend() error {
	if r.buffer.kind() != ofSlab {
		return nil
	}
	l := r.buffer.lease
	if err := l.lend(); err != nil {
		return err
	}
	r.lease = l
	return nil
}

// takeBack undoes lend.
func (r *request) takeBack() {
	if r.lease.slab != nil {
		// It can't fail: a lent buffer is nobody else's.
		_ = r.lease.turn(lent, held)
	}
	r.conn, r.buffer, r.lease = nil, Buffer{}, Lease{}
}

// await waits for the result. It returns false if the context ended first; the
// caller has then given up.
//
// It looks out for the result for a moment and lets other goroutines run in
// between. Most sends are done by then, and take less time than to put threads to
// sleep and wake them: with 8 goroutines that do nothing but send, sleeping at once
// costs two to six times the time a send.
func (r *request) await(ctx context.Context) bool {
	if look := &r.driver.callers; look.pays() {
		for start := time.Now(); time.Since(start) < callerSpin; runtime.Gosched() {
			if r.turn.Load() == settled {
				look.ended(true)
				return true
			}
		}
		look.ended(false)
	}
	if !r.turn.CompareAndSwap(pending, parked) {
		return true
	}
	select {
	case <-r.ready:
		return true
	case <-ctx.Done():
		if r.turn.CompareAndSwap(parked, abandoned) {
			return false
		}
		<-r.ready // the owner settles it this moment
		return true
	}
}

// tellResult tells the caller that there is a result. The owner's side ends later:
// as soon as both have, the request may be another send.
func (r *request) tellResult() {
	if r.turn.Swap(settled) == parked {
		r.ready <- struct{}{}
	}
}

// part is what is left to send, or as much as goes in one operation. A lease is
// the request's; its memory goes to the ring by the registered buffer that it lies
// in, if it does.
func (r *request) part(ring *Ring) Buffer {
	b := r.buffer
	if b.kind() == ofSlab {
		index, ok := ring.registeredIndex(b)
		b.from = uint32(offHeap) << 16
		if ok {
			b.from = uint32(registered)<<16 | uint32(index)
		}
		b.lease = Lease{}
	}
	b.data, b.len = unsafe.Add(b.data, r.sent), b.len-uint32(r.sent)
	if r.conn.stream {
		b.len = min(b.len, streamPart)
	}
	return b
}

// streamPart bounds what one operation sends on a stream, in bytes: what is in
// flight is locked memory, and a socket's buffer holds no more than some
// megabytes anyway.
const streamPart = 1 << 20

// count takes the operation's release into the account of usage.
func (r *request) count(c Completion, reported bool) {
	switch {
	case !reported || c.Handle == r.failed:
	case c.Copied():
		r.usage = UsageCopied
	case r.usage == UsageUnknown:
		r.usage = UsageZeroCopy
	}
}

// release gives the buffer back and tells those who wait for that.
func (r *request) release() {
	if r.lease.slab != nil {
		_ = r.lease.release(lent) // as takeBack
	}
	r.conn, r.buffer, r.lease, r.stage = nil, Buffer{}, Lease{}, idle
	r.mu.Lock()
	r.history.add(r.usage)
	r.generation.Add(1)
	r.tell(r.usage, nil)
	r.mu.Unlock()
}

// leaked tells those who wait for the release that there will be none.
func (r *request) leaked(err error) {
	r.mu.Lock()
	r.leak = err
	r.tell(UsageUnknown, err)
	r.mu.Unlock()
}

// end ends one side.
func (r *request) end() {
	if r.sides.Add(-1) == 0 {
		r.driver.free <- r
	}
}

// outcome is how the send of a generation ended, if it has. It takes mu held, as
// do those below.
func (r *request) outcome(generation uint64) (Usage, error, bool) {
	if now := r.generation.Load(); now > generation {
		return r.history.of(now - generation - 1), nil, true
	}
	return UsageUnknown, r.leak, r.leak != nil
}

func (r *request) watch(w *watcher) { w.next, r.watching = r.watching, w }

// unwatch returns false if the watcher is no longer there.
func (r *request) unwatch(w *watcher) bool {
	for at := &r.watching; *at != nil; at = &(*at).next {
		if *at == w {
			*at = w.next
			return true
		}
	}
	return false
}

// tell tells all watchers, and forgets them.
func (r *request) tell(u Usage, err error) {
	for w := r.watching; w != nil; {
		next := w.next
		if w.f == nil {
			w.usage, w.err = u, err
			w.ready <- struct{}{} // from here on it is the waiter's
		} else {
			if err == nil {
				r.driver.callbacks.add(w.f, u)
			}
			r.driver.watchers.put(w)
		}
		w = next
	}
	r.watching = nil
}
