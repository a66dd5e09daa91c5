//go:build linux

package uringzc

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestConnRefused(t *testing.T) {
	d := newDriver(t, Options{})
	unixConn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: "@" + t.TempDir(), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer unixConn.Close()
	pipe, other := net.Pipe()
	defer pipe.Close()
	defer other.Close()
	closed := connectedUDP(t)
	closed.Close()
	for _, tt := range []struct {
		name string
		conn net.Conn
		is   error
		want string
	}{
		{"nil", nil, nil, "it is nil; want a *net.UDPConn or *net.TCPConn"},
		{"nil pointer", (*net.TCPConn)(nil), nil, "it is nil"},
		{"Unix", unixConn, errors.ErrUnsupported, "SOCK_SUPPORT_ZC"},
		{"pipe", pipe, errors.ErrUnsupported, "zero-copy send on a *net.pipe"},
		{"closed", closed, net.ErrClosed, "wrap a connection"},
	} {
		c, err := d.Conn(tt.conn)
		if c != nil || err == nil || !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("%s: %v, %v; want %q and %v", tt.name, c, err, tt.want, tt.is)
		}
	}
}

// TestConnMultipath: what a listener of package net accepts by default came
// through a socket of MPTCP, for which the kernel has no zero copy.
func TestConnMultipath(t *testing.T) {
	var config net.ListenConfig
	config.SetMultipathTCP(true)
	l, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	protocol := 0
	if err := raw.Control(func(fd uintptr) { protocol, err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PROTOCOL) }); err != nil {
		t.Fatal(err)
	}
	if err != nil || protocol != unix.IPPROTO_MPTCP {
		t.Skip("this kernel has no MPTCP, or it is switched off:", protocol, err)
	}
	c, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()
	d := newDriver(t, Options{})
	conn, err := d.Conn(accepted)
	if err == nil { // a kernel that can
		if n, _, err := conn.SendZC(t.Context(), []byte("x")); n != 1 || err != nil {
			t.Errorf("accepted as fit, and then: %d, %v", n, err)
		}
		return
	}
	if !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, unix.EOPNOTSUPP) || !strings.Contains(err.Error(), "SetMultipathTCP(false)") {
		t.Errorf("%v; want EOPNOTSUPP and the cure", err)
	}
	if err := d.call(func() error { return place(d) }); err != nil {
		t.Error(err)
	}
}

// place says if a place of the table isn't free.
func place(d *Driver) error {
	if n := len(d.owner.places); n != d.owner.table {
		return fmt.Errorf("%d of %d places are free", n, d.owner.table)
	}
	return nil
}

func TestConnErrors(t *testing.T) {
	d := newDriver(t, Options{})
	_, tcp := tcpConns(t, "tcp4", 0)
	unconnected, err := net.ListenUDP("udp4", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer unconnected.Close()
	stream, datagrams, nowhere := wrap(t, d, tcp), wrap(t, d, connectedUDP(t)), wrap(t, d, unconnected)
	x := Bytes([]byte("x"))
	for _, tt := range []struct {
		name    string
		conn    *Conn
		message Message
		is      error
		want    string
	}{
		{"fixed", stream, Message{Buffer: Fixed([]byte("x"), 0)}, nil, "want Bytes, OffHeap, or a Lease"},
		{"segment on a stream", stream, Message{Buffer: x, Segment: 1}, nil, "want neither on a stream"},
		{"address on a stream", stream, Message{Buffer: x, To: netip.MustParseAddrPort("127.0.0.1:9")}, nil, "want neither on a stream"},
		{"IPv6 on a socket of IPv4", nowhere, Message{Buffer: x, To: netip.MustParseAddrPort("[::1]:9")}, nil, "want one of IPv4"},
		{"no address", nowhere, Message{Buffer: x}, unix.EDESTADDRREQ, ""},
		{"too large", datagrams, Message{Buffer: Bytes(make([]byte, 65508))}, unix.EMSGSIZE, ""},
		{"no lease", datagrams, Message{Buffer: Lease{}.Buffer(1)}, ErrStaleLease, ""},
	} {
		n, release, err := tt.conn.SendMsgZC(t.Context(), tt.message)
		var op *net.OpError
		if n != 0 || !errors.As(err, &op) || !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("%s: %d, %v; want %q and %v", tt.name, n, err, tt.want, tt.is)
		}
		if u, err := release.Wait(t.Context()); u != UsageUnknown || err != nil {
			t.Errorf("%s: release: %v, %v; want unknown, since nothing was sent", tt.name, u, err)
		}
	}
}
