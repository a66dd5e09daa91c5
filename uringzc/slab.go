//go:build linux

package uringzc

import (
	"errors"
	"fmt"
	"math"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// What is wrong with a lease.
var (
	// ErrStaleLease says that the buffer was given back, by Return or by the
	// release of its send, and may be somebody else's.
	ErrStaleLease = errors.New("uringzc: the lease is over: its buffer was given back; lease another")

	// ErrLent says that a send holds the buffer, which comes back by the
	// release alone.
	ErrLent = errors.New("uringzc: a buffer is lent until its send is released")
)

// Slab is memory outside the Go heap, divided into buffers of one size, for
// sends. A buffer is leased, filled, lent to the kernel by a send, and back in
// the slab with the send's release:
//
//	        Lease               Prepare…                release
//	free ──────────▶ leased ────────────────▶ lent ────────────────▶ free
//	  ▲                 │ Return
//	  └─────────────────┘
//
// Each lease has a generation, so that one that is over is told from its
// buffer's next. A slab may be used by any number of goroutines and rings; it
// takes no lock.
type Slab struct {
	memory  []byte
	size    int
	stride  int
	buffers []slabBuffer
	free    atomic.Uint64 // number of the first free buffer + 1, with a count above it
	closing sync.Mutex
}

// slabBuffer is the account of one buffer.
type slabBuffer struct {
	state atomic.Uint32 // generation<<2 | leaseState
	next  atomic.Uint32 // number of the next free buffer + 1
}

type leaseState uint32

const (
	free leaseState = iota
	held
	lent
)

// Lease is the right to a buffer of a slab until it is sent or returned. The
// zero value is over.
type Lease struct {
	slab       *Slab
	number     uint32
	generation uint32 // 30 bits
}

const generationBits = 1<<30 - 1

// NewSlab maps a slab of count buffers of size bytes each, in small pages: what
// huge ones cost where they are registered is told at RegisterBuffers. A buffer begins
// at a page boundary, one smaller than a page at a cache line's.
func NewSlab(size, count int) (*Slab, error) {
	if size < 1 || size > registerMaxBufBytes {
		return nil, fmt.Errorf("uringzc: slab of buffers of %d bytes: want 1 to %d", size, registerMaxBufBytes)
	}
	page := os.Getpagesize()
	stride := roundUp(size, 64)
	if size >= page {
		stride = roundUp(size, page)
	}
	if most := min(math.MaxInt32, (math.MaxInt-page)/stride); count < 1 || count > most {
		return nil, fmt.Errorf("uringzc: slab of %d buffers: want 1 to %d", count, most)
	}
	memory, err := mapSlab(stride * count)
	if err != nil {
		return nil, fmt.Errorf("uringzc: slab of %d buffers of %d bytes: %w", count, size, err)
	}
	s := &Slab{memory: memory, size: size, stride: stride, buffers: make([]slabBuffer, count)}
	for i := range s.buffers {
		s.buffers[i].next.Store(uint32(i+2) % uint32(count+1))
	}
	s.free.Store(1)
	return s, nil
}

// mapSlab maps n bytes that are all there from the start.
func mapSlab(n int) ([]byte, error) {
	m, err := unix.Mmap(-1, 0, roundUp(n, os.Getpagesize()), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	// A kernel without transparent huge pages refuses the advice, and needs none.
	_ = unix.Madvise(m, unix.MADV_NOHUGEPAGE)
	for i := 0; i < len(m); i += os.Getpagesize() {
		m[i] = 0 // a page that nobody wrote is the shared zero page
	}
	return m, nil
}

func roundUp(n, unit int) int { return (n + unit - 1) / unit * unit }

// Size is the size of a buffer in bytes.
func (s *Slab) Size() int { return s.size }

// Count is how many buffers there are.
func (s *Slab) Count() int { return len(s.buffers) }

// Lease takes a free buffer, and returns false if there is none.
func (s *Slab) Lease() (Lease, bool) {
	for {
		head := s.free.Load()
		n := uint32(head)
		if n == 0 {
			return Lease{}, false
		}
		b := &s.buffers[n-1]
		// The count in the upper half makes the exchange fail if the buffer was
		// taken and given back since.
		if s.free.CompareAndSwap(head, (head>>32+1)<<32|uint64(b.next.Load())) {
			generation := b.state.Load() >> 2
			b.state.Store(generation<<2 | uint32(held))
			return Lease{slab: s, number: n - 1, generation: generation}, true
		}
	}
}

// InUse is how many buffers are leased or lent.
func (s *Slab) InUse() int {
	n := 0
	for i := range s.buffers {
		if leaseState(s.buffers[i].state.Load()&3) != free {
			n++
		}
	}
	return n
}

// Close unmaps the slab. While buffers are leased or lent it does nothing but
// say so, since something reads them or may write to them; a buffer that a ring
// had to leak stays lent for good. No ring may have the slab registered and go
// on sending from it. Closing a closed slab does nothing.
func (s *Slab) Close() error {
	s.closing.Lock()
	defer s.closing.Unlock()
	if s.memory == nil {
		return nil
	}
	// Whoever has all leases is alone.
	leases := make([]Lease, 0, len(s.buffers))
	for l, ok := s.Lease(); ok; l, ok = s.Lease() {
		leases = append(leases, l)
	}
	if n := len(s.buffers) - len(leases); n > 0 {
		for _, l := range leases {
			l.release(held)
		}
		return fmt.Errorf("uringzc: close a slab: %d of %d buffers are not back, so that it stays mapped; Return what is leased and await the release of what is sent: %w",
			n, len(s.buffers), ErrLent)
	}
	err := unix.Munmap(s.memory)
	s.memory = nil
	for _, l := range leases {
		_ = l.turn(held, free) // so that Leases that are around are over
	}
	return os.NewSyscallError("munmap", err)
}

// Bytes is the buffer's memory, all of it, to write to until it is sent or
// returned; nil if the lease is over.
func (l Lease) Bytes() []byte {
	if l.slab == nil || l.slab.buffers[l.number].state.Load() != l.generation<<2|uint32(held) {
		return nil
	}
	return l.bytes()
}

func (l Lease) bytes() []byte {
	at := int(l.number) * l.slab.stride
	return l.slab.memory[at : at+l.slab.size : at+l.slab.size]
}

// Buffer is the first n bytes of the lease for a send, n cut to the buffer's
// size. The send takes the lease over: if it can be prepared, the buffer returns
// to the slab with its release, and by no other way. From rings that the slab is
// registered with it goes as a registered buffer.
func (l Lease) Buffer(n int) Buffer {
	memory := l.Bytes() // nil if the lease is over, or the buffer lent: Prepare says so
	b := bufferOf(memory[:min(max(n, 0), len(memory))], ofSlab, 0)
	b.lease = l
	return b
}

// Return gives back a buffer that wasn't sent.
func (l Lease) Return() error {
	if l.slab == nil {
		return ErrStaleLease
	}
	return l.release(held)
}

// lend marks the buffer as the kernel's.
func (l Lease) lend() error {
	if l.slab == nil {
		return ErrStaleLease
	}
	return l.turn(held, lent)
}

// release gives back a buffer that was held, or that was lent and the kernel has
// let go of.
func (l Lease) release(from leaseState) error {
	if err := l.turn(from, free); err != nil {
		return err
	}
	l.slab.push(l.number)
	return nil
}

// turn moves the lease from one state to another. A free buffer has its next
// lease's generation already.
func (l Lease) turn(from, to leaseState) error {
	state := &l.slab.buffers[l.number].state
	next := l.generation
	if to == free {
		next = (next + 1) & generationBits
	}
	if state.CompareAndSwap(l.generation<<2|uint32(from), next<<2|uint32(to)) {
		return nil
	}
	if state.Load() == l.generation<<2|uint32(lent) {
		return ErrLent
	}
	return ErrStaleLease
}

// regions are the parts of the slab that are registered as a buffer each. No
// buffer of the slab lies across two.
func (s *Slab) regions() [][]byte {
	var regions [][]byte
	length := s.perRegion() * s.stride
	for at := 0; at < len(s.buffers)*s.stride; at += length {
		regions = append(regions, s.memory[at:min(at+length, len(s.memory))])
	}
	return regions
}

// perRegion is how many buffers a region has: the kernel takes no more than 1
// GiB in one.
func (s *Slab) perRegion() int { return registerMaxBufBytes / s.stride }

// push puts a buffer on the list of free ones.
func (s *Slab) push(number uint32) {
	for {
		head := s.free.Load()
		s.buffers[number].next.Store(uint32(head))
		if s.free.CompareAndSwap(head, (head>>32+1)<<32|uint64(number+1)) {
			return
		}
	}
}
