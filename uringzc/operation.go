//go:build linux

package uringzc

import "errors"

// Handle names one operation of a ring, from Prepare on and for ever: the number
// of its slot and the slot's generation. The handle of an operation that is over
// stays without effect when the slot is used again, until the generations, 32
// bits wide, come round. The zero value names no operation. A handle of another ring
// isn't noticed: it names one of this ring's, or none.
type Handle struct{ id uint64 }

func handleOf(slot, generation uint32) Handle {
	return Handle{id: uint64(generation)<<32 | uint64(slot)}
}

func (h Handle) slot() uint32       { return uint32(h.id) }
func (h Handle) generation() uint32 { return uint32(h.id >> 32) }

// SingleOp is an operation with one completion, such as a plain send. Take it
// with Ring.Await, or in Ring.Next's order.
type SingleOp struct {
	_ singleOp
	Handle
}

// ZeroCopyOp is a zero-copy send, which has a result and, if that carries
// F_MORE, a release. Take them with Ring.AwaitResult and Ring.AwaitRelease, or in
// Ring.Next's order. That it is not a SingleOp keeps its result from being taken
// for its end.
type ZeroCopyOp struct {
	_ zeroCopyOp
	Handle
}

// Marks that keep the two from being converted into each other.
type (
	singleOp   struct{}
	zeroCopyOp struct{}
)

// What stands in the way of preparing an operation. Each is returned as it is.
var (
	// ErrQueueFull says that the submission queue has no free entry: Submit, and
	// prepare again.
	ErrQueueFull = errors.New("uringzc: the submission queue is full; submit what is prepared first")

	// ErrInFlight says that as many operations as Options.InFlight allows are not
	// over, or over with completions that nobody took: take completions, and
	// prepare again.
	ErrInFlight = errors.New("uringzc: as many operations are in flight as the ring has room for; take completions first")

	// ErrNotifications says that as many zero-copy sends as Options.Notifications
	// allows wait for their release. Plain sends still go.
	ErrNotifications = errors.New("uringzc: as many zero-copy sends are unreleased as Options.Notifications allows; await releases first")
)

// ErrNoCompletion says that what is awaited isn't to come: it was taken already,
// or the operation was abandoned, or never was, or its result came without F_MORE,
// after which there is no release.
var ErrNoCompletion = errors.New("uringzc: the operation has no such completion to come")
