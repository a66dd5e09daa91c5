//go:build linux

package uringzc

import (
	"errors"
	"math"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

func TestSlab(t *testing.T) {
	page := os.Getpagesize()
	for _, tt := range []struct {
		size, count, aligned int
	}{
		{1, 1, 64}, {64, 3, 64}, {1500, 100, 64}, {page, 2, page}, {64000, 10, page}, {64000, 100, page},
	} {
		s := newSlab(t, tt.size, tt.count)
		if s.Size() != tt.size || s.Count() != tt.count || s.InUse() != 0 {
			t.Errorf("%+v: size %d, count %d, in use %d", tt, s.Size(), s.Count(), s.InUse())
		}
		var leases []Lease
		for i := range tt.count {
			l, ok := s.Lease()
			if !ok {
				t.Fatalf("%+v: no buffer after %d", tt, i)
			}
			b := l.Bytes()
			if len(b) != tt.size || cap(b) != tt.size || uintptr(unsafe.Pointer(&b[0]))%uintptr(tt.aligned) != 0 {
				t.Fatalf("%+v: buffer of %d bytes, capacity %d, at %p", tt, len(b), cap(b), b)
			}
			fill(b, i)
			leases = append(leases, l)
		}
		if l, ok := s.Lease(); ok || l.Bytes() != nil || s.InUse() != tt.count {
			t.Errorf("%+v: a buffer too many", tt)
		}
		want := make([]byte, tt.size)
		for i, l := range leases {
			if fill(want, i); string(l.Bytes()) != string(want) {
				t.Errorf("%+v: buffer %d overlaps another", tt, i)
			}
			if err := l.Return(); err != nil {
				t.Error(err)
			}
		}
		if s.InUse() != 0 {
			t.Errorf("%+v: %d in use after all were returned", tt, s.InUse())
		}
	}
}

func TestSlabBadSizes(t *testing.T) {
	for _, tt := range []struct {
		size, count int
		want        string
	}{
		{0, 1, "buffers of 0 bytes: want 1 to 1073741824"},
		{-1, 1, "buffers of -1 bytes"},
		{registerMaxBufBytes + 1, 1, "buffers of 1073741825 bytes"},
		{64, 0, "0 buffers: want 1 to 2147483647"},
		{64, -1, "-1 buffers"},
		{64, math.MaxInt, "buffers: want 1 to"},
		{1 << 30, math.MaxInt32, "cannot allocate memory"},
	} {
		s, err := NewSlab(tt.size, tt.count)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%d x %d: %v, %v; want %q", tt.count, tt.size, s, err, tt.want)
		}
	}
}

// TestStaleLease uses a lease after its end: it must not reach the buffer's next
// holder.
func TestStaleLease(t *testing.T) {
	r := openRing(t, Options{Entries: 4})
	s := newSlab(t, 64, 1)
	_, fd := udpPair(t)
	old, _ := s.Lease()
	if err := old.Return(); err != nil {
		t.Fatal(err)
	}
	stale := func(when string) {
		t.Helper()
		if err := old.Return(); err != ErrStaleLease {
			t.Errorf("%s: Return of a stale lease: %v; want ErrStaleLease", when, err)
		}
		if old.Bytes() != nil {
			t.Errorf("%s: a stale lease gives its memory out", when)
		}
		if _, err := r.PrepareSend(Descriptor(fd), old.Buffer(64), 0, 1); err != ErrStaleLease {
			t.Errorf("%s: a stale lease was sent: %v", when, err)
		}
	}
	stale("buffer free")
	now, _ := s.Lease()
	stale("buffer leased again")
	copy(now.Bytes(), "hello")
	if _, err := r.PrepareSend(Descriptor(fd), now.Buffer(5), 0, 1); err != nil {
		t.Fatal(err)
	}
	stale("buffer lent")
	if err := now.Return(); err != ErrLent {
		t.Errorf("Return of what is lent: %v; want ErrLent", err)
	}
	if now.Bytes() != nil {
		t.Error("a lent buffer can be written to")
	}
	if _, err := r.PrepareSend(Descriptor(fd), now.Buffer(5), 0, 1); err != ErrLent {
		t.Errorf("what is lent was lent again: %v; want ErrLent", err)
	}
	if err := s.Close(); !errors.Is(err, ErrLent) {
		t.Errorf("a slab was closed under the kernel: %v", err)
	}
	take(t, r, 1)
	if s.InUse() != 0 {
		t.Error("the completion didn't give the buffer back")
	}
	stale("buffer free again")
	var zero Lease
	if zero.Bytes() != nil || zero.Return() != ErrStaleLease {
		t.Error("the zero Lease is one")
	}
	if _, err := r.PrepareSendZC(Descriptor(fd), zero.Buffer(1), 0, 1); err != ErrStaleLease {
		t.Errorf("the zero Lease was sent: %v", err)
	}
	if r.Pending() != 0 || r.InFlight() != 0 {
		t.Errorf("%d pending, %d in flight: refused sends left something behind", r.Pending(), r.InFlight())
	}
}

