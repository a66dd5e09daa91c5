package report

import (
	"math"
	"slices"
	"testing"

	"sendbench/runner/results"
)

// TestOverPairsRounds checks that gains are compared inside rounds: two
// strategies that each lack another round have as many samples, but not of the
// same rounds, and drift makes all the difference.
func TestOverPairsRounds(t *testing.T) {
	drift := []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512}
	without := func(round int, by float64) gain {
		var g gain
		for i, v := range drift {
			if i != round {
				g.rounds, g.samples = append(g.rounds, i), append(g.samples, by*v)
			}
		}
		return g
	}
	a, b := without(0, 1.5), without(9, 1)
	iv := over(a, b)
	if iv.N != 8 || math.Abs(iv.Center-1.5) > 1e-9 || math.Abs(iv.Low-1.5) > 1e-9 || math.Abs(iv.High-1.5) > 1e-9 {
		t.Errorf("%+v, want 1.5 of 8 rounds", iv)
	}
	ahead := func(a, b gain) bool {
		_, ahead := results.AheadOf(logRatios(a, b), 0, 1)
		return ahead
	}
	if !ahead(a, b) || ahead(b, a) {
		t.Error("1.5 times as much in each round is not told apart")
	}
	few := gain{rounds: []int{0, 1}, samples: []float64{9, 9}}
	if ahead(few, b) || over(few, b).Finite() {
		t.Error("two rounds are enough")
	}
}

func TestLeaders(t *testing.T) {
	spread := func(strategy string, verdict results.Verdict, samples ...float64) results.Row {
		r := rowWith(strategy, 1, 0, 0)
		r.RatioSamples, r.Verdict = samples, verdict
		r.Ratio = results.MedianInterval(samples)
		return r
	}
	base := results.Row{Strategy: "write", Rounds: 10, Verdict: results.Baseline, Ratio: results.Interval{Center: 1, Low: 1, High: 1, N: 10}}
	wide := spread("wide", results.NoDifference, 0.5, 0.6, 0.7, 1.3, 1.3, 1.3, 1.4, 1.4, 1.4, 1.4)
	tests := []struct {
		name string
		rows []results.Row
		want []string
	}{
		{"none shown", []results.Row{base, wide}, nil},
		{"one", []results.Row{base, rowWith("a", 1.2, 0, 0), rowWith("b", 1.1, 0, 0)}, []string{"a"}},
		{"alike within the floor", []results.Row{base, rowWith("a", 1.2, 0, 0), rowWith("b", 1.19, 0, 0)}, []string{"a", "b"}},
		{"one that isn't shown ahead of the baseline may be level", []results.Row{base, rowWith("a", 1.25, 0, 0), wide}, []string{"wide", "a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, l := range leaders(results.Group{NoiseFloor: 0.02, Rows: tt.rows}, inThroughput, 2) {
				got = append(got, l.strategy)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
