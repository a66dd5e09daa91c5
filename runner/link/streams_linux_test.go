package link_test

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"sendbench/runner/link"
	"sendbench/runner/link/linktest"
	"sendbench/runner/results"
)

var loopback4 = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)

// openStreams listens on loopback.
func openStreams(t *testing.T, peer netip.Addr) *link.Streams {
	t.Helper()
	s, err := link.OpenStreams(loopback4, peer)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// connect opens a connection to loopback streams.
func connect(t *testing.T, s *link.Streams) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.Connect(fd, &unix.SockaddrInet4{Addr: loopback4.Addr().As4(), Port: int(s.Port())}); err != nil {
		t.Fatal(err)
	}
	return fd
}

// put sends all of it.
func put(t *testing.T, fd int, p []byte) {
	t.Helper()
	for len(p) > 0 {
		n, err := unix.Write(fd, p)
		if err != nil && err != unix.EINTR && err != unix.EAGAIN {
			t.Fatal(err)
		}
		p = p[max(n, 0):]
	}
}

// counted settles a receiver of its own for so many messages, and closes it.
func counted(t *testing.T, s *link.Streams, o link.ListenOptions, messages int64, send func()) link.Counts {
	t.Helper()
	o.CPU = -1
	if _, err := s.Discard(time.Now().Add(link.DiscardLimit)); err != nil {
		t.Fatal(err)
	}
	r, err := s.Listen(o)
	if err != nil {
		t.Fatal(err)
	}
	send()
	counts, err := r.Settle(messages, settleTimeout)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	if counts.Received < counts.Bytes {
		t.Errorf("%d bytes were received, and %d are in messages", counts.Received, counts.Bytes)
	}
	counts.Received = 0 // what the tests compare is the rest
	return counts
}

// TestStreamsCount: whole messages are counted, looked at or not, however the stream
// is cut, and connections live on from one receiver to the next.
func TestStreamsCount(t *testing.T) {
	s := openStreams(t, netip.Addr{})
	fds := []int{connect(t, s), connect(t, s)}
	for _, size := range []int{16, 100, 1400, 65536, 1 << 20} {
		for _, looks := range []bool{true, false} {
			o := link.ListenOptions{Size: size}
			if looks {
				o.Start, o.Intact = start, intact
			}
			const each = 5
			counts := counted(t, s, o, 2*each, func() {
				for _, fd := range fds {
					var all []byte
					for seq := range uint64(each) {
						all = append(all, message(seq, size)...)
					}
					for cut := 7; len(all) > 0; cut = min(3*cut, 100_000) {
						n := min(cut, len(all))
						put(t, fd, all[:n])
						all = all[n:]
					}
				}
			})
			if want := (link.Counts{Messages: 2 * each, Bytes: 2 * each * int64(size)}); counts != want {
				t.Errorf("size %d, looked at %v: %+v, want %+v", size, looks, counts, want)
			}
		}
	}
}

// TestStreamsLook: what isn't as it was sent is told.
func TestStreamsLook(t *testing.T) {
	const size = 1000
	for _, c := range []struct {
		name string
		send func() []byte
		want link.Counts
	}{
		{"a byte changed", func() []byte {
			m := message(0, size)
			m[500]++
			return append(m, message(1, size)...)
		}, link.Counts{Messages: 1, Bytes: size, Incomplete: 1}},
		{"no stamp", func() []byte {
			m := message(0, size)
			m[9]++
			return append(m, message(1, size)...)
		}, link.Counts{Incomplete: 1, Messages: 1, Bytes: size}},
		{"twice", func() []byte { return append(message(0, size), message(0, size)...) }, link.Counts{Messages: 1, Bytes: size, Incomplete: 1}},
		{"out of order", func() []byte {
			return append(append(message(0, size), message(2, size)...), message(1, size)...)
		}, link.Counts{Messages: 1, Bytes: size, Incomplete: 2}},
		{"cut off", func() []byte { return append(message(0, size), message(1, size)[:size-1]...) }, link.Counts{Messages: 1, Bytes: size, Incomplete: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := openStreams(t, netip.Addr{})
			fd := connect(t, s)
			counts := counted(t, s, link.ListenOptions{Size: size, Start: start, Intact: intact}, 3, func() { put(t, fd, c.send()) })
			if counts != c.want {
				t.Errorf("%+v, want %+v", counts, c.want)
			}
		})
	}
}

// TestStreamsForget: what a trial that failed left is not the next one's.
func TestStreamsForget(t *testing.T) {
	s := openStreams(t, netip.Addr{})
	fd, other := connect(t, s), connect(t, s)
	put(t, fd, make([]byte, 3000))
	if err := unix.SetsockoptLinger(other, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}); err != nil {
		t.Fatal(err)
	}
	put(t, other, make([]byte, 3000))
	if err := unix.Shutdown(other, unix.SHUT_RDWR); err != nil {
		t.Fatal(err)
	}
	thrown, err := s.Discard(time.Now().Add(link.DiscardLimit))
	if err != nil || thrown < 3000 || thrown > 6000 { // a reset takes unread bytes with it
		t.Errorf("%d bytes are thrown away, %v", thrown, err)
	}
	counts := counted(t, s, link.ListenOptions{Size: 1000}, 2, func() { put(t, fd, make([]byte, 2000)) })
	if want := (link.Counts{Messages: 2, Bytes: 2000}); counts != want {
		t.Errorf("%+v, want %+v", counts, want)
	}
}

