//go:build linux

package uringzc

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
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
	iovec := &unix.Iovec{Base: &buf[0]}
	iovec.SetLen(len(buf))
	msg := &unix.Msghdr{Iov: iovec}
	msg.SetIovlen(1)
	// No subtests: each would run on a goroutine, and a thread, of its own.
	for _, tt := range []struct {
		name    string
		events  uint32
		prepare func() bool
	}{
		{"nop", 1, func() bool { return r.PrepareNop(1) }},
		{"send", 1, func() bool { return r.PrepareSend(Descriptor(fd), buf, 0, 1) }},
		{"send zero copy", 2, func() bool { return r.PrepareSendZC(Descriptor(fd), buf, 0, 1) }},
		{"send zero copy, fixed", 2, func() bool { return r.PrepareSendZCFixed(Descriptor(fd), buf, 0, 0, 1) }},
		{"sendmsg zero copy", 2, func() bool { return r.PrepareSendMsgZC(Descriptor(fd), msg, 0, 1) }},
	} {
		allocs := testing.AllocsPerRun(200, func() {
			for range batch {
				if !tt.prepare() {
					t.Fatal("queue full")
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
		r.PrepareSend(Descriptor(-1), buf[:], 0, 1)
		if _, err := r.SubmitAndWait(1, patience); err != nil {
			t.Fatal(err)
		}
		r.Next()
	})
	if allocs != 1 {
		t.Errorf("%v allocations; want 1, the buffer's", allocs)
	}
}
