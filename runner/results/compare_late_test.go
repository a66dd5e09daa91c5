package results

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
)

// latentOn is a run at a set rate, in which way of sending a leaves unsent as many of
// 100 messages that were due.
func latentOn(rng *rand.Rand, unsent func(round int) int64) *Record {
	rec := runOn(rng, make([]float64, 12), nil)
	for i := range rec.Trials {
		tr := &rec.Trials[i]
		ns := func(v float64) int64 { return int64(v * math.Exp(0.02*rng.NormFloat64())) }
		var lacking int64
		if tr.Cell.Strategy == "a" {
			lacking = unsent(tr.Round)
		}
		tr.Cell.Rate = 1000
		p50 := ns(1520)
		tr.Latency = &Latency{P50NS: p50, P99NS: ns(9000), Buckets: [][2]int64{{p50, 60}, {10000, 40 - lacking}}, Due: 100}
	}
	return rec
}

// TestCompareOfTheUnsent checks that a percentile which isn't reached any more counts as
// later than any, and doesn't drop out of the comparison.
func TestCompareOfTheUnsent(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	all := func(int) int64 { return 0 }
	few := func(int) int64 { return 5 }
	half := func(round int) int64 { return 5 * int64(round%2) }
	for _, tt := range []struct {
		name     string
		old, new func(int) int64
		want     Verdict // on p99-ns of a
		of       float64 // its new figure
	}{
		{"as before", all, all, NoDifference, 9000},
		{"not reached any more", all, few, Slower, math.Inf(1)},
		{"reached now", few, all, Faster, 9000},
		{"never reached", few, few, NoDifference, math.Inf(1)},
		{"in half of the rounds", half, half, NoDifference, math.Inf(1)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Compare(latentOn(rng, tt.old), latentOn(rng, tt.new))
			if err != nil {
				t.Fatal(err)
			}
			for _, ch := range c.Changes {
				want := NoDifference
				if ch.Cell.Strategy == "a" && ch.Metric == UnitP99 {
					want = tt.want
					if ch.New != tt.of && math.Abs(ch.New/tt.of-1) > 0.05 || ch.OldRounds != 12 || ch.NewRounds != 12 {
						t.Errorf("%+v, want %v of 12 rounds", ch, tt.of)
					}
				}
				if ch.Verdict != want {
					t.Errorf("%q, want %q: %+v", ch.Verdict, want, ch)
				}
			}
			var b bytes.Buffer
			if err := c.WriteJSON(&b); err != nil || !json.Valid(b.Bytes()) || bytes.Contains(b.Bytes(), []byte("Inf")) {
				t.Errorf("%v: %s", err, &b)
			}
		})
	}
}

// TestCompareGivesFiguresAsTheyAre checks that a median isn't rounded on its way
// through a logarithm.
func TestCompareGivesFiguresAsTheyAre(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	all := func(int) int64 { return 0 }
	rec := latentOn(rng, all)
	for i := range rec.Trials {
		rec.Trials[i].Latency.P50NS = 1520
	}
	c, err := Compare(rec, rec)
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range c.Changes {
		if ch.Metric == UnitP50 && (ch.Old != 1520 || ch.New != 1520) {
			t.Errorf("%v and %v, want 1520", ch.Old, ch.New)
		}
	}
}
