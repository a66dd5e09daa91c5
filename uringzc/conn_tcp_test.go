//go:build linux

package uringzc

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// tcpConns is a connection over loopback: the end that receives, and the one that
// sends, whose buffers have a size, 0 for the kernel's choice.
func tcpConns(t testing.TB, network string, buffers int) (peer, sender *net.TCPConn) {
	t.Helper()
	return tcpConnsOf(t, network, buffers, buffers)
}

// tcpConnsOf is tcpConns with a buffer size for each end. A small one to receive in
// suits a stream that is to stand still: in one that flows, loopback's large packets
// don't fit, are dropped, and are sent again later and later (tcp_prune_queue in
// net/ipv4/tcp_input.c).
func tcpConnsOf(t testing.TB, network string, receive, send int) (peer, sender *net.TCPConn) {
	t.Helper()
	control := func(option, buffers int) func(_, _ string, c syscall.RawConn) error {
		return func(_, _ string, c syscall.RawConn) (err error) {
			if buffers == 0 {
				return nil
			}
			return errors.Join(c.Control(func(fd uintptr) {
				err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, option, buffers)
			}), err)
		}
	}
	config := net.ListenConfig{Control: control(unix.SO_RCVBUF, receive)}
	config.SetMultipathTCP(false)
	l, err := config.Listen(t.Context(), network, map[string]string{"tcp4": "127.0.0.1:0", "tcp6": "[::1]:0"}[network])
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	dialer := net.Dialer{Control: control(unix.SO_SNDBUF, send)}
	c, err := dialer.DialContext(t.Context(), network, l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	p, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p.(*net.TCPConn), c.(*net.TCPConn)
}

// blockedTCP is a connection that takes nothing any more.
func blockedTCP(t testing.TB) *net.TCPConn {
	t.Helper()
	_, c := tcpConns(t, "tcp4", 4096)
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Control(func(fd uintptr) { fillTCP(t, int(fd)) }); err != nil {
		t.Fatal(err)
	}
	return c
}

// discard reads n bytes, or as many as there are.
func discard(t testing.TB, from io.Reader, n int64) int64 {
	t.Helper()
	n, err := io.CopyN(io.Discard, from, n)
	if err != nil {
		t.Error(err)
	}
	return n
}

// streamSend is the size of TestConnStream's buffer to send from: some of loopback's
// packets, since one alone in flight is acknowledged late (delayed acknowledgement).
const streamSend = 1 << 17

// TestConnStream sends messages of many sizes from many goroutines on one stream
// through a small buffer: none is broken into by another, though most take several
// operations, and the buffers are overwritten at their release.
func TestConnStream(t *testing.T) {
	for _, network := range []string{"tcp4", "tcp6"} {
		t.Run(network, func(t *testing.T) {
			d := newDriver(t, Options{})
			peer, tcp := tcpConnsOf(t, network, 0, streamSend)
			c := wrap(t, d, tcp)
			const senders, messages = 64, 4
			sizes := []int{100, 5000, 70000, streamPart + 1}
			ctx, cancel := context.WithTimeout(t.Context(), 6*patience)
			defer cancel()
			stop := context.AfterFunc(ctx, func() { peer.Close() })
			defer stop()
			var all sync.WaitGroup
			for s := range senders {
				all.Go(func() {
					for i := range messages {
						size := sizes[(s+i)%len(sizes)]
						if size > streamPart && s > 8 {
							size = 12
						}
						buf := make([]byte, size)
						numberedMessage(buf, s, i)
						n, release, err := c.SendZC(ctx, buf)
						if n != size || err != nil {
							t.Errorf("send: %d of %d, %v", n, size, err)
							return
						}
						if _, err := release.Wait(ctx); err != nil {
							t.Errorf("release: %v", err)
						}
						clear(buf)
					}
				})
			}
			var next [senders]int
			header := make([]byte, 12)
			for range senders * messages {
				if _, err := io.ReadFull(peer, header); err != nil {
					t.Fatal(err)
				}
				s, size := int(binary.BigEndian.Uint32(header)), binary.BigEndian.Uint32(header[8:])
				if s >= senders || size > 2*streamPart {
					t.Fatalf("no header of a message: %x", header)
				}
				got, want := make([]byte, size), make([]byte, size)
				copy(got, header)
				if _, err := io.ReadFull(peer, got[12:]); err != nil {
					t.Fatal(err)
				}
				numberedMessage(want, s, next[s])
				if !bytes.Equal(got, want) {
					t.Fatalf("message %d of sender %d, %d bytes, arrived damaged", next[s], s, size)
				}
				next[s]++
			}
			all.Wait()
		})
	}
}
