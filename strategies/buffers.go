package strategies

import (
	"fmt"
	"math/bits"
	"os"
	"time"
)

// Buffers is the ring of message buffers that a trial walks round. Messages are
// numbered from 0; message k lies in the slot k places after the walk's start,
// modulo the number of slots. Slots begin at page boundaries.
//
// The pump takes a batch of them; the sender fills each right before it hands it
// over, lends it to the kernel, and takes it back with Release. Message k is
// taken only when message k-Window is released, and the window is never larger
// than the ring, so that nothing the kernel still reads is written.
type Buffers struct {
	arena  []byte
	size   int
	stride int
	slots  int
	batch  int

	fill     Fill
	next     int    // slot of the next message
	seq      uint64 // number of the next message
	inFlight int
	loans    []loan // by message number, modulo a power of two of at least Window
	mask     uint64
	most     int    // in flight at once
	back     uint64 // messages that calls have returned
	released Histogram
	// Messages of a batch are lent and released together: run is how many in a row
	// have had the same time, which are recorded at once.
	run struct{ ns, n int64 }

	// At a set rate: when the first message is due, the time between two in ns,
	// and how late each came back, counted from when it was due.
	start    int64
	interval float64
	late     *Histogram
}

// loan is what is known of one message of the last Window ones.
type loan struct {
	at    int64 // offset in the arena
	since int64 // when it was lent; 0: it is the sender's
}

// PageSize is the distance that slots are aligned to.
var PageSize = os.Getpagesize()

// Stride returns the distance of two slots for messages of a size: the size
// rounded up to whole pages.
func Stride(size int) int { return (size + PageSize - 1) / PageSize * PageSize }

// EffectiveBatch is the batch that a footprint in bytes allows: the lesser of
// what was asked for and half the slots, at least 1. The other half is room for
// the batch before it, which is still in flight.
func EffectiveBatch(batch, size int, footprint int64) int {
	return max(1, int(min(int64(batch), footprint/int64(Stride(size))/2)))
}

// NewBuffers lays out an arena for messages of size bytes that fill writes; nil is
// Stamp. The walk starts at the slot at or after offset.
func NewBuffers(arena []byte, size, batch int, offset int64, fill Fill) (*Buffers, error) {
	if size < StampSize || size > MaxMessage {
		return nil, fmt.Errorf("message size %d: it must be %d to %d bytes", size, StampSize, MaxMessage)
	}
	stride := Stride(size)
	slots := len(arena) / stride
	if slots < 2 {
		return nil, fmt.Errorf("footprint of %d bytes: it must hold at least two buffers of %d bytes", len(arena), stride)
	}
	b := &Buffers{
		arena: arena, size: size, stride: stride, slots: slots, fill: fill,
		batch: EffectiveBatch(batch, size, int64(len(arena))),
	}
	places := 1 << bits.Len(uint(b.Window()-1))
	b.loans, b.mask = make([]loan, places), uint64(places-1)
	b.next = int((offset + int64(stride) - 1) / int64(stride) % int64(slots))
	b.released.touch()
	return b, nil
}

// Batch is the number of messages to send at once.
func (b *Buffers) Batch() int { return b.batch }

// Window is the largest number of messages in flight.
func (b *Buffers) Window() int { return 2 * b.batch }

// Size is the size of a message in bytes.
func (b *Buffers) Size() int { return b.size }

// Offset is where in the arena the walk stands.
func (b *Buffers) Offset() int64 { return int64(b.next) * int64(b.stride) }

// TouchedBytes is the payload that the walk visits before it comes back to a
// slot.
func (b *Buffers) TouchedBytes() int64 { return int64(b.slots) * int64(b.size) }

// InFlight is the number of messages lent and not released.
func (b *Buffers) InFlight() int { return b.inFlight }

// Ready tells whether the next n messages, at most a batch, can be taken.
func (b *Buffers) Ready(n int) bool {
	if b.inFlight == 0 {
		return true
	}
	window := uint64(b.Window())
	for k := b.seq; k < b.seq+uint64(n); k++ {
		if k >= window && b.loans[(k-window)&b.mask].since != 0 {
			return false
		}
	}
	return true
}

