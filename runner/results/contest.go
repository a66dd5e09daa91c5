package results

import "math"

// Contest asks whether one way of sending is ahead of every one of several others.
type Contest struct {
	// Over are the logarithms of its figure's ratios to each other's, of the rounds
	// that both have.
	Over  [][]float64
	Floor float64 // the least lead that is told from noise, as a part of 1; +Inf if unknown
}

// Outcome is what a contest came to, in its family.
type Outcome struct {
	P       float64 // one-sided, corrected by Holm over the family
	Verdict Verdict // Faster, TooFew or NoDifference
}

// JudgeContests says of each contest of a family whether it is won: Faster where its
// strategy is shown ahead of all others, TooFew where not even rounds that all agree
// could have shown it, and NoDifference else. A contest with nobody to be ahead of is
// TooFew.
//
// To be ahead of all is to be ahead of each, so that a contest's p-value is the
// largest of its comparisons', uncorrected (R. L. Berger, Technometrics 24, 1982);
// those of the family are then corrected by Holm. Tests are one-sided: who asks the
// other way round, too, does so in a contest of its own.
func JudgeContests(family []Contest) []Outcome {
	ps := make([]float64, len(family))
	for i, c := range family {
		for _, logRatios := range c.Over {
			ps[i] = max(ps[i], oneSided(logRatios))
		}
	}
	ps = holm(ps)
	outcomes := make([]Outcome, len(family))
	for i, c := range family {
		outcomes[i] = Outcome{ps[i], Faster}
		verdict := &outcomes[i].Verdict
		if len(c.Over) == 0 {
			*verdict = TooFew
		}
		for _, logRatios := range c.Over {
			switch {
			case attainable(smallestSignedRank(len(logRatios))/2, len(family)) > Significance:
				*verdict = TooFew
			case *verdict == Faster && (ps[i] > Significance || !exceeds(logRatios, c.Floor)):
				*verdict = NoDifference
			}
		}
	}
	return outcomes
}

// AheadOf reports whether the log ratios of a leader's figure to a rival's show the
// rival behind, as one of so many comparisons of that kind: at each size of a panel,
// of the strategy with the greatest figure with every other one. p is the one-sided
// p-value, corrected for their number.
//
// They leave a set of strategies that may be the best, and it errs where the one that
// really is the best was put out of it. For that one of its rivals has to be found
// ahead of it: at each size as many tests as there are rivals, whichever strategy led
// (J. C. Hsu, Ann. Statist. 12, 1984). That is what p is multiplied with.
func AheadOf(logRatios []float64, floor float64, comparisons int) (p float64, ahead bool) {
	p = math.Min(1, oneSided(logRatios)*float64(comparisons))
	return p, p <= Significance && exceeds(logRatios, floor)
}

// oneSided is the p-value of the signed-rank test for log ratios above 0.
func oneSided(logRatios []float64) float64 {
	if !(median(logRatios) > 0) {
		return 1
	}
	return signedRank(logRatios) / 2
}

// exceeds reports whether log ratios have an interval above 0 and a median above
// the floor.
func exceeds(logRatios []float64, floor float64) bool {
	iv := MedianInterval(logRatios)
	return iv.Finite() && iv.Low > 0 && iv.Center > math.Log1p(floor)
}
