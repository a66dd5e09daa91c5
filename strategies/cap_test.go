//go:build linux

package strategies_test

import (
	"errors"
	"testing"
	"time"

	"sendbench/strategies"
)

// instant is a sender that takes no time, and what it has sent when.
type instant struct {
	b    *strategies.Buffers
	sent []int64 // bytes so far, by batch
	at   []int64
	halt func(batches int)
}

func (s *instant) Begin(b *strategies.Buffers, _ *strategies.Tally) error { s.b = b; return nil }

func (s *instant) Send(_ uint64, n int) error {
	now := strategies.Now()
	bytes := int64(n * s.b.Size())
	if len(s.sent) > 0 {
		bytes += s.sent[len(s.sent)-1]
	}
	s.sent, s.at = append(s.sent, bytes), append(s.at, now)
	s.b.Returned(n, now, now)
	if s.halt != nil {
		s.halt(len(s.sent))
	}
	return nil
}

func (s *instant) Reap(time.Duration) error { return nil }
func (s *instant) Close() error             { return nil }

func pumpOf(t *testing.T, s strategies.Sender, size, batch int) *strategies.Pump {
	t.Helper()
	b, err := strategies.NewBuffers(make([]byte, 4<<20), size, batch, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Begin(b, nil); err != nil {
		t.Fatal(err)
	}
	return &strategies.Pump{Sender: s, Buffers: b}
}

// TestCap: whatever the stretch of time, no more goes out in it than the rate allows,
// a batch and the credit, and over a run no more than the rate allows.
func TestCap(t *testing.T) {
	for _, c := range []struct {
		name        string
		size, batch int
		rate        int64 // bytes a second
		messages    int64 // of the run: by number, since a machine may stand still for any time
		batches     int   // that it takes at least
	}{
		{"fast", 1400, 32, 100e6, 3600, 5},
		{"batches are cut", 64000, 32, 20e6, 32, 4},
		{"slower than a message a batch", 64000, 32, 1e6, 3, 3},
	} {
		s := new(instant)
		pump := pumpOf(t, s, c.size, c.batch)
		pump.Cap = strategies.NewCap(c.rate)
		begun := strategies.Now()
		if err := pump.Run(0, c.messages); err != nil {
			t.Fatal(err)
		}
		elapsed := time.Duration(strategies.Now() - begun)
		if len(s.sent) < c.batches {
			t.Errorf("%s: %d batches, want %d or more", c.name, len(s.sent), c.batches)
		}
		total := s.sent[len(s.sent)-1]
		if most := elapsed.Seconds() * float64(c.rate); float64(total) > most {
			t.Errorf("%s: %d bytes in %v, the cap allows %.0f", c.name, total, elapsed, most)
		}
		largest := s.sent[0]
		for i := range s.sent[1:] {
			largest = max(largest, s.sent[i+1]-s.sent[i])
		}
		slack := float64(2*largest) + 0.002*float64(c.rate) + 1
		for i := range s.sent {
			for j := i + 1; j < len(s.sent); j++ {
				stretch := float64(s.at[j]-s.at[i]) / 1e9
				if sent := float64(s.sent[j] - s.sent[i]); sent > stretch*float64(c.rate)+slack {
					t.Fatalf("%s: %.0f bytes in %.6f s, the cap allows %.0f", c.name, sent, stretch, stretch*float64(c.rate)+slack)
				}
			}
		}
		if pump.Cap.Held() <= 0 {
			t.Errorf("%s: the cap says that it held nothing up", c.name)
		}
	}
}

// TestCapOutOfReach: a sender that is slower than its cap is not held up, and its
// batches are whole.
func TestCapOutOfReach(t *testing.T) {
	s := new(instant)
	pump := pumpOf(t, s, 1400, 32)
	pump.Cap = strategies.NewCap(1 << 60)
	if err := pump.Run(0, 3200); err != nil {
		t.Fatal(err)
	}
	if held := pump.Cap.Held(); held != 0 || len(s.sent) != 100 {
		t.Errorf("held up for %v in %d batches, want none and 100", held, len(s.sent))
	}
}

// TestHaltWhileCapped: a halt ends a run that waits for its cap.
func TestHaltWhileCapped(t *testing.T) {
	gone := errors.New("the receiver is gone")
	halt := new(strategies.Halt)
	s := &instant{halt: func(int) { halt.Stop(gone) }}
	pump := pumpOf(t, s, 64000, 1)
	pump.Cap, pump.Halt = strategies.NewCap(1000), halt // a message a minute
	if err := pump.Run(time.Hour, 0); err != gone {
		t.Errorf("%v, want %v", err, gone)
	}
	if len(s.sent) != 1 {
		t.Errorf("%d messages were sent, want the one before the halt", len(s.sent))
	}
}
