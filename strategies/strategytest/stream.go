//go:build linux

package strategytest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"sendbench/strategies"
)

// streams checks a strategy over TCP on 127.0.0.1.
func streams(t *testing.T, s strategies.Strategy) {
	for _, size := range []int{16, 1400, 4096, 65536, 262144, 1 << 20} {
		t.Run(fmt.Sprintf("delivery/size=%d", size), func(t *testing.T) { streamDelivery(t, s, size, false) })
		t.Run(fmt.Sprintf("short sends/size=%d", size), func(t *testing.T) { streamDelivery(t, s, size, true) })
	}
	t.Run("at a set rate", func(t *testing.T) { streamPaced(t, s) })
	t.Run("allocations", func(t *testing.T) { streamAllocations(t, s) })
	t.Run("peer that resets", func(t *testing.T) { resetByPeer(t, s) })
	t.Run("peer that stops reading", func(t *testing.T) { deafPeer(t, s, nil) })
	t.Run("halt", func(t *testing.T) { deafPeer(t, s, errors.New("halted")) })
}

// cramped makes for short sends: little room on both sides, a blocked call that ends
// soon, and a reader that lets the sender wait. Segments are small against the room,
// or the receiver would withhold its window from them, and the sender wait for timers.
const (
	crampedSegment = 1400
	crampedBuffer  = 32 << 10
	crampedTimeout = 2 * time.Millisecond
	crampedRead    = 32 << 10
	crampedPause   = 500 * time.Microsecond
)

// stream is a sender on a TCP socket, and the other end.
type stream struct {
	fd     int
	arena  []byte
	sender strategies.Sender
	halt   *strategies.Halt
	peer   *net.TCPConn
	base   uint64 // messages of earlier trials
}

