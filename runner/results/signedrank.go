package results

import (
	"math"
	"slices"
	"sync"
)

// exactSignedRank is the most differences of which the signed-rank test goes
// through every sign. The normal approximation beyond errs on the safe side: where
// p is above 0.0005 it is at most a quarter larger, and nowhere 1 % smaller
// (TestSignedRankApproximation).
const exactSignedRank = 100

// signedRank is the two-sided p-value of Wilcoxon's signed-rank test (Biometrics
// Bulletin 1, 1945) of differences that, if nothing differs, lie symmetrically
// around zero: each is then as likely as its negative. Log ratios of two trials of
// one round are such differences: the order in a round is shuffled, so that two
// ways of sending that take equally long could be exchanged, which turns the sign
// and nothing else. That the machine is slower in some rounds, or noisier, does no
// harm, since nothing is assumed of the differences' sizes.
//
// Differences of equal size share the mean of their ranks. Zeros are ranked with
// the rest, as the smallest, and count for neither side (Pratt, JASA 54, 1959):
// were they dropped before ranking, more evidence of no difference could make p
// smaller. The p-value is exact given the sizes, ties and zeros included, up to
// exactSignedRank differences; beyond it is that of the normal distribution with
// the variance of the ranks as they are, and a continuity correction.
//
// Without a difference that isn't zero it is 1.
func signedRank(differences []float64) float64 {
	sizes := make([]float64, len(differences))
	for i, d := range differences {
		sizes[i] = math.Abs(d)
	}
	doubled, ties := midranks(sizes)
	var positive, total int // of doubled ranks
	var squares float64
	var ranks []int // doubled, without those of zeros
	for i, d := range differences {
		switch {
		case d == 0:
			ties = true // what is left isn't 1 to n
			continue
		case d > 0:
			positive += doubled[i]
		}
		total += doubled[i]
		squares += float64(doubled[i]) * float64(doubled[i])
		ranks = append(ranks, doubled[i])
	}
	if len(ranks) == 0 {
		return 1
	}
	smaller := min(positive, total-positive)
	switch {
	case len(differences) > exactSignedRank:
		// The sum of positive doubled ranks has mean total/2 and variance squares/4;
		// it goes in steps of 2, of which half a step is 1.
		return twoSided(float64(total)/2-float64(smaller)-1, math.Sqrt(squares)/2)
	case ties:
		return min(1, 2*signSums(ranks, smaller)[smaller])
	}
	return min(1, 2*untiedSignSums(len(ranks))[smaller/2])
}

// smallestSignedRank is the least p-value that signedRank gives for n
// differences: that of the two arrangements of n signs in which all are alike.
func smallestSignedRank(n int) float64 {
	return min(1, math.Ldexp(2, -n))
}

// signSums is the distribution of the sum of those of the ranks whose sign is
// positive, each being so with probability 1/2: element s is P(sum <= s), up to
// the limit.
func signSums(ranks []int, limit int) []float64 {
	at := make([]float64, limit+1) // P(sum == s) of the ranks so far
	at[0] = 1
	for _, r := range ranks {
		for s := limit; s >= 0; s-- {
			at[s] /= 2
			if s >= r {
				at[s] += at[s-r] / 2
			}
		}
	}
	return cumulated(at)
}

// untied holds signSums of the ranks 1 to n, by n.
var untied sync.Map

func untiedSignSums(n int) []float64 {
	if at, ok := untied.Load(n); ok {
		return at.([]float64)
	}
	ranks := make([]int, n)
	for i := range ranks {
		ranks[i] = i + 1
	}
	at := signSums(ranks, n*(n+1)/4) // the smaller of two sums is at most half of all
	untied.Store(n, at)
	return at
}

// midranks are the ranks of the values, doubled so that the mean rank of values
// that tie is a whole number too; ties reports whether any do.
func midranks(values []float64) (doubled []int, ties bool) {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case values[a] < values[b]:
			return -1
		case values[a] > values[b]:
			return 1
		}
		return 0
	})
	doubled = make([]int, len(values))
	for first := 0; first < len(order); {
		last := first
		for last+1 < len(order) && values[order[last+1]] == values[order[first]] {
			last++
		}
		for _, i := range order[first : last+1] {
			doubled[i] = first + last + 2 // the mean of ranks first+1 to last+1, twice
		}
		ties = ties || last > first
		first = last + 1
	}
	return doubled, ties
}

// cumulated adds up what came before.
func cumulated(at []float64) []float64 {
	for i := 1; i < len(at); i++ {
		at[i] += at[i-1]
	}
	return at
}

// twoSided is the probability that a normal variable lies at least so far from
// its mean, on either side.
func twoSided(distance, deviation float64) float64 {
	if distance <= 0 || deviation == 0 {
		return 1
	}
	return math.Erfc(distance / deviation / math.Sqrt2)
}
