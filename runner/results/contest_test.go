package results

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// alike are n log ratios that are all the same.
func alike(n int, ratio float64) []float64 {
	return slices.Repeat([]float64{math.Log(ratio)}, n)
}

func TestJudgeContests(t *testing.T) {
	won := Contest{Over: [][]float64{alike(12, 1.2), alike(12, 1.1)}, Floor: 0.02}
	tests := []struct {
		name   string
		family []Contest
		want   Verdict // of the first
	}{
		{"ahead of both", []Contest{won}, Faster},
		{"ahead of one", []Contest{{Over: [][]float64{alike(12, 1.2), alike(12, 0.9)}, Floor: 0.02}}, NoDifference},
		{"behind", []Contest{{Over: [][]float64{alike(12, 0.5)}, Floor: 0.02}}, NoDifference},
		{"within the floor", []Contest{{Over: [][]float64{alike(12, 1.01)}, Floor: 0.02}}, NoDifference},
		{"an unknown floor", []Contest{{Over: [][]float64{alike(12, 9)}, Floor: math.Inf(1)}}, NoDifference},
		{"no rounds", []Contest{{Over: [][]float64{nil}}}, TooFew},
		{"nobody else", []Contest{{}}, TooFew},
		{"too few for any", []Contest{{Over: [][]float64{alike(4, 9)}}}, TooFew},
		{"enough alone", slices.Repeat([]Contest{{Over: [][]float64{alike(7, 9)}}}, 1), Faster},
		{"and not among seven", slices.Repeat([]Contest{{Over: [][]float64{alike(7, 9)}}}, 7), TooFew},
		{"twelve rounds do for the default sweep's 64", slices.Repeat([]Contest{won}, 64), Faster},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := JudgeContests(tt.family)[0]; got.Verdict != tt.want || got.Verdict == Faster && got.P > Significance {
				t.Errorf("%+v, want %s", got, tt.want)
			}
		})
	}
}

// TestContestsOfNothing plants panels in which all strategies are the same and
// counts those in which any contest is won or any strategy is put behind another:
// at most one in twenty may be.
func TestContestsOfNothing(t *testing.T) {
	const panels, sizes, strategies, rounds = 400, 8, 6, 20
	rng := rand.New(rand.NewPCG(5, 5))
	contests, leads := 0, 0
	for range panels {
		var family []Contest
		led := false
		for range sizes {
			figures := make([][]float64, strategies)
			for i := range figures {
				for range rounds {
					figures[i] = append(figures[i], 0.02*rng.NormFloat64())
				}
			}
			over := func(a, b int) []float64 {
				out := make([]float64, rounds)
				for k := range out {
					out[k] = figures[a][k] - figures[b][k]
				}
				return out
			}
			for i := range strategies { // the first half against the second, both ways
				var c Contest
				for j := range strategies {
					if (i < strategies/2) != (j < strategies/2) {
						c.Over = append(c.Over, over(i, j))
					}
				}
				family = append(family, c)
			}
			best := 0
			for i := range figures {
				if median(figures[i]) > median(figures[best]) {
					best = i
				}
			}
			for j := range strategies {
				// The first one stands for the true best: all are.
				_, ahead := AheadOf(over(best, j), 0, sizes*(strategies-1))
				led = led || j == 0 && j != best && ahead
			}
		}
		if slices.ContainsFunc(JudgeContests(family), func(o Outcome) bool { return o.Verdict == Faster }) {
			contests++
		}
		if led {
			leads++
		}
	}
	if most := panels / 20; contests > most || leads > most {
		t.Errorf("of %d panels without a difference %d have a contest that is won and %d lost the best, more than %d", panels, contests, leads, most)
	}
}
