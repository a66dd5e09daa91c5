package report

import (
	"math"
	"slices"

	"sendbench/runner/results"
)

// Lead is a run of sizes over which the same strategies lead: the one with the greatest
// gain that was shown, and those that it isn't shown to be ahead of. A size that was
// planned and not measured ends it.
type Lead struct {
	FromBytes  int      `json:"from_bytes"`
	ToBytes    int      `json:"to_bytes"`
	Strategies []string `json:"strategies"` // that lead throughout; none where nothing is shown
	Why        string   `json:"why_none"`   // why nothing can be shown; "" where something could
	Ties       []Tie    `json:"ties"`       // that share the lead at some of the sizes

	// TakesOver is where the lead passes from the run before; nil for the first one, and
	// where that isn't shown.
	TakesOver *Crossover `json:"takes_over"`
	// Throughput and CPU are each strategy's claims over the baseline, by size; at a set
	// rate there are none.
	Throughput []Claim `json:"throughput"`
	CPU        []Claim `json:"cpu_per_byte"`
	// RunnersUp are the claims of the one with the greatest gain over the best of those
	// that it is shown ahead of, by size.
	RunnersUp []Claim `json:"runners_up"`

	groups  []results.Group // ascending by size
	leading [][]gain        // in each of these
	apart   bool            // from the run before, by a size that wasn't measured
}

// Tie is a strategy that shares the lead at some sizes of a Lead.
type Tie struct {
	Strategy   string `json:"strategy"`
	SizesBytes []int  `json:"sizes_bytes"`
}

// leads divides a walk's sizes into as few runs as possible in each of which some
// strategies are among the leaders throughout.
func leads(w walk, metric string) []Lead {
	by, most := measures[metric], rivalries(w.groups)
	if metric == MetricP99 {
		most = pairings(w.groups)
	}
	out := []Lead{}
	for i, g := range w.groups {
		names := []string{}
		leading := leaders(g, by, most)
		for _, l := range leading {
			// Without a baseline to be ahead of, there is a lead only where someone is behind.
			if l.shown && (metric != MetricP99 || len(leading) < len(gains(g, by))) {
				names = append(names, l.strategy)
			}
		}
		why := whyIncomparable(g, metric)
		apart := i > 0 && w.gapBetween(w.groups[i-1].Cell.Size, g.Cell.Size)
		if n := len(out); n > 0 && !apart && out[n-1].Why == why {
			last := &out[n-1]
			common := without(last.Strategies, func(s string) bool { return !slices.Contains(names, s) })
			if len(common) > 0 || len(names) == 0 && len(last.Strategies) == 0 {
				last.Strategies = common
				last.groups, last.leading = append(last.groups, g), append(last.leading, leading)
				continue
			}
		}
		out = append(out, Lead{groups: w.groups[i : i+1 : i+1], leading: [][]gain{leading}, Strategies: names, Why: why, apart: apart})
	}
	for i := range out {
		l := &out[i]
		l.FromBytes, l.ToBytes = l.groups[0].Cell.Size, l.groups[len(l.groups)-1].Cell.Size
		l.find(by, metric, most)
		if i > 0 {
			l.TakesOver = takeover(out[i-1], *l, by, most)
		}
	}
	return out
}

// whyIncomparable is why no strategy can be shown ahead of the baseline in a group; "" where
// one could, and for latency, which has no baseline.
func whyIncomparable(g results.Group, metric string) string {
	others, compared, cpu := 0, 0, 0
	for _, r := range g.Rows {
		if r.Verdict == results.Baseline || r.Rounds == 0 {
			continue
		}
		others++
		compared += min(r.Ratio.N, 1)
		cpu += min(r.CPURatio.N, 1)
	}
	switch {
	case metric == MetricP99:
		return ""
	case !baselineValid(g):
		return whyNoBaseline
	case others == 0:
		return whyAlone
	case compared == 0:
		return whyApart
	case metric == MetricCPU && cpu == 0:
		return whyNoCPU
	}
	return ""
}

// find fills in who ties, and what is claimed.
func (l *Lead) find(by measure, metric string, rivalries int) {
	l.Ties, l.Throughput, l.CPU, l.RunnersUp = []Tie{}, []Claim{}, []Claim{}, []Claim{}
	if len(l.Strategies) == 0 {
		return
	}
	for i, g := range l.groups {
		leading := l.leading[i]
		for _, one := range leading {
			if !slices.Contains(l.Strategies, one.strategy) {
				l.tie(one.strategy, g.Cell.Size)
			}
		}
		if c, ok := runnerUp(g, by, metric, rivalries, leading); ok {
			l.RunnersUp = append(l.RunnersUp, c)
		}
		for _, name := range l.Strategies {
			if r, ok := rowOf(g, name); ok && g.Cell.Rate == 0 {
				throughput, cpu := againstBaseline(g, r, baselineOf(g))
				l.Throughput, l.CPU = append(l.Throughput, throughput), append(l.CPU, cpu)
			}
		}
	}
}

func (l *Lead) tie(strategy string, size int) {
	i := slices.IndexFunc(l.Ties, func(t Tie) bool { return t.Strategy == strategy })
	if i < 0 {
		i = len(l.Ties)
		l.Ties = append(l.Ties, Tie{Strategy: strategy})
	}
	l.Ties[i].SizesBytes = append(l.Ties[i].SizesBytes, size)
}

