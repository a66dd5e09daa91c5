//go:build linux

package uringzc

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// tcpPair is a connection over loopback: the end that sends, a descriptor that
// blocks as io_uring's sends are to, and the other.
func tcpPair(t testing.TB) (peer *net.TCPConn, sender int) {
	t.Helper()
	l := listenTCP(t, "127.0.0.1:0", 0)
	return connectTCP(t, l)
}

// slowTCPPair is a connection whose buffers hold some kilobytes only, so that
// sends to a peer that doesn't read soon have to wait.
func slowTCPPair(t testing.TB) (peer *net.TCPConn, sender int) {
	t.Helper()
	const small = 4096
	peer, sender = connectTCP(t, listenTCP(t, "127.0.0.1:0", small))
	if err := unix.SetsockoptInt(sender, unix.SOL_SOCKET, unix.SO_SNDBUF, small); err != nil {
		t.Fatal(err)
	}
	return peer, sender
}

// listenTCP listens with a receive buffer of a size, 0 for the kernel's choice.
func listenTCP(t testing.TB, address string, receive int) *net.TCPListener {
	t.Helper()
	l, err := listenTCPHere(address, receive)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// listenTCPHere listens in the calling thread's namespace.
func listenTCPHere(address string, receive int) (*net.TCPListener, error) {
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		if receive == 0 {
			return nil
		}
		return errors.Join(c.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, receive)
		}), err)
	}}
	l, err := config.Listen(context.Background(), "tcp4", address)
	if err != nil {
		return nil, err
	}
	tcp := l.(*net.TCPListener)
	return tcp, tcp.SetDeadline(time.Now().Add(patience))
}

// connectTCP makes a connection to a listener.
func connectTCP(t testing.TB, l *net.TCPListener) (peer *net.TCPConn, sender int) {
	t.Helper()
	sender, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(sender) })
	// The listener's queue takes the connection before anybody accepts it.
	a := netip.MustParseAddrPort(l.Addr().String())
	if err := unix.Connect(sender, &unix.SockaddrInet4{Addr: a.Addr().As4(), Port: int(a.Port())}); err != nil {
		t.Fatal(err)
	}
	peer, err = l.AcceptTCP()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { peer.Close() })
	if err := peer.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return peer, sender
}

// fillTCP writes until the connection takes nothing any more, nor will before
// the peer reads, and returns how much it took.
func fillTCP(t testing.TB, fd int) (bytes int) {
	t.Helper()
	chunk := make([]byte, 1<<16)
	for {
		n, err := unix.SendmsgN(fd, chunk, nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
		switch {
		case err == nil:
			bytes += n
		case err != unix.EAGAIN:
			t.Fatal(err)
		case standsStill(t, fd):
			return bytes
		default:
			// The acknowledgement of the last segment, which may take 40 ms
			// (TCP_DELACK_MIN), makes room once more.
			within(t, "what was sent is acknowledged", func() bool { return standsStill(t, fd) })
		}
	}
}

// standsStill reports that a connection holds data that the peer has no window
// for, and that all it had one for is acknowledged.
func standsStill(t testing.TB, fd int) bool {
	t.Helper()
	const siocOutQNSD = 0x894b // include/uapi/linux/sockios.h: what isn't sent
	// In this order: what is sent in between isn't taken for acknowledged.
	held, err := unix.IoctlGetInt(fd, unix.SIOCOUTQ)
	if err != nil {
		t.Fatal(err)
	}
	unsent, err := unix.IoctlGetInt(fd, siocOutQNSD)
	if err != nil {
		t.Fatal(err)
	}
	return held > 0 && held == unsent
}

// poll waits for events of a descriptor, poll(2), and reports whether one came.
// POLLERR and POLLHUP need no asking for.
func poll(t testing.TB, fd int, events int16, timeout time.Duration) bool {
	t.Helper()
	for deadline := time.Now().Add(timeout); ; {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: events}}, int(max(time.Until(deadline), 0)/time.Millisecond))
		if err == nil {
			return n > 0
		}
		if err != unix.EINTR {
			t.Fatal(err)
		}
	}
}

// reset ends a connection with RST, and waits until the other end has it.
func reset(t testing.TB, peer *net.TCPConn, sender int) {
	t.Helper()
	if err := peer.SetLinger(0); err != nil {
		t.Fatal(err)
	}
	if err := peer.Close(); err != nil {
		t.Fatal(err)
	}
	if !poll(t, sender, 0, patience) {
		t.Fatal("the reset doesn't arrive")
	}
}
