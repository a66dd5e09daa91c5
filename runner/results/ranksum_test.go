package results

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/perf/benchmath"
)

// Hollander and Wolfe, Nonparametric Statistical Methods (1973), p. 69: the
// permeability of the human chorioamnion at term, and at 12 to 26 weeks. R's
// help(wilcox.test) has it too: W = 35, one-sided p = 0.1272.
var (
	atTerm = []float64{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46}
	early  = []float64{1.15, 0.88, 0.90, 0.74, 1.21}
)

func TestRankSumPublished(t *testing.T) {
	// 382 of C(15,5) = 3003 choices of ranks.
	if got, want := rankSum(early, atTerm), 2*382.0/3003; math.Abs(got-want) > 1e-12 {
		t.Errorf("p = %.6f, want %.6f", got, want)
	}
	// The book's estimate and its interval, which attains 96 %.
	iv := shift(early, atTerm)
	if math.Abs(iv.Center-0.305) > 1e-9 || math.Abs(iv.Low+0.15) > 1e-9 || math.Abs(iv.High-0.76) > 1e-9 || math.Abs(iv.Confidence-0.96) > 0.005 {
		t.Errorf("shift %+v, want 0.305 from -0.15 to 0.76 at 96 %%", iv)
	}
}

// TestRankSumTable checks the table of critical values of U that textbooks have:
// the greatest at which the two-sided p is at most 0.05.
func TestRankSumTable(t *testing.T) {
	for sizes, critical := range map[sampleSizes]int{
		{4, 4}: 0, {5, 5}: 2, {3, 5}: 0, {5, 10}: 8, {6, 6}: 5, {7, 12}: 18, {8, 8}: 13,
		{10, 10}: 23, {12, 12}: 37, {15, 15}: 64, {20, 20}: 127, {20, 10}: 55,
	} {
		at := untiedRankSums(sizes.n, sizes.m)
		if 2*at[critical] > 0.05 || 2*at[critical+1] <= 0.05 {
			t.Errorf("%v: p is %v at %d and %v at %d", sizes, 2*at[critical], critical, 2*at[critical+1], critical+1)
		}
	}
}

// TestRankSumAgreesWithBenchmath holds p-values against an independent
// implementation.
func TestRankSumAgreesWithBenchmath(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		a, b := normal(rng, 1+rng.IntN(20)), normal(rng, 1+rng.IntN(20))
		want := benchmath.AssumeNothing.Compare(
			benchmath.NewSample(slices.Clone(a), &benchmath.DefaultThresholds),
			benchmath.NewSample(slices.Clone(b), &benchmath.DefaultThresholds)).P
		if got := rankSum(a, b); math.Abs(got-want) > 1e-9 {
			t.Fatalf("%d and %d: p = %v, benchmath has %v", len(a), len(b), got, want)
		}
	}
}

// TestRankSumEnumerated goes through all choices of small samples, with ties.
func TestRankSumEnumerated(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for all := 2; all <= 10; all++ {
		for n := 1; n < all; n++ {
			for kinds := 1; kinds <= 12; kinds += 2 {
				values := make([]float64, all)
				for i := range values {
					values[i] = float64(rng.IntN(kinds))
				}
				if got, want := rankSum(values[:n], values[n:]), enumeratedRankSum(values, n); math.Abs(got-want) > 1e-12 {
					t.Fatalf("%v | %v: p = %v, want %v", values[:n], values[n:], got, want)
				}
			}
		}
	}
}

func enumeratedRankSum(values []float64, n int) float64 {
	ranks := make([]float64, len(values))
	for i, v := range values {
		for _, other := range values {
			if other < v {
				ranks[i]++
			} else if other == v {
				ranks[i] += 0.5
			}
		}
	}
	sum := func(chosen uint) (s float64) {
		for i, r := range ranks {
			if chosen>>i&1 == 1 {
				s += r
			}
		}
		return s
	}
	mean := float64(n*len(values)) / 2
	seen := math.Abs(sum(1<<n-1) - mean)
	extreme, choices := 0, 0
	for chosen := range uint(1) << len(values) {
		if bits.OnesCount(chosen) != n {
			continue
		}
		choices++
		if math.Abs(sum(chosen)-mean) >= seen {
			extreme++
		}
	}
	return float64(extreme) / float64(choices)
}

func TestSmallestRankSum(t *testing.T) {
	for n := range 9 {
		for m := range 9 {
			low, high := make([]float64, n), make([]float64, m)
			for i := range low {
				low[i] = -float64(i + 1)
			}
			for i := range high {
				high[i] = float64(i + 1)
			}
			if got, want := smallestRankSum(n, m), rankSum(low, high); math.Abs(got-want) > 1e-12 {
				t.Errorf("%d and %d: %v, want %v", n, m, got, want)
			}
		}
	}
}

// TestRankSumApproximation holds the normal approximation, where it begins,
// against the exact distribution.
func TestRankSumApproximation(t *testing.T) {
	const n, m = exactRankSum/2 + 1, exactRankSum / 2
	exact := untiedRankSums(n, m)
	for u := 0; u <= n*m/2; u++ {
		want := min(1, 2*exact[u])
		if want < 0.0005 {
			continue
		}
		// n values of which u pairs are greater than one of the m others: u/m of them
		// above all, one in between, the rest below.
		a, b := make([]float64, n), make([]float64, m)
		for j := range b {
			b[j] = float64(j + 1)
		}
		for i := range a {
			a[i] = -float64(i + 1)
			switch {
			case i < u/m:
				a[i] = float64(m + 2 + i)
			case i == u/m:
				a[i] = float64(u%m) + 0.5
			}
		}
		if got := rankSum(a, b); got < 0.98*want || got > 1.4*want {
			t.Fatalf("U = %d: p = %v, exactly %v", u, got, want)
		}
	}
}

func normal(rng *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = rng.NormFloat64()
	}
	return out
}
