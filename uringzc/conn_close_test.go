//go:build linux

package uringzc

import (
	"errors"
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// TestConnPeerReset ends the connection from the other side in the middle of a
// send.
func TestConnPeerReset(t *testing.T) {
	d := newDriver(t, Options{})
	peer, tcp := tcpConns(t, "tcp4", 4096)
	c := wrap(t, d, tcp)
	type outcome struct {
		n   int
		err error
	}
	const size = 2*streamPart + 1
	sent := make(chan outcome)
	go func() {
		n, release, err := c.SendZC(t.Context(), make([]byte, size))
		if _, err := release.Wait(t.Context()); err != nil {
			t.Errorf("release: %v", err)
		}
		sent <- outcome{n, err}
	}()
	discard(t, peer, streamPart+1)
	if err := errors.Join(peer.SetLinger(0), peer.Close()); err != nil {
		t.Fatal(err)
	}
	o := <-sent
	if o.n <= streamPart || o.n >= size || !errors.Is(o.err, unix.ECONNRESET) && !errors.Is(o.err, unix.EPIPE) {
		t.Errorf("%d bytes, %v; want some, and ECONNRESET or EPIPE", o.n, o.err)
	}
	if n, _, err := c.SendZC(t.Context(), []byte("x")); n != 0 || !errors.Is(err, unix.EPIPE) {
		t.Errorf("the next send: %d, %v; want EPIPE", n, err)
	}
}

// TestConnClose closes a Conn under goroutines whose sends find no room.
func TestConnClose(t *testing.T) {
	const senders = 8
	d := newDriver(t, Options{})
	tcp := blockedTCP(t)
	c := wrap(t, d, tcp)
	failed := make(chan error)
	for range senders {
		go func() {
			n, release, err := c.SendZC(t.Context(), make([]byte, 1000))
			if n != 0 {
				t.Errorf("%d bytes sent on a full connection", n)
			}
			if _, err := release.Wait(t.Context()); err != nil {
				t.Errorf("release: %v", err)
			}
			failed <- err
		}()
	}
	within(t, "all send", func() bool { return inFlight(t, d) == senders })
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for range senders {
		if err := <-failed; !errors.Is(err, net.ErrClosed) {
			t.Errorf("send: %v; want net.ErrClosed", err)
		}
	}
	if err := c.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a second Close: %v; want net.ErrClosed", err)
	}
	if _, _, err := c.SendZC(t.Context(), []byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a send after Close: %v; want net.ErrClosed", err)
	}
	if _, err := tcp.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the wrapped connection: %v; want net.ErrClosed", err)
	}
	if err := d.call(func() error { return place(d) }); err != nil {
		t.Error(err)
	}
}

// TestConnKeepsItsSocket closes the connection behind the Conn's back and has its
// descriptor given to another.
func TestConnKeepsItsSocket(t *testing.T) {
	d := newDriver(t, Options{})
	receiver, _ := udpPair(t)
	udp, err := net.DialUDP("udp4", nil, receiver.LocalAddr().(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	c := wrap(t, d, udp)
	raw, err := udp.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var number int
	if err := raw.Control(func(fd uintptr) { number = int(fd) }); err != nil {
		t.Fatal(err)
	}
	stranger, other := udpPair(t)
	if err := udp.Close(); err != nil {
		t.Fatal(err)
	}
	if err := unix.Dup3(other, number, unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(number)
	if _, err := unix.Write(number, []byte("the stranger's")); err != nil {
		t.Fatal(err)
	}
	if n, _, err := c.SendZC(t.Context(), []byte("mine")); n != 4 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if got := receive(t, receiver); got != "mine" {
		t.Errorf("received %q", got)
	}
	if got := receive(t, stranger); got != "the stranger's" {
		t.Errorf("the stranger received %q", got)
	}
	if err := c.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Close: %v; want what the wrapped connection says", err)
	}
}
