//go:build linux

// Package strategytest is the conformance suite of the strategies: what any way
// of sending has to keep to before its figures mean anything.
package strategytest

import (
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"sendbench/strategies"
)

// Run checks a strategy over UDP and, if it takes one, over TCP on 127.0.0.1: that every message arrives whole
// and once while each buffer is overwritten as soon as it is released, that the
// counts agree, that a drain leaves nothing in flight, that the hot loop
// allocates nothing, and that what can't be sent is an error and no more. Over TCP
// sends are made short, and peers reset the connection or stop reading.
func Run(t *testing.T, s strategies.Strategy) {
	t.Run("delivery", func(t *testing.T) {
		for _, segment := range []int{0, 1400} {
			for _, size := range []int{16, 64, 1400, 4096, 64000} {
				if segment == 0 && size == 64000 && s.ZeroCopy {
					continue // no datagram of so many page pieces, see MAX_SKB_FRAGS
				}
				t.Run(fmt.Sprintf("segment=%d/size=%d", segment, size), func(t *testing.T) { delivery(t, s, segment, size) })
			}
		}
	})
	t.Run("one at a time", func(t *testing.T) { oneAtATime(t, s) })
	t.Run("at a set rate", func(t *testing.T) { paced(t, s) })
	t.Run("allocations", func(t *testing.T) { allocations(t, s) })
	t.Run("too large", func(t *testing.T) { tooLarge(t, s) })
	t.Run("closed socket", func(t *testing.T) { closedSocket(t, s) })
	t.Run("tcp", func(t *testing.T) { streams(t, s) })
}

// bench is a sender over a connected socket and its receiver.
type bench struct {
	fd       int
	arena    []byte
	sender   strategies.Sender
	receiver *receiver
}

const (
	batch     = 8
	arenaSize = 1 << 20
)

