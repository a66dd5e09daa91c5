//go:build linux

package uringzc

import (
	"context"
	"errors"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// newDriver makes a driver and closes it after the test.
func newDriver(t testing.TB, opt Options) *Driver {
	t.Helper()
	d := openDriver(t, opt)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// openDriver makes a driver that the test closes.
func openDriver(t testing.TB, opt Options) *Driver {
	t.Helper()
	d, err := NewDriver(opt)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDriverOptions(t *testing.T) {
	for _, tt := range []struct {
		opt  Options
		want string
	}{
		{Options{Entries: 32769}, "Entries 32769: want 1 to 32768"},
		{Options{InFlight: 32767}, "InFlight 32767: a driver wants 1 to 32766, or 0"},
	} {
		if _, err := NewDriver(tt.opt); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v; want %q", tt.opt, err, tt.want)
		}
	}
}

// TestDriverCloses closes a driver under goroutines that send without a pause.
// Each gets an error, every buffer comes back, and nothing is left over.
func TestDriverCloses(t *testing.T) {
	descriptors := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip(err)
		}
		return len(entries)
	}
	udp, tcp := connectedUDP(t), blockedTCP(t)
	before, goroutines := descriptors(), runtime.NumGoroutine()
	for _, inFlight := range []uint32{0, 8} {
		d := openDriver(t, Options{InFlight: inFlight})
		var conns []*Conn
		for _, c := range []net.Conn{udp, tcp} {
			conn, err := d.Conn(c)
			if err != nil {
				t.Fatal(err)
			}
			conns = append(conns, conn)
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		var all, begun sync.WaitGroup
		for i := range 64 {
			begun.Add(1)
			all.Go(func() {
				buf := make([]byte, 30000)
				for first := true; ; first = false {
					if first {
						begun.Done()
					}
					_, release, err := conns[i%16/15].SendZC(ctx, buf)
					if err == nil {
						_, err = release.Wait(ctx)
					} else if !errors.Is(err, net.ErrClosed) {
						t.Errorf("send: %v; want net.ErrClosed", err)
					}
					if err != nil {
						if _, err := release.Wait(ctx); err != nil {
							t.Errorf("release: %v", err)
						}
						return
					}
				}
			})
		}
		begun.Wait()
		for range 2 {
			if err := d.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}
		all.Wait()
		cancel()
		if n, _, err := conns[0].SendZC(t.Context(), []byte("x")); n != 0 || !errors.Is(err, net.ErrClosed) {
			t.Errorf("send after close: %d, %v; want net.ErrClosed", n, err)
		}
		if _, err := d.Conn(udp); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Conn after close: %v; want net.ErrClosed", err)
		}
		if err := d.RegisterSlab(newSlab(t, 1, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("RegisterSlab after close: %v; want net.ErrClosed", err)
		}
	}
	within(t, "goroutines and descriptors are as many as before", func() bool {
		return runtime.NumGoroutine() <= goroutines && descriptors() == before
	})
	// The connections are still there.
	if _, err := udp.Write([]byte("x")); err != nil {
		t.Error(err)
	}
}

// TestDriverFails breaks the ring under its owner: everybody hears why.
func TestDriverFails(t *testing.T) {
	d := openDriver(t, Options{Drain: 10 * time.Millisecond})
	c, err := d.Conn(blockedTCP(t))
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error)
	const senders = 8
	for range senders {
		go func() {
			_, release, err := c.SendZC(t.Context(), make([]byte, 10000))
			if errors.Is(err, unix.EBADF) {
				_, leak := release.Wait(t.Context()) // nobody heard whether it came
				var want *LeakError
				if release != (Release{}) && leak != nil && !errors.As(leak, &want) {
					t.Errorf("release: %v; want a *LeakError", leak)
				}
			}
			failed <- err
		}()
	}
	within(t, "all send", func() bool { return inFlight(t, d) == senders })
	err = d.call(func() error {
		d.owner.ring.enterFD, d.owner.ring.enterFlags = 1<<20, 0
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for range senders {
		if err := <-failed; !errors.Is(err, unix.EBADF) {
			t.Errorf("send: %v; want EBADF", err)
		}
	}
	var leak *LeakError
	if err := d.Close(); !errors.Is(err, unix.EBADF) || !errors.As(err, &leak) || leak.Operations == 0 {
		t.Errorf("close: %v; want EBADF and what was leaked", err)
	}
	if _, _, err := c.SendZC(t.Context(), []byte("x")); !errors.Is(err, unix.EBADF) {
		t.Errorf("a later send: %v; want EBADF", err)
	}
}

// inFlight is how many requests of a driver aren't free.
func inFlight(t testing.TB, d *Driver) (n int) {
	t.Helper()
	err := d.call(func() error {
		for i := range d.requests {
			if d.requests[i].stage != idle {
				n++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestDriverKinds sends datagrams and a stream through drivers of all kinds.
func TestDriverKinds(t *testing.T) {
	for name, opt := range map[string]Options{
		"one entry":             {Entries: 1},
		"one in flight":         {InFlight: 1},
		"one notification":      {Notifications: 1},
		"without DEFER_TASKRUN": {Without: SetupDeferTaskrun},
		"polled":                {SQPoll: true, SQPollCPU: -1},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDriver(t, opt)
			peer, tcp := tcpConns(t, "tcp4", 0)
			stream, datagrams := wrap(t, d, tcp), wrap(t, d, connectedUDP(t))
			const size = 3 << 20
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			stop := context.AfterFunc(ctx, func() { peer.Close() })
			defer stop()
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					for range 100 {
						if _, _, err := datagrams.SendZC(ctx, make([]byte, 100)); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			all.Go(func() {
				if n, _, err := stream.SendZC(ctx, make([]byte, size)); n != size || err != nil {
					t.Errorf("%d, %v", n, err)
				}
			})
			if n := discard(t, peer, size); n != size {
				t.Errorf("%d bytes arrived", n)
			}
			all.Wait()
		})
	}
}
