package results

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestSignedRankPublished holds p-values against worked examples.
func TestSignedRankPublished(t *testing.T) {
	for _, tt := range []struct {
		name        string
		differences []float64
		p           float64
	}{
		// Hollander and Wolfe, Nonparametric Statistical Methods (1973), p. 29: the
		// Hamilton depression scale of nine patients at two visits. R's
		// help(wilcox.test) has it too: V = 40, one-sided p = 0.01953.
		{"depression scale", []float64{1.83 - 0.878, 0.50 - 0.647, 1.62 - 0.598, 2.48 - 2.05, 1.68 - 1.06, 1.88 - 1.29, 1.55 - 1.06, 3.06 - 3.14, 1.30 - 1.29}, 20.0 / 512},
		// Darwin's maize in eighths of an inch (Fisher, The Design of Experiments,
		// 1935, chapter 3): the negative ranks add up to 24. 676 of 2^15 choices of
		// signs reach no more on their side.
		{"maize", []float64{49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48}, 2 * 676.0 / 32768},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := signedRank(tt.differences); math.Abs(got-tt.p) > 1e-12 {
				t.Errorf("p = %.6f, want %.6f", got, tt.p)
			}
		})
	}
}

// TestSignedRankTable checks the table of critical values that textbooks have: the
// greatest smaller sum of ranks at which the two-sided p is at most 0.05.
func TestSignedRankTable(t *testing.T) {
	for n, critical := range map[int]int{6: 0, 7: 2, 8: 3, 9: 5, 10: 8, 11: 10, 12: 13, 13: 17, 14: 21, 15: 25, 16: 29, 17: 34, 18: 40, 19: 46, 20: 52, 25: 89, 30: 137, 50: 434} {
		at := untiedSignSums(n)
		if 2*at[critical] > 0.05 || 2*at[critical+1] <= 0.05 {
			t.Errorf("n = %d: p is %v at %d and %v at %d", n, 2*at[critical], critical, 2*at[critical+1], critical+1)
		}
	}
}

// TestSignedRankEnumerated goes through all signs of small samples, with ties and
// zeros.
func TestSignedRankEnumerated(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := 1; n <= 10; n++ {
		for kinds := 1; kinds <= 12; kinds++ {
			differences := make([]float64, n)
			for i := range differences {
				differences[i] = float64(rng.IntN(2*kinds+1) - kinds)
			}
			if got, want := signedRank(differences), enumeratedSignedRank(differences); math.Abs(got-want) > 1e-12 {
				t.Fatalf("%v: p = %v, want %v", differences, got, want)
			}
		}
	}
}

// enumeratedSignedRank is the test by its definition, in its author's terms.
func enumeratedSignedRank(differences []float64) float64 {
	var ranks []float64
	positive := 0.0
	for _, d := range differences {
		if d == 0 {
			continue
		}
		below, equal := 0.0, 0.0
		for _, other := range differences {
			if math.Abs(other) < math.Abs(d) {
				below++
			} else if math.Abs(other) == math.Abs(d) {
				equal++
			}
		}
		rank := below + (equal+1)/2
		ranks = append(ranks, rank)
		if d > 0 {
			positive += rank
		}
	}
	total := 0.0
	for _, r := range ranks {
		total += r
	}
	extreme := 0
	for signs := range 1 << len(ranks) {
		sum := 0.0
		for i, r := range ranks {
			if signs>>i&1 == 1 {
				sum += r
			}
		}
		if math.Abs(sum-total/2) >= math.Abs(positive-total/2) {
			extreme++
		}
	}
	return float64(extreme) / float64(int(1)<<len(ranks))
}

func TestSignedRankIsSymmetric(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for n := range 150 {
		differences, negated := make([]float64, n), make([]float64, n)
		for i := range differences {
			differences[i] = math.Round(20 * rng.NormFloat64())
			negated[n-1-i] = -differences[i]
		}
		if a, b := signedRank(differences), signedRank(negated); math.Abs(a-b) > 1e-12 || !(a > 0 && a <= 1) {
			t.Errorf("n = %d: %v one way and %v the other", n, a, b)
		}
	}
}

func TestSmallestSignedRank(t *testing.T) {
	for n := range 60 {
		same := make([]float64, n)
		for i := range same {
			same[i] = float64(i + 1)
		}
		if got, want := smallestSignedRank(n), signedRank(same); math.Abs(got-want) > 1e-12*want {
			t.Errorf("n = %d: %v, want %v", n, got, want)
		}
	}
}

// TestSignedRankApproximation holds the normal approximation, where it begins,
// against the exact distribution.
func TestSignedRankApproximation(t *testing.T) {
	const n = exactSignedRank + 1
	exact := untiedSignSums(n)
	for smaller := range exact {
		want := min(1, 2*exact[smaller])
		if want < 0.0005 {
			continue
		}
		// The ranks 1 to n whose signs give that smaller sum, found greedily.
		differences, left := make([]float64, n), smaller
		for r := n; r > 0; r-- {
			differences[r-1] = float64(r)
			if r <= left {
				differences[r-1], left = -float64(r), left-r
			}
		}
		if got := signedRank(differences); got < 0.99*want || got > 1.25*want {
			t.Fatalf("sum %d: p = %v, exactly %v", smaller, got, want)
		}
	}
}
