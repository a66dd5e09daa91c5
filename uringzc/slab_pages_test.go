//go:build linux

package uringzc

import (
	"fmt"
	"testing"
)

// TestRegisteredSlabCountsWhatIsSent holds a slab of 4 MiB, which could be all huge
// pages, to small ones: from the middle of a registered huge page each message would
// count almost a mebibyte, and the receiver's socket have room for one.
func TestRegisteredSlabCountsWhatIsSent(t *testing.T) {
	const size, count, first, sends = 2048, 2048, 1500, 16
	r := openRing(t, Options{Entries: sends})
	require(t, r, OpSendZC)
	receiver, fd := udpPair(t)
	slab := newSlab(t, size, count)
	if err := r.RegisterSlab(slab); err != nil {
		t.Fatal(err)
	}
	var before []Lease // in the slab
	for range first {
		lease, _ := slab.Lease()
		before = append(before, lease)
	}
	for i := range sends {
		lease, _ := slab.Lease()
		n := copy(lease.Bytes(), fmt.Sprint("message ", i))
		if _, err := r.PrepareSendZC(Descriptor(fd), lease.Buffer(n), 0, uint64(i)); err != nil {
			t.Fatal(err)
		}
	}
	take(t, r, 2*sends)
	for i := range sends {
		if got, want := receive(t, receiver), fmt.Sprint("message ", i); got != want {
			t.Fatalf("received %q, want %q", got, want)
		}
	}
	for _, lease := range before {
		lease.Return()
	}
}
