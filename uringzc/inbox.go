//go:build linux

package uringzc

import "sync/atomic"

// inbox is what goes from any number of goroutines to the one that owns a
// driver: a stack of numbers that the owner takes whole, which has no ABA
// problem, needs no lock and allocates nothing.
//
// Whether the owner sleeps is told by the same word, so that there is no moment
// at which a number is in and the owner sleeps without the one who put it in
// having been told to wake it: either the owner's exchange from empty to asleep
// fails, because the number was there before, or the putter's exchange takes
// asleep out, which only one putter's can.
type inbox struct {
	_    [64]byte      // the head is everybody's; its neighbours needn't travel with it
	head atomic.Uint32 // number put last, or one of the below
	_    [60]byte
	next []uint32 // by number; its putter's before it is in, the owner's after
}

// What the head is besides a number. The list of numbers ends in none, too.
const (
	empty  = none
	asleep = none - 1
	shut   = none - 2
)

// newInbox is an empty inbox for the numbers below n.
func newInbox(n int) *inbox {
	q := &inbox{next: make([]uint32, n)}
	q.head.Store(empty)
	return q
}

// put puts a number in, which isn't in already. It returns false if the inbox is
// shut, and whether the caller is to wake the owner.
func (q *inbox) put(n uint32) (ok, wake bool) {
	for {
		head := q.head.Load()
		switch head {
		case shut:
			return false, false
		case asleep, empty:
			q.next[n] = none
		default:
			q.next[n] = head
		}
		// Go's exchange is a barrier: what the putter wrote before is the
		// owner's to read once it has taken the number.
		if q.head.CompareAndSwap(head, n) {
			return true, head == asleep
		}
	}
}

// take takes everything out, and returns the number that was put in first, none
// if there is none. after gives those that follow.
func (q *inbox) take() uint32 {
	if h := q.head.Load(); h == empty || h == shut {
		return none
	}
	return q.inOrder(q.head.Swap(empty))
}

// close is take for the last time: from here on nothing can be put in.
func (q *inbox) close() uint32 { return q.inOrder(q.head.Swap(shut)) }

// after is the number that was put in after n, none if n is the last. It must be
// asked for before n may be put in again.
func (q *inbox) after(n uint32) uint32 { return q.next[n] }

// sleep declares the owner asleep, and returns false if something is in.
func (q *inbox) sleep() bool { return q.head.CompareAndSwap(empty, asleep) }

// isEmpty says whether there is nothing to take, at a glance.
func (q *inbox) isEmpty() bool { return q.head.Load() == empty }

// inOrder turns a stack round.
func (q *inbox) inOrder(head uint32) uint32 {
	first := uint32(none)
	for n := head; n < shut; {
		n, q.next[n], first = q.next[n], first, n
	}
	return first
}
