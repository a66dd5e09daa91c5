//go:build linux

package uringzc

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// LeakError says that Close gave up waiting: the kernel may still read the
// memory of these operations, so that it was not freed and never will be.
type LeakError struct {
	Operations int           // in flight when Close gave up
	Waited     time.Duration // until then
	Err        error         // of the enter that cut the wait short, nil if time was up
}

// Error is one line.
func (e *LeakError) Error() string {
	operations := "1 operation"
	if e.Operations != 1 {
		operations = fmt.Sprintf("%d operations", e.Operations)
	}
	s := fmt.Sprintf("uringzc: close: after %v the kernel still holds the buffers of %s, whose memory is leaked; "+
		"a longer Options.Drain waits for peers to acknowledge", e.Waited.Round(time.Millisecond), operations)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns what cut the wait short.
func (e *LeakError) Unwrap() error { return e.Err }

// Close gives the ring back. What was prepared and not submitted is withdrawn;
// what is open is cancelled; then Close waits for every completion, up to
// Options.Drain. Memory that the kernel holds after that is leaked: Go slices
// stay pinned or registered, leases stay lent, and a *LeakError tells. (The memory of OffHeap
// and Fixed buffers is the caller's, who must then leave it mapped.) Completions
// that nobody took are dropped.
//
// It must be called on the ring's thread, whose table of registered rings
// otherwise keeps the ring alive until the thread ends. Closing a closed ring
// does nothing.
func (r *Ring) Close() error {
	if r.fd < 0 {
		return nil
	}
	leak := r.drainAll()
	errs := []error{r.unregisterRingFD(), r.memory.unmap()}
	if leak == nil {
		errs = append(errs, unmapMessages(r.messages))
	}
	errs = append(errs, os.NewSyscallError("close", unix.Close(r.fd)))
	// What looks at the queues from now on finds them empty and without room.
	nothing := new(uint32)
	*r = Ring{
		fd: -1, thread: r.thread, flags: r.flags, features: r.features, supported: r.supported,
		enters: r.enters, overflows: r.overflows, zcFlags: r.zcFlags,
		notifications: math.MaxInt, // it is the closing that Prepare functions are to name
		ops:           operations{free: none, kept: none, last: none, slots: r.ops.slots, inFlight: r.ops.inFlight, strays: r.ops.strays},
		kernSQHead:    nothing, kernSQTail: nothing, kernSQFlags: nothing,
		kernCQHead: nothing, kernCQTail: nothing, kernCQLost: nothing,
	}
	if err := errors.Join(errs...); err != nil {
		return errors.Join(leak, fmt.Errorf("uringzc: close: %w", err))
	}
	return leak
}

// drainAll brings all operations to their end, or leaks what they hold.
func (r *Ring) drainAll() error {
	r.withdraw()
	for i := range r.ops.slots {
		if s := &r.ops.slots[i]; s.state&used != 0 {
			r.ops.abandon(s.handle)
		}
	}
	start := time.Now()
	deadline := start.Add(r.drain)
	err := r.cancelAll(deadline)
	for err == nil && r.ops.inFlight > 0 {
		err = r.drainSome(deadline, r.drain)
	}
	if r.ops.inFlight == 0 {
		return nil
	}
	if errors.Is(err, ErrTimeout) {
		err = nil
	}
	leaked.add(r)
	return &LeakError{Operations: r.ops.inFlight, Waited: time.Since(start), Err: err}
}

// drainSome submits what is queued, waits for a completion, at most for the
// pause or to the deadline, and takes in all there are. ErrTimeout means that the
// deadline has passed.
func (r *Ring) drainSome(deadline time.Time, pause time.Duration) error {
	left := time.Until(deadline)
	err := r.awaitEntry(min(left, pause))
	r.keepAll() // all are abandoned: nothing is kept
	switch {
	case left <= 0:
		return err
	case errors.Is(err, ErrTimeout):
		return nil
	case recoverable(err):
		time.Sleep(min(left, retryPause))
		return nil
	}
	return err
}

// retryPause is how long Close lets the kernel and its polling thread get on
// before it asks again.
const retryPause = time.Millisecond

// recoverable says that an enter failed for want of something that completions
// bring back when they are taken (io_uring_enter(2)).
func recoverable(err error) bool { return isErrno(err, unix.EAGAIN) || isErrno(err, unix.EBUSY) }

// withdraw takes back what the kernel hasn't been told of.
func (r *Ring) withdraw() {
	from := r.sqPublished
	if r.flags&SetupSQPoll == 0 {
		// Without a polling thread it looks at the tail in our enters only.
		from = atomic.LoadUint32(r.kernSQHead)
	}
	for i := from; i != r.sqTail; i++ {
		r.ops.withdraw(Handle{id: r.sqes[i&r.sqMask].userData})
	}
	r.sqTail, r.sqPublished = from, from
}

// cancelAll cancels every operation whose result hasn't come. What is cancelled
// stays held until its last completion.
func (r *Ring) cancelAll(deadline time.Time) error {
	for i := range r.ops.slots {
		s := &r.ops.slots[i]
		for s.state&(used|resultCame) == used {
			if r.prepareSilentCancel(s.handle) == nil {
				break
			}
			// Submitting makes room, at once or when the polling thread gets there;
			// it may end this operation as well.
			if err := r.drainSome(deadline, retryPause); err != nil && r.Pending() == len(r.sqes) {
				return err
			}
		}
	}
	return nil
}

// graveyard keeps what leaked operations hold reachable, and so in its place,
// for as long as the process lives.
type graveyard struct {
	sync.Mutex
	pins       [][]runtime.Pinner
	leases     [][]Lease
	registered [][][]byte
}

var leaked graveyard

func (g *graveyard) add(r *Ring) {
	g.Lock()
	defer g.Unlock()
	g.pins = append(g.pins, r.ops.pins)
	g.leases = append(g.leases, r.ops.leases)
	g.registered = append(g.registered, r.registered, r.retired)
}
