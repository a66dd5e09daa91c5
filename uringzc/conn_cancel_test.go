//go:build linux

package uringzc

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"
)

// TestConnCancel gives up a send for which there is no room, one behind it, and
// one that has not begun.
func TestConnCancel(t *testing.T) {
	d := newDriver(t, Options{})
	slab := newSlab(t, 1000, 2)
	peer, tcp := tcpConns(t, "tcp4", 4096)
	c := wrap(t, d, tcp)
	raw, err := tcp.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var before int
	if err := raw.Control(func(fd uintptr) { before = fillTCP(t, int(fd)) }); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var cancels [2]context.CancelFunc
	var given [2]chan Release
	for i := range given {
		var each context.Context
		each, cancels[i] = context.WithCancel(ctx)
		given[i] = make(chan Release)
		go func() {
			lease, _ := slab.Lease()
			n, release, err := c.SendMsgZC(each, Message{Buffer: lease.Buffer(1000)})
			if n != 0 || err != context.Canceled || release == (Release{}) {
				t.Errorf("%d, %v, release %+v; want context.Canceled and a release", n, err, release)
			}
			given[i] <- release
		}()
		within(t, "it waits", func() bool { return inFlight(t, d) == i+1 })
	}
	// The second first, which waits for the other.
	for i := 1; i >= 0; i-- {
		if slab.InUse() != i+1 {
			t.Errorf("%d buffers in use, want %d", slab.InUse(), i+1)
		}
		cancels[i]()
		release := <-given[i]
		if _, err := release.Wait(ctx); err != nil {
			t.Errorf("release: %v", err)
		}
	}
	cancel()
	if slab.InUse() != 0 {
		t.Errorf("%d buffers in use after both releases", slab.InUse())
	}
	if n, release, err := c.SendZC(ctx, []byte("never")); n != 0 || err != context.Canceled || release != (Release{}) {
		t.Errorf("a context that has ended: %d, %v", n, err)
	}
	// The stream goes on: nothing of the three was sent.
	const last = "last"
	sent := make(chan error)
	go func() {
		_, _, err := c.SendZC(t.Context(), []byte(last))
		sent <- err
	}()
	got := make([]byte, before+len(last))
	if _, err := io.ReadFull(peer, got); err != nil || string(got[before:]) != last {
		t.Errorf("received %q, %v after what filled the connection; want %q", got[before:], err, last)
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

// TestConnCancelHalfway gives up a send of which the peer has had the beginning.
func TestConnCancelHalfway(t *testing.T) {
	d := newDriver(t, Options{})
	peer, tcp := tcpConns(t, "tcp4", 4096)
	c := wrap(t, d, tcp)
	ctx, cancel := context.WithCancel(t.Context())
	buf := bytes.Repeat([]byte("x"), 2*streamPart)
	given := make(chan Release)
	go func() {
		_, release, err := c.SendZC(ctx, buf)
		if err != context.Canceled {
			t.Errorf("%v; want context.Canceled", err)
		}
		given <- release
	}()
	discard(t, peer, streamPart+1)
	cancel()
	release := <-given
	rest := make(chan int64)
	go func() {
		n, err := io.Copy(io.Discard, peer)
		if err != nil {
			t.Error(err)
		}
		rest <- n
	}()
	if _, err := release.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if n := <-rest; n >= streamPart-1 {
		t.Errorf("%d bytes more arrived, all of them", n)
	}
}

// TestConnCancelWithoutRoom gives up a send for which the driver has no room.
func TestConnCancelWithoutRoom(t *testing.T) {
	d := newDriver(t, Options{Notifications: 1})
	blocked, datagrams := wrap(t, d, blockedTCP(t)), wrap(t, d, connectedUDP(t))
	ended := make(chan error)
	go func() {
		_, _, err := blocked.SendZC(t.Context(), []byte("x"))
		ended <- err
	}()
	within(t, "the first is in flight", func() bool { return inFlight(t, d) == 1 })
	sent := make(chan error)
	go func() {
		_, _, err := datagrams.SendZC(t.Context(), []byte("x"))
		sent <- err
	}()
	within(t, "the second waits", func() bool { return inFlight(t, d) == 2 })
	ctx, cancel := context.WithCancel(t.Context())
	given := make(chan Release)
	go func() {
		_, release, err := datagrams.SendZC(ctx, []byte("x"))
		if err != context.Canceled {
			t.Errorf("%v; want context.Canceled", err)
		}
		given <- release
	}()
	within(t, "the third waits", func() bool { return inFlight(t, d) == 3 })
	cancel()
	bounded, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	if u, err := (<-given).Wait(bounded); u != UsageUnknown || err != nil {
		t.Errorf("release: %v, %v", u, err)
	}
	if err := blocked.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("the first: %v; want net.ErrClosed", err)
	}
	if err := <-sent; err != nil {
		t.Errorf("the second, for which there is room now: %v", err)
	}
}
