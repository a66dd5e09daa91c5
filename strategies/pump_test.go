//go:build linux

package strategies_test

import (
	"errors"
	"testing"
	"time"

	"sendbench/strategies"
)

// script is a sender of which everything that was sent fails, before anything is
// released: each event is one Reap, which is how a kernel thread that sends may
// be seen.
type script struct {
	b      *strategies.Buffers
	failed error
	next   uint64 // to fail, then to be released
	sent   uint64
	stuck  bool // nothing is ever released
}

func (s *script) Begin(b *strategies.Buffers, _ *strategies.Tally) error { s.b = b; return nil }

func (s *script) Send(first uint64, n int) error {
	s.b.Lend(first, n, strategies.Now())
	s.sent = first + uint64(n)
	return nil
}

func (s *script) Reap(time.Duration) error {
	if s.stuck || s.next < s.sent {
		s.next++
		return s.failed
	}
	s.next++
	return s.b.Release(s.next-s.sent-1, strategies.Now())
}

func (s *script) Close() error { return nil }

func TestPumpDrainsWhatFailed(t *testing.T) {
	for _, stuck := range []bool{false, true} {
		s := &script{failed: errors.New("failed"), stuck: stuck}
		b, err := strategies.NewBuffers(make([]byte, 1<<20), 1000, 32, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Begin(b, nil); err != nil {
			t.Fatal(err)
		}
		pump := strategies.Pump{Sender: s, Buffers: b}
		if err := pump.Run(time.Second, 32); err != s.failed {
			t.Fatalf("stuck %v: %v, want the first failure", stuck, err)
		}
		if left := b.InFlight(); (left != 0) != stuck {
			t.Errorf("stuck %v: %d in flight after the drain", stuck, left)
		}
	}
}
