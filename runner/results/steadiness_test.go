package results

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestSteady(t *testing.T) {
	for _, tt := range []struct {
		halfRatio, autocorrelation float64
		want                       string
	}{
		{0, 0, ""}, {1, 0, ""}, {1.09, 0.5, ""}, {0.92, -1, ""},
		{1.2, 0, "the rate of the second half was 1.20 times that of the first"},
		{0.85, 0, "the rate of the second half was 0.85 times that of the first"},
		{0.9, 0, "the rate of the second half was 0.90 times that of the first"}, // 1/0.9 is above 1.1
		{1, 0.7, "the rate wandered (lag-1 autocorrelation 0.70)"},
		{0, 0.7, "the rate wandered (lag-1 autocorrelation 0.70)"},
		{2, 0.9, "the rate of the second half was 2.00 times that of the first, and the rate wandered (lag-1 autocorrelation 0.90)"},
	} {
		if got := Steady(tt.halfRatio, tt.autocorrelation); got != tt.want {
			t.Errorf("Steady(%v, %v) = %q, want %q", tt.halfRatio, tt.autocorrelation, got, tt.want)
		}
	}
}

// TestSteadyTrials plants rates of stretches that scatter independently by 5 %,
// and others that drift.
func TestSteadyTrials(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	remarks := func(rate func(i int) float64) (n int) {
		for range 10000 {
			rates := make([]float64, Slices)
			var first, second float64
			for i := range rates {
				rates[i] = rate(i) * math.Exp(0.05*rng.NormFloat64())
				if i < Slices/2 {
					first += rates[i]
				} else {
					second += rates[i]
				}
			}
			if Steady(second/first, lag1(rates)) != "" {
				n++
			}
		}
		return n
	}
	if n := remarks(func(int) float64 { return 1 }); n > 20 {
		t.Errorf("%d of 10000 steady trials get a remark, want 20 at most", n)
	}
	if n := remarks(func(i int) float64 { return 1 + 0.03*float64(i) }); n < 9900 {
		t.Errorf("%d of 10000 trials that get faster by half get a remark", n)
	}
}

// rowsOf are groups of rows whose rates are those given, in that many rounds, with 2 %
// of noise of their own.
func rowsOf(rng *rand.Rand, rows, rounds int, rate func(row, round int) float64) []Group {
	g := Group{Rows: make([]Row, rows)}
	for i := range g.Rows {
		for round := range rounds {
			g.Rows[i].RateSamples = append(g.Rows[i].RateSamples, rate(i, round)*math.Exp(0.02*rng.NormFloat64()))
		}
	}
	return []Group{g}
}

func unsteadyRows(groups []Group) (n int) {
	markUnsteady(groups)
	for _, r := range groups[0].Rows {
		if r.Unsteady {
			n++
		}
	}
	return n
}

// TestUnsteady plants runs that don't drift, of which hardly any may have a row that is
// said to, and runs in which all rows drift, or one of many.
func TestUnsteady(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	steady := func(int, int) float64 { return 1e9 }
	trend := func(_, round int) float64 { return math.Exp(0.1 * float64(round)) }
	first := func(row, round int) float64 {
		if row == 0 {
			return trend(0, round)
		}
		return 1e9
	}
	for _, rounds := range []int{0, 1, 2, 9} {
		if n := unsteadyRows(rowsOf(rng, 5, rounds, trend)); n != 0 {
			t.Errorf("%d rounds are called unsteady", rounds)
		}
	}
	for _, tt := range []struct{ rows, rounds, runs int }{{1, 10, 1000}, {1, 12, 1000}, {1, 100, 1000}, {245, 12, 100}, {245, 36, 100}} {
		flagged := 0
		for range tt.runs {
			if unsteadyRows(rowsOf(rng, tt.rows, tt.rounds, steady)) > 0 {
				flagged++
			}
		}
		if share := float64(flagged) / float64(tt.runs); share > binomialBound(unsteadyLevel, tt.runs) {
			t.Errorf("%d rows of %d rounds: %.3f of runs that don't drift have an unsteady row", tt.rows, tt.rounds, share)
		}
		if n := unsteadyRows(rowsOf(rng, tt.rows, tt.rounds, trend)); n < tt.rows*99/100 {
			t.Errorf("%d rows of %d rounds: %d of those that drift are found", tt.rows, tt.rounds, n)
		}
	}
	groups := rowsOf(rng, 245, 36, first)
	if n := unsteadyRows(groups); n > 2 || !groups[0].Rows[0].Unsteady {
		t.Errorf("%d rows are called unsteady where only the first is (found: %t)", n, groups[0].Rows[0].Unsteady)
	}
}

// TestLag1 holds the autocorrelation against a worked sum: deviations of 1 to 4
// from 2.5 are -1.5, -0.5, 0.5, 1.5; neighbours' products 0.75, -0.25, 0.75 add up
// to 1.25, squares to 5.
func TestLag1(t *testing.T) {
	for _, tt := range []struct {
		x    []float64
		want float64
	}{
		{[]float64{1, 2, 3, 4}, 0.25}, {[]float64{1, -1, 1, -1}, -0.75}, {[]float64{3, 3, 3}, 0}, {[]float64{1}, 0}, {nil, 0},
	} {
		if got := lag1(tt.x); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("%v: %v, want %v", tt.x, got, tt.want)
		}
	}
	// 2.576 standard deviations of 14/16/sqrt(15) above -1/16.
	if p := lag1P(0.5195, Slices); math.Abs(p-0.005) > 1e-4 || lag1P(-1.0/Slices, Slices) != 0.5 {
		t.Errorf("0.52 is reached by %v of %d stretches, want 0.005", p, Slices)
	}
	if strings.Contains(Steady(1, 1), "\n") {
		t.Error("a remark of several lines")
	}
}
