package results

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestShiftListed holds the search for order statistics against a sorted list of
// all differences.
func TestShiftListed(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		a, b := normal(rng, 1+rng.IntN(15)), normal(rng, 1+rng.IntN(15))
		if rng.IntN(2) == 0 { // ties, and zeros of either sign
			for i := range a {
				a[i] = math.Round(a[i])
			}
			for i := range b {
				b[i] = math.Round(b[i])
			}
		}
		slices.Sort(a)
		slices.Sort(b)
		var all []float64
		for _, y := range b {
			for _, x := range a {
				all = append(all, y-x)
			}
		}
		slices.Sort(all)
		d := differences{a, b}
		for k, want := range all {
			if got := d.smallest(k + 1); got != want {
				t.Fatalf("%v and %v: difference %d is %v, want %v", a, b, k+1, got, want)
			}
		}
		if iv := shift(a, b); math.Abs(iv.Center-median(all)) > 1e-12 || iv.N != len(a)+len(b) {
			t.Fatalf("%v and %v: %+v, want centre %v", a, b, iv, median(all))
		}
	}
}

// TestShiftInvertsTheTest checks that the interval holds what the rank-sum test
// doesn't reject, and nothing else.
func TestShiftInvertsTheTest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := 4; n <= 14; n++ {
		a, b := normal(rng, n), normal(rng, 18-n)
		iv := shift(a, b)
		p := func(by float64) float64 {
			moved := slices.Clone(b)
			for i := range moved {
				moved[i] -= by
			}
			return rankSum(a, moved)
		}
		const near = 1e-9
		for _, tt := range []struct {
			by     float64
			inside bool
		}{{iv.Low - near, false}, {iv.Low + near, true}, {iv.High - near, true}, {iv.High + near, false}} {
			if got := p(tt.by); (got > 1-Confidence) != tt.inside {
				t.Errorf("%d and %d: p is %v at %v of %+v", n, 18-n, got, tt.by, iv)
			}
		}
	}
}

func TestShiftCovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const draws = 2000
	for _, sizes := range []sampleSizes{{5, 5}, {12, 12}, {6, 20}, {40, 40}} {
		held := 0
		for range draws {
			a, b := normal(rng, sizes.n), normal(rng, sizes.m)
			for i := range b {
				b[i] = math.Exp(b[i]) + 0.5
			}
			for i := range a {
				a[i] = math.Exp(a[i])
			}
			if iv := shift(a, b); iv.Low <= 0.5 && 0.5 <= iv.High {
				held++
			}
		}
		if share := float64(held) / draws; share < Confidence-0.015 {
			t.Errorf("%v: held the shift in %.3f of draws", sizes, share)
		}
	}
}

func TestShiftOfFew(t *testing.T) {
	for n := range 6 {
		for m := range 6 {
			iv := shift(make([]float64, n), make([]float64, m))
			if finite := smallestRankSum(n, m) <= 1-Confidence; iv.Finite() != finite {
				t.Errorf("%d and %d: %+v, want a finite interval: %t", n, m, iv, finite)
			}
			if math.IsNaN(iv.Center) != (n*m == 0) || (iv.N == 0) != (n*m == 0) {
				t.Errorf("%d and %d: %+v", n, m, iv)
			}
		}
	}
}