// openStream skips the test where the machine lacks what the strategy needs.
func openStream(t *testing.T, s strategies.Strategy, size int, small bool) *stream {
	t.Helper()
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	p := &stream{halt: &strategies.Halt{}}
	p.connect(t, small)
	// No more slots than are in flight, so that each is written as soon as it is
	// released.
	slots := 2 * batch
	for slots > 4 && slots*strategies.Stride(size) > 4<<20 {
		slots /= 2
	}
	p.arena = arena(t, slots*strategies.Stride(size))
	var err error
	p.sender, err = s.Open(strategies.Config{FD: p.fd, Stream: true, Arena: p.arena, Batch: batch, PollCPU: -1, Halt: p.halt})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	must(t, err)
	t.Cleanup(func() {
		if err := p.sender.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// connect makes the two ends.
func (p *stream) connect(t *testing.T, small bool) {
	t.Helper()
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	must(t, err)
	defer listener.Close()
	timeout := 100 * time.Millisecond
	p.fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	must(t, err)
	t.Cleanup(func() { must(t, unix.Close(p.fd)) })
	if small {
		timeout = crampedTimeout
		must(t, unix.SetsockoptInt(p.fd, unix.IPPROTO_TCP, unix.TCP_MAXSEG, crampedSegment))
		must(t, unix.SetsockoptInt(p.fd, unix.SOL_SOCKET, unix.SO_SNDBUF, crampedBuffer))
	}
	must(t, unix.SetsockoptInt(p.fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1))
	must(t, unix.SetsockoptString(p.fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION, "reno")) // which every kernel has, and which doesn't pace
	must(t, unix.Connect(p.fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: listener.Addr().(*net.TCPAddr).Port}))
	wait := unix.NsecToTimeval(int64(timeout))
	must(t, unix.SetsockoptTimeval(p.fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &wait))
	p.peer, err = listener.AcceptTCP()
	must(t, err)
	t.Cleanup(func() { _ = p.peer.Close() }) // some tests have closed it
	if small {
		must(t, p.peer.SetReadBuffer(crampedBuffer))
	}
}

// trial sends messages, each painted with its number and passed on to written.
func (p *stream) trial(size int, messages int64, written io.Writer) (*strategies.Buffers, strategies.Tally, error) {
	var tally strategies.Tally
	buffers, err := strategies.NewBuffers(p.arena, size, batch, 0, func(m []byte, seq uint64) {
		paint(m, p.base+seq)
		_, _ = written.Write(m) // a hash or nothing, which don't fail
	})
	if err != nil {
		return nil, tally, err
	}
	if err := p.sender.Begin(buffers, &tally); err != nil {
		return nil, tally, err
	}
	pump := strategies.Pump{Sender: p.sender, Buffers: buffers, Halt: p.halt, Stream: strategies.NewStream(p.fd, p.halt)}
	err = pump.Run(time.Second, messages)
	p.base += uint64(messages)
	return buffers, tally, err
}

// arrival is what a reader has received.
type arrival struct {
	bytes int64
	sum   []byte
	err   error
}

// receive reads so many bytes, in small parts if slow.
func (p *stream) receive(bytes int64, slow bool) <-chan arrival {
	done := make(chan arrival, 1)
	go func() {
		sum, buf, got := sha256.New(), make([]byte, 1<<20), int64(0)
		if slow {
			buf = buf[:crampedRead]
		}
		err := p.peer.SetReadDeadline(time.Now().Add(20 * time.Second))
		for got < bytes && err == nil {
			var n int
			n, err = p.peer.Read(buf[:min(int64(len(buf)), bytes-got)])
			sum.Write(buf[:n])
			if got += int64(n); slow {
				time.Sleep(crampedPause) // being slow is all that it is for
			}
		}
		done <- arrival{got, sum.Sum(nil), err}
	}()
	return done
}

// streamDelivery: every byte arrives, once and in its place, over two trials on one
// connection.
func streamDelivery(t *testing.T, s strategies.Strategy, size int, cramped bool) {
	p := openStream(t, s, size, cramped)
	messages := int64(max(3, min(500, (2<<20)/size)))
	for range 2 {
		written := hash.Hash(sha256.New())
		arrived := p.receive(messages*int64(size), cramped)
		buffers, tally, err := p.trial(size, messages, written)
		if err != nil {
			t.Fatal(err)
		}
		if n := buffers.InFlight(); n != 0 {
			t.Fatalf("%d buffers in flight after the drain", n)
		}
		if tally.Messages != messages || tally.Bytes != messages*int64(size) {
			t.Fatalf("accepted %d messages, %d bytes; sent %d of %d bytes", tally.Messages, tally.Bytes, messages, size)
		}
		if s.ZeroCopy && tally.Notifications != messages {
			t.Fatalf("%d notifications for %d messages", tally.Notifications, messages)
		}
		if s.ZeroCopy && tally.Copied+tally.Unreported != tally.Notifications {
			t.Errorf("%d of %d notifications say copied; on loopback all must be", tally.Copied, tally.Notifications)
		}
		if cramped && size >= 262144 && slices.Contains([]string{"write", "sendmmsg", "sendmmsg-zc"}, s.Name) && tally.Syscalls <= messages {
			t.Errorf("%d calls for %d messages of %d bytes: none was short, so that this shows nothing", tally.Syscalls, messages, size)
		}
		a := <-arrived
		if a.err != nil {
			t.Fatalf("%d of %d bytes came: %v", a.bytes, messages*int64(size), a.err)
		}
		if string(a.sum) != string(written.Sum(nil)) {
			t.Fatal("what came is not what was sent")
		}
	}
}

func streamPaced(t *testing.T, s strategies.Strategy) {
	const size, messages, rate = 1024, 64, 20000
	p := openStream(t, s, size, false)
	arrived := p.receive(messages*size, false)
	var tally strategies.Tally
	buffers, err := strategies.NewBuffers(p.arena, size, batch, 0, nil)
	must(t, err)
	must(t, p.sender.Begin(buffers, &tally))
	buffers.Pace(rate)
	pump := strategies.Pump{Sender: p.sender, Buffers: buffers, Stream: strategies.NewStream(p.fd, nil)}
	must(t, pump.Run(0, messages))
	if late := buffers.Late(); late.Count() != tally.Messages {
		t.Errorf("%d messages, %d of them timed", tally.Messages, late.Count())
	}
	if tally.Messages < messages {
		must(t, unix.Shutdown(p.fd, unix.SHUT_WR)) // it couldn't keep up, and was cut off
	}
	if a := <-arrived; a.bytes != tally.Bytes {
		t.Errorf("%d bytes came of %d", a.bytes, tally.Bytes)
	}
}

func streamAllocations(t *testing.T, s strategies.Strategy) {
	const size, runs, messages = 1024, 20, 10 * batch
	p := openStream(t, s, size, false)
	arrived := p.receive((runs+1)*messages*size, false)
	var tally strategies.Tally
	buffers, err := strategies.NewBuffers(p.arena, size, batch, 0, nil)
	must(t, err)
	must(t, p.sender.Begin(buffers, &tally))
	pump := strategies.Pump{Sender: p.sender, Buffers: buffers}
	var failed error
	n := testing.AllocsPerRun(runs, func() {
		if err := pump.Run(0, messages); err != nil && failed == nil {
			failed = err
		}
	})
	must(t, failed)
	if a := <-arrived; a.err != nil {
		t.Fatal(a.err)
	}
	if n != 0 {
		t.Errorf("%v allocations in %d messages", n, messages)
	}
}

// resetByPeer: a connection that ends in the middle is an error, nothing stays in
// flight, and the process lives on: no SIGPIPE ends it.
func resetByPeer(t *testing.T, s strategies.Strategy) {
	const size = 65536
	p := openStream(t, s, size, true)
	go func() {
		_, _ = io.ReadFull(p.peer, make([]byte, 100000))
		_ = p.peer.SetLinger(0) // a reset
		_ = p.peer.Close()
	}()
	for range 3 { // and those after it fail too
		buffers, _, err := p.trial(size, 64, io.Discard)
		if !errors.Is(err, unix.ECONNRESET) && !errors.Is(err, unix.EPIPE) {
			t.Fatalf("%v, want ECONNRESET or EPIPE", err)
		}
		if n := buffers.InFlight(); n != 0 {
			t.Fatalf("%d buffers in flight after the error", n)
		}
	}
}

// deafPeer: a peer that stops reading is an error soon, or the Halt's that comes
// meanwhile, and nothing stays in flight.
func deafPeer(t *testing.T, s strategies.Strategy, halt error) {
	t.Parallel() // each waits for a second
	const size, limit = 65536, 10 * time.Second
	p := openStream(t, s, size, true)
	if halt != nil {
		go func() {
			_, _ = io.ReadFull(p.peer, make([]byte, 100000))
			p.halt.Stop(halt)
		}()
	}
	late := time.AfterFunc(limit, func() { _ = p.peer.Close() })
	defer late.Stop()
	buffers, tally, err := p.trial(size, 1<<20, io.Discard)
	switch {
	case err == nil:
		t.Fatalf("%d messages went to a peer that doesn't read", tally.Messages)
	case halt != nil && err != halt:
		t.Fatalf("%v, want %v", err, halt)
	case errors.Is(err, unix.ECONNRESET) || errors.Is(err, unix.EPIPE):
		t.Fatalf("the sender waited for more than %v: %v", limit, err)
	}
	if n := buffers.InFlight(); n != 0 {
		t.Fatalf("%d buffers in flight after the error", n)
	}
}
