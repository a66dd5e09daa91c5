//go:build linux

package uringzc

import (
	"errors"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// TestRegisteredMemoryStays: Go memory that was registered is the ring's to keep
// for as long as the kernel sends from it, whether it is still registered, or the
// ring still open.
func TestRegisteredMemoryStays(t *testing.T) {
	inNamespace(t, func(t *testing.T) {
		lo := setUp(t, "lo")
		r := openRing(t, Options{Entries: 4, SQPollCPU: -1, Drain: -1})
		require(t, r, OpSendMsgZC)
		_, fd := connectTCP(t, listenTCP(t, "127.0.0.1:0", 0))
		if err := netlink.LinkSetDown(lo); err != nil { // nothing is acknowledged
			t.Fatal(err)
		}
		var freed atomic.Int32
		registerAndSend := func() {
			b := make([]byte, 1<<16)
			runtime.AddCleanup(&b[0], func(int) { freed.Add(1) }, 0)
			if err := r.RegisterBuffers([][]byte{b}); err != nil {
				t.Fatal(err)
			}
			op, err := r.PrepareSendZC(Descriptor(fd), Fixed(b[:100], 0), unix.MSG_NOSIGNAL, 1)
			if err != nil {
				t.Fatal(err)
			}
			if c, err := r.AwaitResult(op, patience); err != nil || c.Res != 100 || !c.More() {
				t.Fatalf("%+v, %v; want 100 bytes, unreleased", c, err)
			}
		}
		kept := func(when string) {
			t.Helper()
			for range 5 {
				runtime.GC()
			}
			if n := freed.Load(); n != 0 {
				t.Errorf("%s: %d buffers that the kernel sends from were freed", when, n)
			}
		}
		registerAndSend()
		kept("registered")
		sends := 1
		if unregisters(t, r) {
			kept("unregistered")
			registerAndSend()
			sends++
		}
		messages := r.messages
		var leak *LeakError
		if err := r.Close(); !errors.As(err, &leak) || leak.Operations != sends {
			t.Fatalf("Close: %v; want a LeakError of %d operations", err, sends)
		}
		kept("closed")
		// The headers of the operations are still there: this would fault.
		if messages[0].header.iovlen > 1 {
			t.Error("a header with more than one part")
		}
	})
}

// unregisters takes the ring's buffers back, or finds that this kernel waits for the
// sends in flight first: signals to the thread end that.
func unregisters(t *testing.T, r *Ring) bool {
	t.Helper()
	done, thread := make(chan struct{}), unix.Gettid()
	go func() {
		for again := time.NewTicker(20 * time.Millisecond); ; {
			select {
			case <-again.C:
				unix.Tgkill(os.Getpid(), thread, unix.SIGURG) // which Go's runtime takes for its own
			case <-done:
				again.Stop()
				return
			}
		}
	}()
	err := r.UnregisterBuffers()
	close(done)
	if errors.Is(err, unix.EINTR) {
		t.Log("this kernel waits for what is in flight:", err)
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	return true
}

// TestUnregisteredSlab: leases of a slab that was taken back go as ordinary memory.
func TestUnregisteredSlab(t *testing.T) {
	r := openRing(t, Options{Entries: 4})
	require(t, r, OpSendZC)
	_, fd := udpPair(t)
	s := newSlab(t, 64, 1)
	if err := r.RegisterSlab(s); err != nil {
		t.Fatal(err)
	}
	if err := r.UnregisterBuffers(); err != nil {
		t.Fatal(err)
	}
	l, _ := s.Lease()
	if _, err := r.PrepareSendZC(Descriptor(fd), l.Buffer(64), 0, 1); err != nil {
		t.Fatal(err)
	}
	if result, _ := takeZC(t, r, 1); result.Err() != nil {
		t.Errorf("%v: it went as a registered buffer", result.Err())
	}
}
