//go:build linux

package uringzc

import (
	"net/netip"
	"testing"
	"time"
)

func TestNoAllocations(t *testing.T) {
	const batch = 16
	r := openRing(t, Options{Entries: batch})
	require(t, r, OpSendMsgZC)
	_, fd := udpPair(t) // what the receiver has no room for is dropped
	buf := make([]byte, 64)
	if err := r.RegisterBuffers([][]byte{buf}); err != nil {
		t.Fatal(err)
	}
	slab := newSlab(t, len(buf), batch)
	discard := AddressOf(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 9))
	to := Descriptor(udpSocket(t)).To(&discard)
	// No subtests: each would run on a goroutine, and a thread, of its own.
	for _, tt := range []struct {
		name    string
		events  uint32
		prepare func() error
	}{
		{"nop", 1, func() error { _, err := r.PrepareNop(1); return err }},
		{"send", 1, func() error { _, err := r.PrepareSend(Descriptor(fd), Bytes(buf), 0, 1); return err }},
		{"send zero copy", 2, func() error { _, err := r.PrepareSendZC(Descriptor(fd), Bytes(buf), 0, 1); return err }},
		{"not connected", 2, func() error { _, err := r.PrepareSendZC(to, Bytes(buf), 0, 1); return err }},
		{"fixed", 2, func() error { _, err := r.PrepareSendZC(Descriptor(fd), Fixed(buf, 0), 0, 1); return err }},
		{"leased", 2, func() error {
			lease, _ := slab.Lease()
			_, err := r.PrepareSendZC(Descriptor(fd), lease.Buffer(64), 0, 1)
			return err
		}},
		{"sendmsg zero copy", 2, func() error { _, err := r.PrepareSendMsgZC(to, Bytes(buf), 32, 0, 1); return err }},
	} {
		allocs := testing.AllocsPerRun(200, func() {
			for range batch {
				if err := tt.prepare(); err != nil {
					t.Fatal(err)
				}
			}
			if n, err := r.Submit(); n != batch || err != nil {
				t.Fatalf("Submit = %d, %v; want %d", n, err, batch)
			}
			if _, err := r.SubmitAndWait(tt.events*batch, patience); err != nil {
				t.Fatal(err)
			}
			for range tt.events * batch {
				if c, ok := r.Next(); !ok || c.Err() != nil {
					t.Fatalf("completion %+v, %v", c, ok)
				}
			}
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations a batch", tt.name, allocs)
		}
	}
	allocs := testing.AllocsPerRun(200, func() {
		if _, err := r.SubmitAndWait(1, time.Microsecond); err != ErrTimeout {
			t.Fatalf("error %v; want ErrTimeout", err)
		}
	})
	if allocs != 0 {
		t.Errorf("a wait that times out: %v allocations", allocs)
	}
}

// TestBufferLeavesTheStack: one on the stack would be moved under the kernel.
func TestBufferLeavesTheStack(t *testing.T) {
	r := openRing(t, Options{Entries: 4})
	allocs := testing.AllocsPerRun(100, func() {
		var buf [64]byte
		r.PrepareSend(Descriptor(-1), Bytes(buf[:]), 0, 1)
		if _, err := r.SubmitAndWait(1, patience); err != nil {
			t.Fatal(err)
		}
		r.Next()
	})
	if allocs != 1 {
		t.Errorf("%v allocations; want 1, the buffer's", allocs)
	}
}
