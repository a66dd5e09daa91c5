//go:build linux

package uringzc

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
)

func wrap(t testing.TB, d *Driver, c net.Conn) *Conn {
	t.Helper()
	conn, err := d.Conn(c)
	if err != nil {
		t.Fatal(err)
	}
	if conn.NetConn() != c {
		t.Error("NetConn is another connection")
	}
	return conn
}

// numberedMessage fills a buffer with what a sender sends as its i-th message: who,
// which and how long, and a pattern.
func numberedMessage(buf []byte, sender, i int) {
	binary.BigEndian.PutUint32(buf, uint32(sender))
	binary.BigEndian.PutUint32(buf[4:], uint32(i))
	binary.BigEndian.PutUint32(buf[8:], uint32(len(buf)))
	fill(buf[12:], sender*1000+i)
}

// TestConnDatagrams sends from many goroutines, each of which overwrites its
// buffer when it is released. The receiver sees every datagram whole.
func TestConnDatagrams(t *testing.T) {
	const senders, messages, size = 64, 30, 1400
	for _, tt := range []struct {
		listen, address, send string
		connected             bool
	}{
		{"udp4", "127.0.0.1", "udp4", true},
		{"udp4", "127.0.0.1", "udp4", false},
		{"udp6", "::1", "udp6", true},
		{"udp6", "::1", "udp6", false},
		{"udp4", "127.0.0.1", "udp", false}, // IPv4 from a socket of IPv6
	} {
		t.Run(fmt.Sprintf("%s from %s connected=%v", tt.listen, tt.send, tt.connected), func(t *testing.T) {
			d := newDriver(t, Options{})
			receiver, err := net.ListenUDP(tt.listen, &net.UDPAddr{IP: net.ParseIP(tt.address)})
			if err != nil {
				t.Skip(err)
			}
			defer receiver.Close()
			to := receiver.LocalAddr().(*net.UDPAddr).AddrPort()
			var udp *net.UDPConn
			if tt.connected {
				udp, err = net.DialUDP(tt.send, nil, net.UDPAddrFromAddrPort(to))
				to = netip.AddrPort{}
			} else {
				udp, err = net.ListenUDP(tt.send, nil)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer udp.Close()
			c := wrap(t, d, udp)
			underWay := make(chan struct{}, 16) // what the receiver's buffer has room for
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			var all sync.WaitGroup
			for s := range senders {
				all.Go(func() {
					buf := make([]byte, size)
					for i := range messages {
						numberedMessage(buf, s, i)
						select {
						case underWay <- struct{}{}:
						case <-ctx.Done():
							t.Error("nothing arrives")
							return
						}
						n, release, err := c.SendZCTo(ctx, buf, to)
						if n != size || err != nil {
							t.Errorf("send: %d, %v", n, err)
							return
						}
						if u, err := release.Wait(ctx); err != nil || u == UsageZeroCopy {
							t.Errorf("release: %v, %v; loopback copies", u, err)
						}
						clear(buf)
					}
				})
			}
			stop := context.AfterFunc(ctx, func() { receiver.Close() })
			got, want := make([]byte, size+1), make([]byte, size)
			var next [senders]int
			for range senders * messages {
				n, err := receiver.Read(got)
				if err != nil {
					t.Fatal(err)
				}
				s := int(binary.BigEndian.Uint32(got)) % senders
				numberedMessage(want, s, next[s])
				if !bytes.Equal(got[:n], want) {
					t.Fatalf("message %d of sender %d arrived damaged", next[s], s)
				}
				next[s]++
				<-underWay
			}
			all.Wait()
			stop()
		})
	}
}

// TestConnLease sends leases of a registered slab, in one part and in several.
func TestConnLease(t *testing.T) {
	d := newDriver(t, Options{})
	const size = 2*streamPart + 1000
	slab := newSlab(t, size, 2)
	if err := d.RegisterSlab(slab); errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	peer, tcp := tcpConns(t, "tcp4", 0)
	for name, c := range map[string]net.Conn{"stream": tcp, "datagram": connectedUDP(t)} {
		conn := wrap(t, d, c)
		lease, _ := slab.Lease()
		fill(lease.Bytes(), 1)
		n, received := size, make(chan []byte, 1)
		if name == "datagram" {
			n = 1000
		} else {
			go func() {
				got := make([]byte, size)
				_, _ = io.ReadFull(peer, got)
				received <- got
			}()
		}
		sent, release, err := conn.SendMsgZC(t.Context(), Message{Buffer: lease.Buffer(n)})
		if sent != n || err != nil {
			t.Fatalf("%s: %d, %v; want %d", name, sent, err, n)
		}
		if _, err := release.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if slab.InUse() != 0 {
			t.Errorf("%s: released, and %d buffers in use", name, slab.InUse())
		}
		if name == "stream" {
			want := make([]byte, size)
			fill(want, 1)
			if !bytes.Equal(<-received, want) {
				t.Error("arrived damaged")
			}
		}
		if _, release, err := conn.SendMsgZC(t.Context(), Message{Buffer: lease.Buffer(n)}); !errors.Is(err, ErrStaleLease) || release != (Release{}) {
			t.Errorf("%s: a lease twice: %v", name, err)
		}
		// What isn't begun leaves the lease to the caller.
		lease, _ = slab.Lease()
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, release, err := conn.SendMsgZC(ended, Message{Buffer: lease.Buffer(n)}); err != context.Canceled || release != (Release{}) {
			t.Errorf("%s: a context that has ended: %v", name, err)
		}
		if err := lease.Return(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestConnSegment has one message cut into datagrams.
func TestConnSegment(t *testing.T) {
	d := newDriver(t, Options{})
	receiver, _ := udpPair(t)
	udp, err := net.ListenUDP("udp4", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	m := Message{Buffer: Bytes([]byte("aaabbbcc")), To: receiver.LocalAddr().(*net.UDPAddr).AddrPort(), Segment: 3}
	n, release, err := wrap(t, d, udp).SendMsgZC(t.Context(), m)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if n != 8 || err != nil {
		t.Fatalf("%d, %v; want 8", n, err)
	}
	for _, want := range []string{"aaa", "bbb", "cc"} {
		if got := receive(t, receiver); got != want {
			t.Errorf("received %q, want %q", got, want)
		}
	}
	if _, err := release.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestConnEmpty(t *testing.T) {
	d := newDriver(t, Options{})
	receiver, _ := udpPair(t)
	udp, err := net.DialUDP("udp4", nil, receiver.LocalAddr().(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	_, tcp := tcpConns(t, "tcp4", 0)
	for _, c := range []net.Conn{udp, tcp} {
		n, release, err := wrap(t, d, c).SendZC(t.Context(), nil)
		if n != 0 || err != nil {
			t.Errorf("%T: %d, %v", c, n, err)
		}
		if _, err := release.Wait(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if got := receive(t, receiver); got != "" {
		t.Errorf("received %q, want an empty datagram", got)
	}
}