// open skips the test where the machine lacks what the strategy needs.
func open(t *testing.T, s strategies.Strategy, segment, size int) *bench {
	t.Helper()
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	b := &bench{receiver: listen(t, size)}
	b.fd = dial(t, b.receiver.port, segment)
	b.arena = arena(t, arenaSize)
	var err error
	b.sender, err = s.Open(strategies.Config{FD: b.fd, Arena: b.arena, Batch: batch, Segment: segment, PollCPU: -1})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.sender.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// trial sends messages and returns what was counted.
func (b *bench) trial(size int, messages int64, fill strategies.Fill) (*strategies.Buffers, strategies.Tally, error) {
	var tally strategies.Tally
	buffers, err := strategies.NewBuffers(b.arena, size, batch, 0, fill)
	if err != nil {
		return nil, tally, err
	}
	if err := b.sender.Begin(buffers, &tally); err != nil {
		return nil, tally, err
	}
	pump := strategies.Pump{Sender: b.sender, Buffers: buffers}
	err = pump.Run(time.Second, messages)
	return buffers, tally, err
}

func delivery(t *testing.T, s strategies.Strategy, segment, size int) {
	b := open(t, s, segment, size)
	const messages = 200
	// The receiver's buffer holds few large messages, so that they go in
	// portions; each portion is taken before the next.
	portion := int64(max(1, min(messages, b.receiver.room/(2*size+4096))))
	var total strategies.Tally
	for sent := int64(0); sent < messages; sent += portion {
		base := uint64(sent)
		buffers, tally, err := b.trial(size, portion, func(m []byte, seq uint64) { paint(m, base+seq) })
		if err != nil {
			t.Fatal(err)
		}
		if n := buffers.InFlight(); n != 0 {
			t.Fatalf("%d buffers in flight after the drain", n)
		}
		if tally.Messages != portion || tally.Bytes != portion*int64(size) {
			t.Fatalf("accepted %d messages, %d bytes; sent %d of %d bytes", tally.Messages, tally.Bytes, portion, size)
		}
		if s.ZeroCopy && tally.Notifications != portion {
			t.Fatalf("%d notifications for %d messages", tally.Notifications, portion)
		}
		if tally.Syscalls == 0 && !threaded(b.sender) {
			t.Fatal("no system call was counted")
		}
		if tally.Copied > tally.Notifications {
			t.Fatalf("%d of %d notifications say copied", tally.Copied, tally.Notifications)
		}
		total.Messages += tally.Messages
		total.Notifications += tally.Notifications
		total.Copied += tally.Copied
		b.receiver.take(t, base, portion)
	}
	if total.Notifications != total.Copied+total.Unreported {
		t.Errorf("%d of %d notifications say copied; on loopback all must be", total.Copied, total.Notifications)
	}
}

func threaded(s strategies.Sender) bool {
	_, ok := s.(strategies.ThreadedSender)
	return ok
}

// oneAtATime goes round a ring of two slots, where a buffer that comes back too
// early would be written under the kernel's hands.
func oneAtATime(t *testing.T, s strategies.Strategy) {
	const size, messages = 8192, 64
	b := open(t, s, 1400, size)
	b.arena = b.arena[:2*strategies.Stride(size)]
	portion := int64(max(1, min(messages, b.receiver.room/(2*size+4096))))
	for sent := int64(0); sent < messages; sent += portion {
		base := uint64(sent)
		buffers, _, err := b.trial(size, portion, func(m []byte, seq uint64) { paint(m, base+seq) })
		if err != nil {
			t.Fatal(err)
		}
		if buffers.Window() != 2 {
			t.Fatalf("a ring of two slots has a window of %d", buffers.Window())
		}
		b.receiver.take(t, base, portion)
	}
}

// paced sends at set times: each message has a time from when it was due, and none
// comes back before it was.
func paced(t *testing.T, s strategies.Strategy) {
	const size, messages, rate = 1024, 64, 20000
	b := open(t, s, 0, size)
	var tally strategies.Tally
	buffers, err := strategies.NewBuffers(b.arena, size, batch, 0, strategies.Stamp)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.sender.Begin(buffers, &tally); err != nil {
		t.Fatal(err)
	}
	buffers.Pace(rate)
	pump := strategies.Pump{Sender: b.sender, Buffers: buffers}
	start := time.Now()
	if err := pump.Run(0, messages); err != nil {
		t.Fatal(err)
	}
	if least := (messages - 1) * time.Second / rate; tally.Messages == messages && time.Since(start) < least {
		t.Errorf("%d messages went in %v, and the last was not due before %v", messages, time.Since(start), least)
	}
	late := buffers.Late()
	if late.Count() != tally.Messages || late.Max() < buffers.Released().Quantile(0) {
		t.Errorf("%d messages, %d of them timed, at most %d ns after they were due", tally.Messages, late.Count(), late.Max())
	}
}

func allocations(t *testing.T, s strategies.Strategy) {
	b := open(t, s, 0, 1024)
	var tally strategies.Tally
	buffers, err := strategies.NewBuffers(b.arena, 1024, batch, 0, strategies.Stamp)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.sender.Begin(buffers, &tally); err != nil {
		t.Fatal(err)
	}
	pump := strategies.Pump{Sender: b.sender, Buffers: buffers}
	var failed error
	n := testing.AllocsPerRun(20, func() {
		if err := pump.Run(0, 10*batch); err != nil && failed == nil {
			failed = err
		}
	})
	if failed != nil {
		t.Fatal(failed)
	}
	if n != 0 {
		t.Errorf("%v allocations in %d messages", n, 10*batch)
	}
}

// tooLarge sends a datagram over the protocol's limit: udp(7), EMSGSIZE.
func tooLarge(t *testing.T, s strategies.Strategy) {
	b := open(t, s, 0, 65508)
	buffers, tally, err := b.trial(65508, 3, strategies.Stamp)
	if !errors.Is(err, unix.EMSGSIZE) {
		t.Fatalf("65508 bytes in one IPv4 datagram: %v, want EMSGSIZE", err)
	}
	if tally.Messages != 0 || buffers.InFlight() != 0 {
		t.Errorf("%d messages accepted, %d in flight", tally.Messages, buffers.InFlight())
	}
}

// closedSocket sends to where nobody listens any more.
func closedSocket(t *testing.T, s strategies.Strategy) {
	b := open(t, s, 0, 1024)
	b.receiver.close(t)
	// The first sends may go out before the ICMP message is back.
	for range 5 {
		buffers, _, err := b.trial(1024, 4*batch, strategies.Stamp)
		if buffers.InFlight() != 0 {
			t.Fatalf("%d buffers in flight after an error", buffers.InFlight())
		}
		if errors.Is(err, unix.ECONNREFUSED) {
			return
		}
		if err != nil {
			t.Fatalf("sending to a closed port: %v, want ECONNREFUSED", err)
		}
	}
	t.Error("sending to a closed port was never refused")
}
