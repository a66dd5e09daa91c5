package report

import (
	"cmp"
	"math"
	"slices"

	"sendbench/runner/results"
)

// gain is by how much a strategy betters the baseline, as a ratio above 1, and
// whether that was shown: its interval is wholly above 1 and it exceeds the
// noise floor.
type gain struct {
	strategy string
	results.Interval
	shown   bool
	samples []float64 // a round each, where the summary has them
}

// measure takes a strategy's gain in one respect; ok is false where there is
// none to take.
type measure func(results.Group, results.Row) (g gain, ok bool)

// inThroughput is the ratio of rates.
func inThroughput(_ results.Group, r results.Row) (gain, bool) {
	return gain{r.Strategy, r.Ratio, r.Verdict == results.Faster, r.RatioSamples}, r.Verdict != results.Baseline && positive(r.Ratio.Center)
}

// inCPU is the inverse ratio of CPU times a byte.
func inCPU(g results.Group, r results.Row) (gain, bool) {
	iv := r.CPURatio
	iv.Center = 1 / iv.Center
	iv.Low, iv.High = math.Inf(-1), math.Inf(1)
	if r.CPURatio.Finite() && r.CPURatio.Low > 0 {
		iv.Low, iv.High = 1/r.CPURatio.High, 1/r.CPURatio.Low
	}
	floor := g.NoiseFloor
	if math.IsInf(floor, 1) {
		floor = 0 // unknown; the interval must do
	}
	shown := iv.Finite() && iv.Low > 1 && iv.Center-1 > floor
	return gain{r.Strategy, iv, shown, nil}, r.Verdict != results.Baseline && positive(iv.Center)
}

// leaders are the strategy with the greatest gain that was shown and those that
// it is not told apart from; the greatest first.
func leaders(g results.Group, by measure) []gain {
	var shown []gain
	for _, r := range g.Rows {
		if one, ok := by(g, r); ok && one.shown {
			shown = append(shown, one)
		}
	}
	slices.SortStableFunc(shown, func(a, b gain) int { return cmp.Compare(b.Center, a.Center) })
	return slices.DeleteFunc(shown, func(one gain) bool {
		return one.strategy != shown[0].strategy && toldApart(shown[0], one, g.NoiseFloor)
	})
}

// toldApart reports whether a's gain is shown to be greater than b's: round by
// round where both have a value for each, which drift of the machine doesn't
// touch, and otherwise by intervals that don't overlap. What is within the noise
// floor is no difference here either.
func toldApart(a, b gain, floor float64) bool {
	if math.IsInf(floor, 1) {
		floor = 0
	}
	if a.Center/b.Center-1 <= floor {
		return false
	}
	if len(a.samples) == 0 || len(a.samples) != len(b.samples) {
		return a.Low > b.High
	}
	logs := make([]float64, len(a.samples))
	for i := range logs {
		logs[i] = math.Log(a.samples[i]) - math.Log(b.samples[i])
	}
	return results.MedianInterval(logs).Low > 0
}

// stretch is a run of sizes over which the same strategies lead.
type stretch struct {
	from, to int      // bytes
	low, top float64  // least and greatest gain of the names, medians
	names    []string // none: no gain was shown
	others   []string // not told apart from these at some of the sizes
}

// stretches divides a walk's sizes into as few runs as possible in each of which
// some strategies are among the leaders throughout.
func stretches(groups []results.Group, by measure) []stretch {
	var out []stretch
	for _, g := range groups {
		var names []string
		for _, l := range leaders(g, by) {
			names = append(names, l.strategy)
		}
		size := g.Cell.Size
		if n := len(out); n > 0 {
			last := &out[n-1]
			common := without(last.names, func(s string) bool { return !slices.Contains(names, s) })
			if len(common) > 0 || len(names) == 0 && len(last.names) == 0 {
				for _, s := range slices.Concat(last.names, names) {
					if !slices.Contains(common, s) && !slices.Contains(last.others, s) {
						last.others = append(last.others, s)
					}
				}
				last.to, last.names = size, common
				continue
			}
		}
		out = append(out, stretch{from: size, to: size, names: names})
	}
	for i := range out {
		out[i].low, out[i].top = gainRange(groups, by, out[i])
	}
	return out
}

func gainRange(groups []results.Group, by measure, s stretch) (low, top float64) {
	low, top = math.Inf(1), math.Inf(-1)
	for _, g := range groups {
		if g.Cell.Size < s.from || g.Cell.Size > s.to {
			continue
		}
		for _, name := range s.names {
			if r, ok := rowOf(g, name); ok {
				if one, ok := by(g, r); ok {
					low, top = math.Min(low, one.Center), math.Max(top, one.Center)
				}
			}
		}
	}
	return low, top
}

// since is the index of the first group from which on wins holds for good.
func since(groups []results.Group, wins func(results.Group) bool) (int, bool) {
	i := len(groups)
	for i > 0 && wins(groups[i-1]) {
		i--
	}
	return i, i < len(groups)
}

// without is a copy of the names less those that drop picks.
func without(names []string, drop func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(names), drop)
}
