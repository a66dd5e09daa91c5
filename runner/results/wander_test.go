package results

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestWander checks that it is the range of a run's stretches, whatever cells are
// in each, and that invalid trials have no part in it.
func TestWander(t *testing.T) {
	speed := []float64{0, 0, 0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.3, 0.3} // eight stretches of one round or two
	rec := runOn(rand.New(rand.NewPCG(1, 2)), speed, nil)
	for i := range rec.Trials {
		tr := &rec.Trials[i]
		tr.ElapsedNS = int64(25e6 * float64(tr.Cell.Size) * math.Exp(-speed[tr.Round]))
		tr.CPUThreadNS = int64(25e6 * float64(tr.Cell.Size) * math.Exp(speed[tr.Round]))
		if tr.Round == 11 && tr.Cell.Strategy == "c" {
			tr.Error, tr.ElapsedNS = "planted", 1
		}
	}
	s := newSample(rec)
	for what, got := range map[string]float64{"rates": s.wander((*Trial).Rate), "CPU time": s.wander((*Trial).CPUPerByte)} {
		if want := math.Expm1(0.3); math.Abs(got-want) > 1e-6 {
			t.Errorf("%s wander by %v, want %v", what, got, want)
		}
	}
	// Groups that need more rounds have them at other times, which the super-round tells:
	// here the small sizes have rounds 0 to 5 and later the large ones theirs. Each strays
	// about its own median, which is about 0.05 of the small ones and 0.1 of the large ones.
	apart := &Record{}
	for _, tr := range rec.Trials {
		if large := tr.Cell.Size > 1400; large == (tr.Round >= 6) {
			tr.SuperRound, tr.Round = tr.Round/6, tr.Round%6
			apart.Trials = append(apart.Trials, tr)
		}
	}
	if got, want := newSample(apart).wander((*Trial).CPUPerByte), math.Expm1(0.25); math.Abs(got-want) > 0.005 {
		t.Errorf("two super-rounds of rounds 0 to 5 wander by %v, want %v", got, want)
	}
	rec.Trials = rec.Trials[:20] // one round
	for _, rec := range []*Record{rec, {}} {
		if got := newSample(rec).wander((*Trial).Rate); got != 0 {
			t.Errorf("%d trials of one stretch wander by %v", len(rec.Trials), got)
		}
	}
}
