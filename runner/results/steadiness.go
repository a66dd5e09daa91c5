package results

import (
	"fmt"
	"math"
	"strings"
)

// What a steady trial may reach by chance.
const (
	// maxHalfRatio bounds one half's rate over the other's. Of Slices stretches that
	// scatter independently by a share s the halves' ratio scatters by s/2, so that
	// even 5 % of scatter stays four standard deviations within.
	maxHalfRatio = 1.10
	// maxAutocorrelation bounds the lag-1 autocorrelation of a trial's Slices
	// stretches. Of independent ones it has mean -1/16 and standard deviation 0.23
	// (see lag1P), and exceeds 0.6 about once in 1000 times.
	maxAutocorrelation = 0.6
)

// Steady says in one line what is unsteady about a trial with that ratio of the
// second half's rate to the first's (0 if unknown) and that lag-1 autocorrelation
// of the rates of its Slices stretches; "" if nothing is. Of trials whose stretches
// scatter independently, by up to 5 %, fewer than 1 in 500 get a remark.
func Steady(halfRatio, autocorrelation float64) (remark string) {
	var remarks []string
	if halfRatio > 0 && math.Max(halfRatio, 1/halfRatio) > maxHalfRatio {
		remarks = append(remarks, fmt.Sprintf("the rate of the second half was %.2f times that of the first", halfRatio))
	}
	if autocorrelation > maxAutocorrelation {
		remarks = append(remarks, fmt.Sprintf("the rate wandered (lag-1 autocorrelation %.2f)", autocorrelation))
	}
	return strings.Join(remarks, ", and ")
}

// drifting counts the rounds whose trial wasn't steady.
func (s series) drifting() int {
	n := 0
	for _, t := range s.valid {
		if Steady(t.HalfRatio, t.Autocorrelation) != "" {
			n++
		}
	}
	return n
}

const (
	// unsteadyLevel bounds the share of false ones among the tests by which rows are
	// called unsteady, and with that how often any is in a run that doesn't drift.
	unsteadyLevel = 0.01
	// leastForSteadiness is the fewest rounds of which two halves can differ at that
	// level: 5 and 5 give 2/252.
	leastForSteadiness = 10
)

// markUnsteady finds the rows whose rounds drift. There are two tests of each, so that
// a run has hundreds; what they find is corrected over all of them by the false
// discovery rate. That suits drift, which is the machine's and shows in many rows at
// once: each is found with the others, though none could be found by itself among so
// many in few rounds.
func markUnsteady(groups []Group) {
	var rows []*Row
	var ps []float64
	for i := range groups {
		for j := range groups[i].Rows {
			r := &groups[i].Rows[j]
			if halves, neighbours, ok := unsteadiness(r.RateSamples); ok {
				rows, ps = append(rows, r, r), append(ps, halves, neighbours)
			}
		}
	}
	for i, found := range discoveries(ps, unsteadyLevel) {
		rows[i].Unsteady = rows[i].Unsteady || found
	}
}

// unsteadiness tests whether samples drift in the order that they were taken. Its
// p-values are those of the second half having other values than the first (rank-sum
// test), and of neighbours resembling each other (lag-1 autocorrelation). Rates are
// judged by their logarithms. Fewer than leastForSteadiness samples tell nothing.
func unsteadiness(rates []float64) (halves, neighbours float64, ok bool) {
	n := len(rates)
	if n < leastForSteadiness {
		return 0, 0, false
	}
	logs := make([]float64, n)
	for i, r := range rates {
		logs[i] = math.Log(r)
	}
	return rankSum(logs[:n/2], logs[n-n/2:]), lag1P(lag1(logs), n), true
}

// lag1 is the lag-1 autocorrelation: the sum of products of neighbours'
// deviations from the mean, by the sum of squared deviations. It is 0 where
// nothing deviates.
func lag1(x []float64) float64 {
	var mean float64
	for _, v := range x {
		mean += v / float64(len(x))
	}
	var products, squares float64
	for i, v := range x {
		squares += (v - mean) * (v - mean)
		if i > 0 {
			products += (v - mean) * (x[i-1] - mean)
		}
	}
	if squares == 0 {
		return 0
	}
	return products / squares
}

// lag1P is about how often lag1 of n independent samples is at least r. Of normal
// samples it has mean -1/n and variance (n-2)^2/(n^2(n-1)) (Moran, Biometrika 35, 1948).
func lag1P(r float64, n int) float64 {
	deviation := float64(n-2) / float64(n) / math.Sqrt(float64(n-1))
	return math.Erfc((r+1/float64(n))/deviation/math.Sqrt2) / 2
}
