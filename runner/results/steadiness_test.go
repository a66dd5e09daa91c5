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

func TestUnsteady(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const runs = 4000
	share := func(n int, rate func(i int) float64) float64 {
		found := 0
		for range runs {
			rates := make([]float64, n)
			for i := range rates {
				rates[i] = rate(i) * math.Exp(0.02*rng.NormFloat64())
			}
			if unsteady(rates) {
				found++
			}
		}
		return float64(found) / runs
	}
	for _, n := range []int{0, 1, 2, 9} {
		if s := share(n, func(i int) float64 { return float64(1 + i) }); s != 0 {
			t.Errorf("%d rounds are called unsteady", n)
		}
	}
	for _, n := range []int{10, 12, 20, 100} {
		if s := share(n, func(int) float64 { return 1e9 }); s > 0.02 {
			t.Errorf("%d rounds: %.3f of steady ones are called unsteady", n, s)
		}
		if s := share(n, func(i int) float64 { return math.Exp(0.1 * float64(i)) }); s < 0.99 {
			t.Errorf("%d rounds: %.3f of those that drift are found", n, s)
		}
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
	if bound := autocorrelationBound(Slices); math.Abs(bound-0.52) > 0.005 || bound > maxAutocorrelation {
		t.Errorf("the bound of %d stretches is %v", Slices, bound)
	}
	if strings.Contains(Steady(1, 1), "\n") {
		t.Error("a remark of several lines")
	}
}
