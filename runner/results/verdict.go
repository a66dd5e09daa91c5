package results

import "math"

// claim is one comparison on its way to a verdict.
type claim struct {
	ratio    Interval
	p        float64 // of its test alone
	smallest float64 // that the test could have given
	floor    float64 // the least change that is told from noise, as a part of 1; +Inf if unknown, which no change exceeds
}

// paired is the claim that the log ratios of a round make.
func paired(logRatios []float64, floor float64) claim {
	return claim{
		ratio:    MedianInterval(logRatios).exp(),
		p:        signedRank(logRatios),
		smallest: smallestSignedRank(len(logRatios)),
		floor:    floor,
	}
}

// judgeAll corrects the claims of one family and gives each its verdict at a level of
// significance, in which Faster means more. A claim without samples is none: it doesn't make the others
// harder, its p is NaN and its verdict TooFew.
func judgeAll(claims []claim, level float64) (corrected []float64, verdicts []Verdict) {
	var ps []float64
	for _, c := range claims {
		if c.ratio.N > 0 {
			ps = append(ps, c.p)
		}
	}
	family := len(ps)
	ps = holm(ps)
	for _, c := range claims {
		p := math.NaN()
		if c.ratio.N > 0 {
			p, ps = ps[0], ps[1:]
		}
		corrected = append(corrected, p)
		verdicts = append(verdicts, c.judge(p, family, level))
	}
	return corrected, verdicts
}

// judge weighs a ratio. Both the corrected p-value and the interval must exclude
// 1, and the ratio must differ from 1 by more than the floor: the baseline's ratio
// to itself strays by as much. Where the floor is unknown there is no telling, and no
// claim. A ratio and its inverse get the same answer.
//
// Where no claim is made, the reason is either that nothing was found, or that
// nothing could have been: not even samples that all agree reach the p-value
// needed in a family of this size.
func (c claim) judge(corrected float64, family int, level float64) Verdict {
	if corrected <= level && c.ratio.bounded() && math.Abs(math.Log(c.ratio.Center)) > math.Log1p(c.floor) {
		switch {
		case c.ratio.Low > 1:
			return Faster
		case c.ratio.High < 1:
			return Slower
		}
	}
	if !c.ratio.bounded() || attainable(c.smallest, family) > level {
		return TooFew
	}
	return NoDifference
}

// whereLessIsMore turns a verdict on a cost.
func (v Verdict) whereLessIsMore() Verdict {
	switch v {
	case Faster:
		return Slower
	case Slower:
		return Faster
	}
	return v
}
