package results

import (
	"math"
	"slices"
)

// Significance is the most that a corrected p-value of a claim may be: of all
// panels of which nothing is true, at most this share makes any claim.
const Significance = 1 - Confidence

// AASignificance is that of the A/A comparisons: a false alarm there discredits not one
// row but a run, and is to come in one of forty.
const AASignificance = Significance / 2

// holm corrects p-values for there being several (Holm, Scand. J. Statist. 6,
// 1979): the smallest of m is taken m times, the next m-1 times, and none may
// come out below one before it. Whatever the dependence between the tests, the
// chance that any true null's corrected value is at most alpha is at most alpha.
// The result is in the order of ps.
func holm(ps []float64) []float64 {
	order := make([]int, len(ps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case ps[a] < ps[b]:
			return -1
		case ps[a] > ps[b]:
			return 1
		}
		return 0
	})
	corrected := make([]float64, len(ps))
	least := 0.0
	for i, at := range order {
		least = max(least, min(1, float64(len(ps)-i)*ps[at]))
		corrected[at] = least
	}
	return corrected
}

// RoundsFor is the least number of rounds at which a panel of so many comparisons
// can come to a verdict: the smallest p-value of the paired test, corrected by
// Holm, is then at most Significance, and the median has an interval. It is 6 for
// one comparison and 12 for 52 to 102.
func RoundsFor(comparisons int) int {
	n := leastForInterval
	for attainable(smallestSignedRank(n), comparisons) > Significance {
		n++
	}
	return n
}

// attainable is the least corrected p-value in a family, at the least that the
// test can give.
func attainable(smallest float64, family int) float64 {
	return math.Min(1, smallest*float64(max(1, family)))
}