// TestStreamsPeer: connections of others are not taken, but counted.
func TestStreamsPeer(t *testing.T) {
	s := openStreams(t, netip.AddrFrom4([4]byte{127, 0, 0, 2}))
	r, err := s.Listen(link.ListenOptions{Size: 1000, CPU: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for range 2 {
		fd := connect(t, s)
		if n, err := unix.Read(fd, make([]byte, 1)); n > 0 || err != nil && err != unix.ECONNRESET {
			t.Errorf("a stranger's connection: read %d, %v; want its end", n, err)
		}
	}
	if counts, err := r.Settle(0, settleTimeout); err != nil || counts != (link.Counts{Foreign: 2}) {
		t.Errorf("%+v, %v; want two foreign connections", counts, err)
	}
}

// TestStreamsAcknowledge: a receiver that has read all there is acknowledges at once,
// and not when the kernel's timer for that is over.
func TestStreamsAcknowledge(t *testing.T) {
	s := openStreams(t, netip.Addr{})
	fd := connect(t, s)
	counted(t, s, link.ListenOptions{Size: 100}, 50, func() {
		for range 50 {
			put(t, fd, make([]byte, 100))
			for begun := time.Now(); ; {
				left, err := unix.IoctlGetInt(fd, unix.SIOCOUTQ)
				if err != nil {
					t.Fatal(err)
				}
				if left == 0 {
					break
				}
				if time.Since(begun) > settleTimeout {
					t.Fatalf("%d bytes were never acknowledged", left)
				}
			}
		}
	})
}

// TestStreamsLinkLocal: each side names its own device in a link-local address, and it is
// the sender's address all the same.
func TestStreamsLinkLocal(t *testing.T) {
	linktest.Need(t)
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	address, err := netlink.ParseAddr("fe80::7/64")
	if err != nil {
		t.Fatal(err)
	}
	address.Flags = unix.IFA_F_NODAD
	if err := netlink.AddrAdd(lo, address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := netlink.AddrDel(lo, address); err != nil {
			t.Error(err)
		}
	})
	handle, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		t.Fatal(err)
	}
	defer handle.Close()
	if err := link.AwaitAddress(handle, lo, address.IP); err != nil {
		t.Fatal(err)
	}
	local := netip.MustParseAddrPort("[fe80::7%lo]:0")
	s, err := link.OpenStreams(local, netip.MustParseAddr("fe80::7%eth9"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn, err := net.Dial("tcp", netip.AddrPortFrom(local.Addr(), s.Port()).String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const size = 1000
	counts := counted(t, s, link.ListenOptions{Size: size, Start: start, Intact: intact}, 1, func() {
		if _, err := conn.Write(message(0, size)); err != nil {
			t.Fatal(err)
		}
	})
	if want := (link.Counts{Messages: 1, Bytes: size}); counts != want {
		t.Errorf("%+v, want %+v", counts, want)
	}
}

// TestStreamsRefuse: a receiver takes messages that it can count, and is the only one.
func TestStreamsRefuse(t *testing.T) {
	s := openStreams(t, netip.Addr{})
	for _, o := range []link.ListenOptions{{}, {Size: 100, Intact: intact}} {
		if _, err := s.Listen(o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
	r, err := s.Listen(link.ListenOptions{Size: 100, CPU: -1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Listen(link.ListenOptions{Size: 100, CPU: -1}); err == nil {
		t.Error("a second receiver is taken")
	}
	if _, err := s.Discard(time.Now().Add(link.DiscardLimit)); err == nil {
		t.Error("what a receiver reads is thrown away")
	}
	if _, err := r.Counts(); err != nil {
		t.Error(err)
	}
	if err := errors.Join(r.Close(), r.Close()); err != nil {
		t.Error(err)
	}
}

// TestLinkStreams: TCP over the links that have it, and a clear word from the one that
// hasn't.
func TestLinkStreams(t *testing.T) {
	linktest.Need(t)
	for _, kind := range []string{link.Pair, link.Loopback} {
		for _, family := range []int{4, 6} {
			l, err := link.Open(kind, family)
			if err != nil {
				t.Fatal(err)
			}
			const size, messages = 65536, 20
			fd, sendBuffer, err := l.Dial(link.DialOptions{Proto: results.ProtoTCP, SendBuffer: 1 << 20})
			if err != nil {
				t.Fatal(err)
			}
			if sendBuffer < 1<<17 {
				t.Errorf("SO_SNDBUF is %d", sendBuffer)
			}
			for range 2 {
				r, err := l.Listen(link.ListenOptions{Proto: results.ProtoTCP, Size: size, Start: start, Intact: intact, CPU: -1})
				if err != nil {
					t.Fatal(err)
				}
				for seq := range uint64(messages) {
					put(t, fd, message(seq, size))
				}
				counts, err := r.Settle(messages, settleTimeout)
				if err := errors.Join(err, r.Close()); err != nil {
					t.Fatal(err)
				}
				if counts.Messages != messages || counts.Incomplete != 0 {
					t.Errorf("%s, IPv%d: %+v", kind, family, counts)
				}
			}
			if err := errors.Join(unix.Close(fd), l.Close()); err != nil {
				t.Error(err)
			}
		}
	}
	l, err := link.Open(link.Sink, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, _, err := l.Dial(link.DialOptions{Proto: results.ProtoTCP}); err == nil {
		t.Error("a sink takes TCP")
	}
	if _, err := l.Listen(link.ListenOptions{Proto: results.ProtoTCP, Size: 100}); err == nil {
		t.Error("a sink has a receiver of TCP")
	}
}
