package results

import (
	"math"
	"slices"
)

// shift is by how much the values of b exceed those of a: the median of all
// differences between one of each (Hodges and Lehmann, Ann. Math. Statist. 34,
// 1963), in the interval of all shifts that the rank-sum test doesn't reject at
// Confidence. That assumes nothing of the distribution but that the samples are
// independent, and alike but for the shift. Its bounds are the k-th smallest and
// the k-th largest difference, so that it is alike either way round.
//
// N is the number of samples of both sides, and 0 where one has none; samples too
// few for Confidence have infinite bounds.
func shift(a, b []float64) Interval {
	if len(a) == 0 || len(b) == 0 {
		return Interval{Center: math.NaN(), Low: math.Inf(-1), High: math.Inf(1), Confidence: 1}
	}
	d := differences{slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))}
	pairs := len(a) * len(b)
	iv := Interval{
		Center: (d.smallest((pairs+1)/2) + d.smallest(pairs/2+1)) / 2,
		Low:    math.Inf(-1), High: math.Inf(1), Confidence: 1,
		N: len(a) + len(b),
	}
	if k, attained := shiftRank(len(a), len(b)); k > 0 {
		iv.Low, iv.High, iv.Confidence = d.smallest(k), d.smallest(pairs+1-k), attained
	}
	return iv
}

// shiftRank is the greatest k for which the k-th smallest and the k-th largest
// difference enclose the shift with Confidence, and what they attain; k is 0 where
// even the extremes don't.
func shiftRank(n, m int) (k int, attained float64) {
	if n+m > exactRankSum {
		pairs := float64(n) * float64(m)
		half := math.Sqrt2 * math.Erfinv(Confidence) * math.Sqrt(pairs*float64(n+m+1)/12)
		return max(1, int(pairs/2-half)), Confidence
	}
	for u, p := range untiedRankSums(n, m) {
		if 1-2*p < Confidence {
			break
		}
		k, attained = u+1, 1-2*p
	}
	return k, attained
}

// differences are all of a value of b less one of a, both ascending.
type differences struct{ a, b []float64 }

// smallest is the k-th smallest difference, from 1. Rather than to list them all,
// it looks among the float64 in their order for the least that k differences don't
// exceed: 64 passes over both samples.
func (d differences) smallest(k int) float64 {
	low := ordinal(d.b[0] - d.a[len(d.a)-1])
	high := ordinal(d.b[len(d.b)-1] - d.a[0])
	for low < high {
		middle := low + int64(uint64(high-low)/2)
		if d.upTo(ofOrdinal(middle)) >= k {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return ofOrdinal(low)
}

// upTo counts the differences that are at most the limit.
func (d differences) upTo(limit float64) int {
	count, near := 0, 0 // d.a[near:] is near enough: the less of it, the greater the value of b
	for _, b := range d.b {
		for near < len(d.a) && b-d.a[near] > limit {
			near++
		}
		count += len(d.a) - near
	}
	return count
}

// ordinal numbers the float64 in their order.
func ordinal(f float64) int64 {
	bits := int64(math.Float64bits(f + 0)) // -0 is 0
	if bits < 0 {
		return math.MinInt64 - bits
	}
	return bits
}

func ofOrdinal(n int64) float64 {
	if n < 0 {
		return math.Float64frombits(uint64(math.MinInt64 - n))
	}
	return math.Float64frombits(uint64(n))
}
