//go:build linux

package strategies_test

import (
	"testing"
	"time"

	"sendbench/strategies"
)

// sleepy is a sender that copies, and that one message holds up for a time.
type sleepy struct {
	b    *strategies.Buffers
	at   uint64
	held time.Duration
}

func (s *sleepy) Begin(b *strategies.Buffers, _ *strategies.Tally) error { s.b = b; return nil }

func (s *sleepy) Send(first uint64, n int) error {
	start := strategies.Now()
	if first <= s.at && s.at < first+uint64(n) {
		for strategies.Now()-start < int64(s.held) {
		}
	}
	s.b.Returned(n, start, strategies.Now())
	return nil
}

func (s *sleepy) Reap(time.Duration) error { return nil }
func (s *sleepy) Close() error             { return nil }

// TestPaceHidesNoStall: the messages that were due while one held up the sender are
// late by what was left of that time, and not as quick as their own calls.
func TestPaceHidesNoStall(t *testing.T) {
	const rate, messages = 10000, 200
	held := 5 * time.Millisecond // in which 50 messages are due
	s := &sleepy{at: 100, held: held}
	b, err := strategies.NewBuffers(make([]byte, 1<<20), 1000, 8, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Begin(b, nil); err != nil {
		t.Fatal(err)
	}
	b.Pace(rate)
	pump := strategies.Pump{Sender: s, Buffers: b}
	if err := pump.Run(0, messages); err != nil {
		t.Fatal(err)
	}
	if n := b.Late().Count(); n != messages {
		t.Fatalf("%d messages have a latency, %d were sent", n, messages)
	}
	if b.Late().Max() < int64(held) {
		t.Errorf("the message that was held up for %v was %v late", held, time.Duration(b.Late().Max()))
	}
	// Of 50 messages that were due in that time, every one before the last fifth was
	// late by a millisecond or more.
	late := int64(0)
	for _, bucket := range b.Late().Buckets() {
		if bucket[0] >= int64(time.Millisecond) {
			late += bucket[1]
		}
	}
	if late < 35 {
		t.Errorf("%d messages were a millisecond late or more; 40 were due while the sender was held up", late)
	}
}
