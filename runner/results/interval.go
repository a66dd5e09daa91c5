package results

import (
	"math"
	"slices"

	"github.com/montanaflynn/stats"
)

// Confidence is the least confidence, of 1, of every interval in a Summary.
const Confidence = 0.95

// leastForInterval is the fewest samples of which the extremes enclose the median
// with Confidence: 1 - 2/2^6 is 0.969, and 1 - 2/2^5 only 0.938.
const leastForInterval = 6

// MedianInterval is the median of the samples with the narrowest interval, from
// the k-th smallest of them to the k-th largest, that holds the population's
// median with Confidence. It assumes nothing of the distribution
// but that the samples are independent: the number of samples below the median
// is binomial with p = 1/2, so the interval misses with probability
// 2*P(X < k). It misses as often on either side, so that a ratio and its
// inverse are judged alike.
//
// Fewer than leastForInterval samples can't reach 95 %: then Low and High are infinite and the
// attained confidence is 1. Without samples Center is NaN. The samples are left
// in their order.
func MedianInterval(samples []float64) Interval {
	n := len(samples)
	if n == 0 {
		return Interval{Center: math.NaN(), Low: math.Inf(-1), High: math.Inf(1), Confidence: 1}
	}
	sorted := slices.Sorted(slices.Values(samples))
	center, err := stats.Median(sorted)
	if err != nil { // only for no samples
		center = math.NaN()
	}
	k, attained := medianRank(n)
	if k == 0 {
		return Interval{Center: center, Low: math.Inf(-1), High: math.Inf(1), Confidence: 1, N: n}
	}
	return Interval{Center: center, Low: sorted[k-1], High: sorted[n-k], Confidence: attained, N: n}
}

// medianRank is the greatest k for which the k-th smallest and the k-th largest
// of n samples enclose the median with Confidence, and the confidence that they
// attain; k is 0 where even the extremes don't.
func medianRank(n int) (k int, attained float64) {
	logFactorial, _ := math.Lgamma(float64(n) + 1)
	var below float64 // P(X < k)
	for i := 0; i < (n+1)/2; i++ {
		// In logarithms, because 2^-n is no float64 from n = 1075 on.
		logI, _ := math.Lgamma(float64(i) + 1)
		logRest, _ := math.Lgamma(float64(n-i) + 1)
		below += math.Exp(logFactorial - logI - logRest - float64(n)*math.Ln2)
		if 1-2*below < Confidence {
			break
		}
		k, attained = i+1, 1-2*below
	}
	return k, attained
}

// Finite reports whether there were samples enough for an interval.
func (iv Interval) Finite() bool {
	return !math.IsNaN(iv.Center) && !math.IsInf(iv.Low, 0) && !math.IsInf(iv.High, 0)
}

// HalfWidth is half the distance between the bounds, +Inf where they are
// infinite.
func (iv Interval) HalfWidth() float64 {
	return (iv.High - iv.Low) / 2
}

// bounded reports whether there were samples enough for bounds, of which the upper or
// both may yet be +Inf: those of a percentile that wasn't reached.
func (iv Interval) bounded() bool { return iv.N > 0 && !math.IsInf(iv.Low, -1) }

// exp turns the interval of a logarithm into that of its argument. The median
// and order statistics go through a monotonic function unharmed. (For an even
// number of samples the median becomes the geometric mean of the middle two.)
// Infinite bounds stay: exp(-Inf) = 0 would look like a bound that was found.
func (iv Interval) exp() Interval {
	iv.Center = math.Exp(iv.Center)
	if iv.Finite() {
		iv.Low, iv.High = math.Exp(iv.Low), math.Exp(iv.High)
	}
	return iv
}