// Take gives out the next n messages and returns the number of the first. Ready
// must have said that it can.
func (b *Buffers) Take(n int) (first uint64) {
	first = b.seq
	for range n {
		b.loans[b.seq&b.mask].at = int64(b.next * b.stride)
		b.seq++
		if b.next++; b.next == b.slots {
			b.next = 0
		}
	}
	return first
}

// Filled writes a message that was taken and returns it.
func (b *Buffers) Filled(seq uint64) []byte {
	at := b.loans[seq&b.mask].at
	message := b.arena[at : at+int64(b.size) : at+int64(b.size)]
	if b.fill == nil {
		Stamp(message, seq)
	} else {
		b.fill(message, seq)
	}
	return message
}

// Lend marks n messages from first on as the kernel's since now.
func (b *Buffers) Lend(first uint64, n int, now int64) {
	for k := first; k < first+uint64(n); k++ {
		b.loans[k&b.mask].since = now
	}
	b.inFlight += n
	b.most = max(b.most, b.inFlight)
}

// ArenaOffset is where in the arena a message that was taken begins.
func (b *Buffers) ArenaOffset(seq uint64) int64 { return b.loans[seq&b.mask].at }

// Release takes a message back at a time. A message that isn't lent is an
// error: the kernel, or the sender's reading of it, is not to be trusted.
func (b *Buffers) Release(seq uint64, now int64) error {
	l := &b.loans[seq&b.mask]
	if l.since == 0 || seq >= b.seq || b.seq-seq > uint64(b.Window()) {
		return fmt.Errorf("message %d was released twice, or never lent", seq)
	}
	if ns := now - l.since; ns == b.run.ns {
		b.run.n++
	} else {
		b.released.record(b.run.ns, b.run.n)
		b.run.ns, b.run.n = ns, 1
	}
	if b.late != nil {
		b.late.record(now-b.due(seq), 1)
	}
	l.since = 0
	b.inFlight--
	return nil
}

// Returned is for a call, made at a time, that has copied the next n messages when
// it returns now: each was lent for that call's time.
func (b *Buffers) Returned(n int, since, now int64) {
	b.released.record(now-since, int64(n))
	if b.late == nil {
		return
	}
	for range n {
		b.late.record(now-b.due(b.back), 1)
		b.back++
	}
}

// Pace has messages sent at set times, rate of them a second.
func (b *Buffers) Pace(rate int64) {
	b.interval, b.late = 1e9/float64(rate), new(Histogram)
	b.late.touch()
}

// Paced tells whether messages are due at set times, which is when each one's own
// time of return counts.
func (b *Buffers) Paced() bool { return b.late != nil }

// due is when a message is to be sent.
func (b *Buffers) due(seq uint64) int64 { return b.start + int64(float64(seq)*b.interval) }

// Due is how many of the next messages are due, at most a batch.
func (b *Buffers) Due(now int64) (n int) {
	for n < b.batch && b.due(b.seq+uint64(n)) <= now {
		n++
	}
	return n
}

// Recall takes back n messages from first on that were lent and never reached
// the kernel.
func (b *Buffers) Recall(first uint64, n int) {
	for k := first; k < first+uint64(n); k++ {
		b.loans[k&b.mask].since = 0
	}
	b.inFlight -= n
}

// Released is the times from lending to release.
func (b *Buffers) Released() *Histogram {
	b.released.record(b.run.ns, b.run.n)
	b.run.n = 0
	return &b.released
}

// Late is the times from when a message was due to its release; nil if none was due
// at a set time.
func (b *Buffers) Late() *Histogram { return b.late }

// InFlightMax is the most messages that were in flight at once.
func (b *Buffers) InFlightMax() int { return b.most }

// Now is the clock of Lend and Release: monotonic nanoseconds, never 0.
func Now() int64 { return int64(time.Since(epoch)) }

var epoch = time.Now().Add(-time.Nanosecond)
