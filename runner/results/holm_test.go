package results

import (
	"math"
	"slices"
	"testing"
)

func TestHolm(t *testing.T) {
	for _, tt := range []struct {
		name     string
		ps, want []float64
	}{
		// The worked example of "Holm-Bonferroni method" in Wikipedia.
		{"four hypotheses", []float64{0.01, 0.04, 0.03, 0.005}, []float64{0.03, 0.06, 0.06, 0.02}},
		{"none", nil, []float64{}},
		{"one", []float64{0.2}, []float64{0.2}},
		{"ties", []float64{0.02, 0.02, 0.02}, []float64{0.06, 0.06, 0.06}},
		{"at most 1", []float64{0.5, 0.9}, []float64{1, 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := holm(tt.ps)
			if !slices.EqualFunc(got, tt.want, func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestRoundsFor(t *testing.T) {
	for comparisons, want := range map[int]int{
		-1: 6, 0: 6, 1: 6, 2: 7, 3: 7, 4: 8, 7: 9, 12: 9, 13: 10, 51: 11, 52: 12, 56: 12, 102: 12, 103: 13, math.MaxInt: 69,
	} {
		if got := RoundsFor(comparisons); got != want {
			t.Errorf("RoundsFor(%d) = %d, want %d", comparisons, got, want)
		}
	}
	// One round fewer, and even samples that all agree come to no verdict.
	for _, family := range []int{1, 7, 56} {
		n := RoundsFor(family)
		for rounds, want := range map[int]Verdict{n - 1: TooFew, n: Faster} {
			claims := make([]claim, family)
			for i := range claims {
				agreeing := make([]float64, rounds)
				for j := range agreeing {
					agreeing[j] = 0.5 + float64(j)/100
				}
				claims[i] = paired(agreeing, 0.01)
			}
			if _, got := judgeAll(claims, Significance); got[0] != want || got[family-1] != want {
				t.Errorf("%d comparisons at %d rounds: %q, want %q", family, rounds, got[0], want)
			}
		}
	}
}