// TestFullRingLeavesTheLease: a send that can't be prepared takes nothing.
func TestFullRingLeavesTheLease(t *testing.T) {
	r := openRing(t, Options{Entries: 1, InFlight: 4, Notifications: 1})
	require(t, r, OpSendZC)
	s := newSlab(t, 64, 2)
	_, fd := udpPair(t)
	if _, err := r.PrepareNop(0); err != nil {
		t.Fatal(err)
	}
	l, _ := s.Lease()
	if _, err := r.PrepareSendZC(Descriptor(fd), l.Buffer(64), 0, 1); err != ErrQueueFull {
		t.Fatalf("full queue: %v; want ErrQueueFull", err)
	}
	take(t, r, 1)
	if _, err := r.PrepareSendZC(Descriptor(fd), l.Buffer(64), 0, 1); err != nil {
		t.Fatal(err)
	}
	next, _ := s.Lease()
	if _, err := r.PrepareSendZC(Descriptor(fd), next.Buffer(64), 0, 1); err != ErrNotifications {
		t.Fatalf("limit on notifications: %v; want ErrNotifications", err)
	}
	if err := next.Return(); err != nil {
		t.Errorf("Return of what couldn't be sent: %v", err)
	}
	takeZC(t, r, 1)
}

// TestSlabManyHolders leases and returns from many goroutines: no buffer has two
// holders at once.
func TestSlabManyHolders(t *testing.T) {
	const buffers, goroutines, rounds = 7, 16, 5000
	s := newSlab(t, 64, buffers)
	var holders [buffers]atomic.Int32
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range rounds {
				l, ok := s.Lease()
				if !ok {
					continue
				}
				if holders[l.number].Add(1) != 1 {
					t.Error("a buffer has two holders")
				}
				l.Bytes()[0]++
				holders[l.number].Add(-1)
				if err := l.Return(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for i := range buffers {
		if _, ok := s.Lease(); !ok {
			t.Fatalf("%d of %d buffers are left", i, buffers)
		}
	}
	for i := range s.buffers {
		l := Lease{slab: s, number: uint32(i), generation: s.buffers[i].state.Load() >> 2}
		if err := l.Return(); err != nil {
			t.Error(err)
		}
	}
}

// TestSlabCloseAmongHolders closes slabs that others lease from: a Close that
// succeeds leaves nobody with a buffer, and none to be had.
func TestSlabCloseAmongHolders(t *testing.T) {
	for range 200 {
		s, err := NewSlab(64, 4)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for range 50 {
					if l, ok := s.Lease(); ok {
						l.Bytes()[0]++ // faults if it is unmapped
						if err := l.Return(); err != nil {
							t.Error(err)
						}
					}
				}
			})
			wg.Go(func() {
				if err := s.Close(); err != nil && !errors.Is(err, ErrLent) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if err := s.Close(); err != nil {
			t.Fatalf("nobody has a buffer: %v", err)
		}
		if l, ok := s.Lease(); ok || s.InUse() != 0 {
			t.Fatalf("a closed slab gives out %v, with %d in use", l, s.InUse())
		}
	}
}

// TestLeaseOfAClosedSlab uses what is left of one.
func TestLeaseOfAClosedSlab(t *testing.T) {
	s := newSlab(t, 64, 1)
	l, _ := s.Lease()
	if err := l.Return(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r := openRing(t, Options{Entries: 1})
	if _, err := r.PrepareSend(Descriptor(-1), l.Buffer(64), 0, 1); err != ErrStaleLease || l.Bytes() != nil || l.Return() != ErrStaleLease {
		t.Errorf("a lease of a closed slab: %v; want ErrStaleLease", err)
	}
}

// TestLeaseGenerationComesRound passes the width of a lease's generation.
func TestLeaseGenerationComesRound(t *testing.T) {
	s := newSlab(t, 64, 1)
	s.buffers[0].state.Store(generationBits << 2)
	last, _ := s.Lease()
	if err := last.Return(); err != nil {
		t.Fatal(err)
	}
	next, _ := s.Lease()
	if next.generation != 0 || last.Return() != ErrStaleLease {
		t.Errorf("generation %d after the largest", next.generation)
	}
	if err := next.Return(); err != nil {
		t.Error(err)
	}
}

// TestRegisteredSlab sends from a slab that the kernel knows, in one registered
// buffer and, made small, in several.
func TestRegisteredSlab(t *testing.T) {
	r := openRing(t, Options{Entries: 8})
	require(t, r, OpSendZC)
	receiver, fd := udpPair(t)
	s := newSlab(t, 1000, 8)
	if err := r.RegisterSlab(s); err != nil {
		t.Fatal(err)
	}
	if err := r.RegisterSlab(s); err == nil {
		t.Error("a second registration went through")
	}
	want := make([]byte, 1000)
	for i := range 3 * s.Count() {
		l, ok := s.Lease()
		if !ok {
			t.Fatal("no buffer")
		}
		fill(l.Bytes(), i)
		if _, err := r.PrepareSendZC(Descriptor(fd), l.Buffer(1000), 0, 1); err != nil {
			t.Fatal(err)
		}
		if e := r.sqes[(r.sqTail-1)&r.sqMask]; e.ioprio&sendFixedBuf == 0 {
			t.Fatal("a registered slab's buffer doesn't go as one")
		}
		if result, _ := takeZC(t, r, 1); result.Err() != nil {
			t.Fatal(result.Err())
		}
		if fill(want, i); receive(t, receiver) != string(want) {
			t.Errorf("message %d arrived damaged", i)
		}
	}
}

// TestSlabRegions: every buffer lies whole in the region of its index.
func TestSlabRegions(t *testing.T) {
	for _, tt := range []struct{ stride, count, want int }{
		{64, 1, 1}, {1 << 29, 2, 1}, {1 << 29, 3, 2}, {1 << 30, 2, 2}, {3 << 28, 3, 3},
	} {
		// Nothing is written: the memory needn't be there.
		memory, err := unix.Mmap(-1, 0, tt.stride*tt.count, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Munmap(memory) })
		s := &Slab{memory: memory, size: tt.stride, stride: tt.stride, buffers: make([]slabBuffer, tt.count)}
		regions := s.regions()
		if len(regions) != tt.want {
			t.Errorf("%+v: %d regions, want %d", tt, len(regions), tt.want)
		}
		for i := range tt.count {
			region := regions[i/s.perRegion()]
			begin := uintptr(unsafe.Pointer(&s.memory[0])) + uintptr(i*tt.stride)
			first := uintptr(unsafe.Pointer(&region[0]))
			if begin < first || begin+uintptr(tt.stride) > first+uintptr(len(region)) || len(region) > registerMaxBufBytes {
				t.Errorf("%+v: buffer %d isn't whole in its region", tt, i)
			}
		}
	}
}