// runnerUp is the claim of the greatest of a group's leaders over the greatest of the
// others.
func runnerUp(g results.Group, by measure, metric string, rivalries int, leading []gain) (c Claim, ok bool) {
	lead := slices.IndexFunc(leading, func(one gain) bool { return one.shown })
	if lead < 0 {
		return c, false
	}
	for _, one := range gains(g, by) {
		if slices.ContainsFunc(leading, func(l gain) bool { return l.strategy == one.strategy }) {
			continue
		}
		p, _ := results.AheadOf(logRatios(leading[lead], one), leading[lead].floor, rivalries)
		ratio := over(leading[lead], one)
		if metric != MetricThroughput {
			ratio = inverse(ratio) // a cost, not a gain
		}
		cell := g.Cell
		cell.Strategy = leading[lead].strategy
		return Claim{metric, cell, one.strategy, figureOf(ratio), known(p), known(leading[lead].floor), results.Faster}, true
	}
	return c, false
}

// baselineOf is a group's baseline; "" where it has none.
func baselineOf(g results.Group) string {
	for _, r := range g.Rows {
		if r.Verdict == results.Baseline {
			return r.Strategy
		}
	}
	return ""
}

// takeover is where the strategies of one run of sizes give way to those of the next,
// told by the best of either where they meet; nil across a size that wasn't measured.
func takeover(before, after Lead, by measure, rivalries int) *Crossover {
	if after.apart {
		return nil
	}
	from := before.bestAt(before.groups[len(before.groups)-1], by)
	to := after.bestAt(after.groups[0], by)
	if from == to {
		return nil
	}
	var curve []ratioAt
	for _, g := range slices.Concat(before.groups, after.groups) {
		a, okA := gainOf(g, by, to)
		b, okB := gainOf(g, by, from)
		if !okA || !okB {
			curve = append(curve, ratioAt{size: g.Cell.Size, standing: uncompared, why: whyInvalid})
			continue
		}
		at := ratioAt{size: g.Cell.Size, ratio: over(a, b), floor: a.floor}
		if _, ahead := results.AheadOf(logRatios(a, b), a.floor, rivalries); ahead {
			at.standing = inFront
		} else if _, ahead := results.AheadOf(logRatios(b, a), a.floor, rivalries); ahead {
			at.standing = behind
		}
		curve = append(curve, at)
	}
	c := findCrossover(curve)
	if c != nil {
		c.From, c.To = from, to
	}
	return c
}

// bestAt is the strategy with the greatest gain of those that lead: the baseline where
// none is shown ahead of it.
func (l Lead) bestAt(g results.Group, by measure) string {
	for _, one := range gains(g, by) {
		if slices.Contains(l.Strategies, one.strategy) || len(l.Strategies) == 0 && one.baseline {
			return one.strategy
		}
	}
	return ""
}

func gainOf(g results.Group, by measure, strategy string) (gain, bool) {
	r, ok := rowOf(g, strategy)
	if !ok {
		return gain{}, false
	}
	return by(g, r)
}

// claims are those of the lead by a metric.
func (l Lead) claims(metric string) []Claim {
	if metric == MetricCPU {
		return l.CPU
	}
	return l.Throughput
}

// evidence is all that the lead rests on.
func (l Lead) evidence(metric string) []Claim { return slices.Concat(l.claims(metric), l.RunnersUp) }

// within is the lead over some of its sizes.
func (l Lead) within(from, to int) Lead {
	outside := func(c Claim) bool { return c.Cell.Size < from || c.Cell.Size > to }
	l.FromBytes, l.ToBytes = max(l.FromBytes, from), min(l.ToBytes, to)
	l.Throughput = slices.DeleteFunc(slices.Clone(l.Throughput), outside)
	l.CPU = slices.DeleteFunc(slices.Clone(l.CPU), outside)
	l.groups = slices.DeleteFunc(slices.Clone(l.groups), func(g results.Group) bool { return g.Cell.Size < from || g.Cell.Size > to })
	ties := []Tie{}
	for _, t := range l.Ties {
		t.SizesBytes = slices.DeleteFunc(slices.Clone(t.SizesBytes), func(size int) bool { return size < from || size > to })
		if len(t.SizesBytes) > 0 {
			ties = append(ties, t)
		}
	}
	l.Ties = ties
	return l
}

// gained is what the lead brings by a metric: the span of its intervals or, of one size
// and strategy, the figure with its interval; "" where one has none. unit follows the
// figure.
func (l Lead) gained(metric, unit string) string {
	claims := l.claims(metric)
	low, high, ok := span(claims)
	switch {
	case !ok || !positive(low) || !finite(high):
		return ""
	case len(claims) == 1 && claims[0].Ratio.Center != nil:
		return ratioFigure(*claims[0].Ratio.Center) + unit + " (" + figureSpan(low, high) + ")"
	}
	return figureSpan(low, high) + unit
}

// pairings is how many comparisons it takes to claim of any strategy that it is behind
// any other, both ways round: where no baseline has to be beaten first, to be put behind
// the leader is a claim of its own, whoever that is.
func pairings(groups []results.Group) int {
	n := 0
	for _, g := range groups {
		n += len(g.Rows) * (len(g.Rows) - 1)
	}
	return n
}

// inP99 is the inverse of the 99th percentile of latency. It is a gain over nothing: to
// be shown is to be ahead of some other strategy. One that wasn't reached is as good as
// endless.
func inP99(g results.Group, r results.Row) (gain, bool) {
	if r.Latency == nil {
		return gain{}, false
	}
	const endless = 1e18
	out := gain{strategy: r.Strategy, Interval: inverse(r.Latency.P99), floor: g.P99NoiseFloor, rounds: r.Latency.P99Rounds, shown: finite(r.Latency.P99.Center)}
	out.Center = 1 / math.Min(r.Latency.P99.Center, endless)
	for _, ns := range r.Latency.P99Samples {
		out.samples = append(out.samples, 1/math.Min(ns, endless))
	}
	return out, positive(out.Center)
}
