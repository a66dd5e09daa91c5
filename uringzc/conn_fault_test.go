//go:build linux

package uringzc

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// unacknowledgedSend sends a lease on a stream whose peer can't be reached, for
// this namespace's loopback is down.
func unacknowledgedSend(t *testing.T, d *Driver) (peer io.Reader, release Release, slab *Slab) {
	t.Helper()
	const size = 10000
	slab, err := NewSlab(size, 1)
	if err != nil {
		t.Fatal(err)
	}
	peer, tcp := tcpConns(t, "tcp4", 0)
	c := wrap(t, d, tcp)
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.LinkSetDown(lo); err != nil {
		t.Fatal(err)
	}
	lease, _ := slab.Lease()
	n, release, err := c.SendMsgZC(t.Context(), Message{Buffer: lease.Buffer(size)})
	if n != size || err != nil {
		t.Fatalf("%d, %v; want %d: it fits the socket's buffer", n, err, size)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	if _, err := release.Wait(ctx); err != context.DeadlineExceeded || release.Done() || slab.InUse() != 1 {
		t.Errorf("wait: %v, done %v, %d in use; want it lent", err, release.Done(), slab.InUse())
	}
	return peer, release, slab
}

// TestConnReleaseIsLate has the peer acknowledge long after the result.
func TestConnReleaseIsLate(t *testing.T) {
	inNamespace(t, func(t *testing.T) {
		d := newDriver(t, Options{Drain: patience})
		peer, release, slab := unacknowledgedSend(t, d)
		var all sync.WaitGroup
		all.Add(1)
		release.OnRelease(func(Usage) {
			if slab.InUse() != 0 {
				t.Error("called before the lease is over")
			}
			all.Done()
		})
		for range 3 {
			all.Go(func() {
				if _, err := release.Wait(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		setUp(t, "lo") // TCP tries again when its timer says so
		discard(t, peer, 10000)
		all.Wait()
		if !release.Done() {
			t.Error("not done")
		}
		if err := slab.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestDriverLeaks closes a driver of which the kernel holds a buffer.
func TestDriverLeaks(t *testing.T) {
	inNamespace(t, func(t *testing.T) {
		const drain = 20 * time.Millisecond
		d := openDriver(t, Options{Drain: drain})
		_, release, slab := unacknowledgedSend(t, d)
		waits := make(chan error)
		go func() {
			_, err := release.Wait(t.Context())
			waits <- err
		}()
		var leak *LeakError
		for range 2 {
			if err := d.Close(); !errors.As(err, &leak) || leak.Operations != 1 || leak.Waited < drain {
				t.Errorf("close: %v; want one operation leaked after %v", err, drain)
			}
		}
		if err := <-waits; err != leak {
			t.Errorf("wait: %v; want what Close says", err)
		}
		if release.Done() || slab.InUse() != 1 {
			t.Errorf("done %v, %d in use; want it lent for good", release.Done(), slab.InUse())
		}
		if err := slab.Close(); !errors.Is(err, ErrLent) {
			t.Errorf("close the slab: %v; want ErrLent", err)
		}
	})
}

// TestConnLockedMemory has an ordinary user send more at once than may be locked:
// sends wait for each other's releases. What doesn't fit alone fails.
func TestConnLockedMemory(t *testing.T) {
	inProcess(t, func(t *testing.T) {
		const limit, size = 1 << 18, 60000
		if os.Getuid() == 0 { // one of whom nothing else has locked memory
			if err := unix.Setuid(1<<30 + os.Getpid()); err != nil {
				t.Skip("no other user to be:", err)
			}
		}
		d := newDriver(t, Options{})
		datagrams := wrap(t, d, connectedUDP(t))
		_, tcp := tcpConns(t, "tcp4", 0)
		stream := wrap(t, d, tcp)
		if err := limitLockedMemory(limit); err != nil {
			t.Fatal(err)
		}
		// What an ordinary user's other programs hold can't be told from what the
		// sends below hold, if it is too much for one. The kernel gives back late
		// what those had that are gone.
		_, _, err := datagrams.SendZC(t.Context(), make([]byte, size))
		for deadline := time.Now().Add(patience); err != nil; _, _, err = datagrams.SendZC(t.Context(), make([]byte, size)) {
			if time.Now().After(deadline) {
				t.Skip("this user has the locked memory in use elsewhere:", err)
			}
		}
		var all sync.WaitGroup
		for range 64 {
			all.Go(func() {
				buf := make([]byte, size)
				for range 20 {
					if n, _, err := datagrams.SendZC(t.Context(), buf); n != size || err != nil {
						t.Errorf("%d, %v", n, err)
						return
					}
				}
			})
		}
		all.Wait()
		n, release, err := stream.SendZC(t.Context(), make([]byte, streamPart))
		if n != 0 || !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("more than the limit: %d, %v; want an error that tells the limit", n, err)
		}
		if _, err := release.Wait(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
