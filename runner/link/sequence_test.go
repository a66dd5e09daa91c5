package link

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestSequence(t *testing.T) {
	const far = sequenceWindow
	type step struct {
		seq         uint64
		missing     int64
		late, again bool
	}
	for _, test := range []struct {
		name  string
		steps []step
	}{
		{"in order", []step{{seq: 5}, {seq: 6}, {seq: 7}}},
		{"left out and late", []step{{seq: 5}, {seq: 8, missing: 2}, {seq: 6, missing: -1, late: true}, {seq: 6, again: true}, {seq: 7, missing: -1, late: true}}},
		{"again", []step{{seq: 5}, {seq: 5, again: true}, {seq: 6}, {seq: 5, again: true}}},
		{"before the first", []step{{seq: 5}, {seq: 2, missing: 2, late: true}, {seq: 3, missing: -1, late: true}, {seq: 2, again: true}}},
		{"a window left out", []step{{seq: 0}, {seq: far + 1, missing: far}, {seq: 1, late: true}, {seq: 2, missing: -1, late: true}}},
		{"beyond the window", []step{{seq: 0}, {seq: far}, {seq: 0, late: true}}},
		{"the greatest", []step{{seq: 1}, {seq: math.MaxUint64, missing: -3}, {seq: math.MaxUint64, again: true}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var s sequence
			for i, step := range test.steps {
				if test.name == "beyond the window" && step.seq == far {
					for seq := uint64(1); seq < far; seq++ {
						s.pass(seq)
					}
				}
				missing, late, again := s.pass(step.seq)
				if missing != step.missing || late != step.late || again != step.again {
					t.Errorf("step %d, number %d: missing %d, late %v, again %v, want %+v", i, step.seq, missing, late, again, step)
				}
			}
		})
	}
}

// Whatever order numbers come in, within the window the account is exact.
func TestSequenceShuffled(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		const numbers = 3000
		var sent []uint64
		distinct, lowest, highest := map[uint64]bool{}, uint64(math.MaxUint64), uint64(0)
		for range numbers {
			seq := 1000 + random.Uint64N(2*numbers)
			sent = append(sent, seq)
			distinct[seq] = true
			lowest, highest = min(lowest, seq), max(highest, seq)
		}
		var s sequence
		var missing, again int64
		for _, seq := range sent {
			m, _, a := s.pass(seq)
			missing += m
			if a {
				again++
			}
		}
		if want := int64(highest-lowest) + 1 - int64(len(distinct)); missing != want {
			t.Errorf("%d missing, want %d", missing, want)
		}
		if want := int64(numbers - len(distinct)); again != want {
			t.Errorf("%d came again, want %d", again, want)
		}
	}
}

func BenchmarkSequence(b *testing.B) {
	var s sequence
	for seq := uint64(0); b.Loop(); seq++ {
		s.pass(seq)
	}
}
