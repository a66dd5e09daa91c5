package report

import (
	"cmp"
	"math"
	"slices"

	"sendbench/runner/results"
)

// gain is by how much a strategy betters the baseline, as a ratio above 1, and
// whether that was shown, which is the summary's verdict. The baseline's gain over
// itself is 1.
type gain struct {
	strategy string
	results.Interval
	baseline bool
	shown    bool
	lost     bool    // to the baseline, by the summary's verdict
	p        float64 // of that verdict
	floor    float64 // noise floor of the respect it is taken in, +Inf if unknown
	rounds   []int
	samples  []float64 // one for each of the rounds
}

// measure takes a strategy's gain in one respect; ok is false where there is
// none to take.
type measure func(results.Group, results.Row) (g gain, ok bool)

// measures are those that strategies are ranked by.
var measures = map[string]measure{MetricThroughput: inThroughput, MetricCPU: inCPU, MetricP99: inP99}

// inThroughput is the ratio of rates.
func inThroughput(g results.Group, r results.Row) (gain, bool) {
	return gain{
		strategy: r.Strategy, Interval: r.Ratio, baseline: r.Verdict == results.Baseline, shown: r.Verdict == results.Faster,
		lost: r.Verdict == results.Slower, p: r.P, floor: g.NoiseFloor, rounds: r.RatioRounds, samples: r.RatioSamples,
	}, positive(r.Ratio.Center)
}

// inCPU is the inverse ratio of CPU times a byte.
func inCPU(g results.Group, r results.Row) (gain, bool) {
	out := gain{
		strategy: r.Strategy, Interval: inverse(r.CPURatio), baseline: r.Verdict == results.Baseline, shown: r.CPUVerdict == results.Faster,
		lost: r.CPUVerdict == results.Slower, p: r.CPUP, floor: g.CPUNoiseFloor, rounds: r.RatioRounds,
	}
	for _, v := range r.CPURatioSamples {
		out.samples = append(out.samples, 1/v)
	}
	return out, positive(out.Center)
}

// inverse is the interval of 1/x. Infinite bounds stay.
func inverse(iv results.Interval) results.Interval {
	low, high := math.Inf(-1), math.Inf(1)
	if iv.Finite() && iv.Low > 0 {
		low, high = 1/iv.High, 1/iv.Low
	}
	iv.Center, iv.Low, iv.High = 1/iv.Center, low, high
	return iv
}

// over is a's gain as a ratio to b's, taken inside each round that both have, so
// that drift of the machine cancels as it does in the ratios to the baseline.
func over(a, b gain) results.Interval {
	switch {
	case b.baseline:
		return a.Interval
	case a.baseline:
		return inverse(b.Interval)
	}
	iv := results.MedianInterval(logRatios(a, b))
	iv.Center = math.Exp(iv.Center)
	if iv.Finite() {
		iv.Low, iv.High = math.Exp(iv.Low), math.Exp(iv.High)
	}
	return iv
}

// logRatios are the logarithms of a's gain as a ratio to b's, of the rounds that
// both have.
func logRatios(a, b gain) []float64 {
	var logs []float64
	add := func(ratio float64) {
		if positive(ratio) {
			logs = append(logs, math.Log(ratio))
		}
	}
	switch {
	case b.baseline:
		for _, v := range a.samples {
			add(v)
		}
	case a.baseline:
		for _, v := range b.samples {
			add(1 / v)
		}
	default:
		for i, round := range a.rounds {
			if j, ok := slices.BinarySearch(b.rounds, round); ok && i < len(a.samples) && j < len(b.samples) {
				add(a.samples[i] / b.samples[j])
			}
		}
	}
	return logs
}

// beats takes the test of whether a gain is ahead of others, and holds it to the summary's
// verdict where the baseline is on either side: no page says both that nothing is shown ahead
// of the baseline and that something is ahead of all.
func (one gain) beats(outcome results.Outcome, others ...gain) results.Outcome {
	for _, o := range others {
		switch {
		case o.baseline:
			outcome.P = math.Max(outcome.P, one.p)
			if !one.shown {
				outcome.Verdict = results.NoDifference
			}
		case one.baseline:
			outcome.P = math.Max(outcome.P, o.p)
			if !o.lost {
				outcome.Verdict = results.NoDifference
			}
		}
	}
	return outcome
}

// rivalries is how many comparisons it takes to find who leads in each group: of
// the best with every other strategy.
func rivalries(groups []results.Group) int {
	n := 0
	for _, g := range groups {
		n += max(0, len(g.Rows)-1)
	}
	return n
}

// leaders are the strategy with the greatest gain that was shown and those that
// it is not shown to be ahead of, as one of so many rivalries; the greatest first.
// There are none where no gain was shown.
func leaders(g results.Group, by measure, rivalries int) []gain {
	all := gains(g, by)
	best := slices.IndexFunc(all, func(one gain) bool { return one.shown })
	if best < 0 {
		return nil
	}
	lead := all[best]
	return slices.DeleteFunc(all, func(one gain) bool {
		_, ahead := results.AheadOf(logRatios(lead, one), lead.floor, rivalries)
		return one.strategy != lead.strategy && (one.baseline || ahead)
	})
}

// gains are those of all strategies of a group, the greatest first.
func gains(g results.Group, by measure) []gain {
	var all []gain
	for _, r := range g.Rows {
		if one, ok := by(g, r); ok {
			all = append(all, one)
		}
	}
	slices.SortStableFunc(all, func(a, b gain) int { return cmp.Compare(b.Center, a.Center) })
	return all
}

// without is a copy of the names less those that drop picks.
func without(names []string, drop func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(names), drop)
}
