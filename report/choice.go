package report

import "cmp"

// Choice is a row of the decision table: which way of sending to take at these
// sizes, with buffers that are used in this way.
type Choice struct {
	Walk     string `json:"buffers"` // hot stamped; empty where it is that of the row above
	Sizes    string `json:"sizes"`
	Fastest  Pick   `json:"most_throughput"`
	Cheapest Pick   `json:"least_cpu"` // time a byte
}

// Pick is who leads, and what that brings. Names joined by ≈ were not told apart.
type Pick struct {
	Names  string `json:"names"`
	Ties   string `json:"ties"`   // "≈ …", who shares the lead at some of the sizes
	Amount string `json:"amount"` // as a multiple of the baseline's, the span of the intervals over the sizes
}

// choices make a setting's decision table: for each use of buffers a row for each run of
// sizes over which both answers stay the same, and what they bring is alike.
func choices(st SettingDecision, baseline string) []Choice {
	out := []Choice{}
	for _, b := range st.Buffers {
		name := b.Name
		for _, fast := range b.Throughput {
			for _, cheap := range b.CPU {
				from, to := max(fast.FromBytes, cheap.FromBytes), min(fast.ToBytes, cheap.ToBytes)
				if from > to {
					continue
				}
				fast, cheap := fast.within(from, to), cheap.within(from, to)
				for _, run := range alikeRuns(fast, cheap) {
					from, to := run[0], run[len(run)-1]
					out = append(out, Choice{
						Walk: name, Sizes: sizeRun(from, to),
						Fastest:  fast.within(from, to).pick(MetricThroughput, "none ahead of "+baseline),
						Cheapest: cheap.within(from, to).pick(MetricCPU, "none below "+baseline),
					})
					name = ""
				}
			}
		}
	}
	return out
}

// widestHull is the most by which the ends of a row's span may differ, as a ratio, where
// the intervals that it spans have nothing in common: what is told of all sizes would else be
// true of none.
const widestHull = 1.25

// alikeRuns divides the sizes that two leads share into runs, as few as possible from the
// least size on, over which either's figures are alike.
func alikeRuns(fast, cheap Lead) (runs [][]int) {
	var rate, cost hull
	for _, g := range fast.groups {
		size := g.Cell.Size
		r := rate.with(fast.within(size, size).claims(MetricThroughput))
		c := cost.with(cheap.within(size, size).claims(MetricCPU))
		if len(runs) == 0 || r.apart() || c.apart() {
			r = hull{}.with(fast.within(size, size).claims(MetricThroughput))
			c = hull{}.with(cheap.within(size, size).claims(MetricCPU))
			runs = append(runs, nil)
		}
		rate, cost = r, c
		runs[len(runs)-1] = append(runs[len(runs)-1], size)
	}
	return runs
}

// hull is what intervals span together, and what all of them have in common; the zero value
// is of none.
type hull struct {
	low, high   float64
	most, least float64 // the greatest lower bound, and the least upper one
	some        bool
}

// with takes in the intervals of one size, together.
func (h hull) with(claims []Claim) hull {
	low, high, ok := span(claims)
	switch {
	case !ok: // nobody leads, or rounds were too few
		return h
	case !h.some:
		h.low, h.high, h.most, h.least, h.some = low, high, low, high, true
		return h
	}
	h.low, h.high = min(h.low, low), max(h.high, high)
	h.most, h.least = max(h.most, low), min(h.least, high)
	return h
}

// apart reports whether some of the intervals don't overlap, and the span is wide.
func (h hull) apart() bool {
	return h.most > h.least && h.high > widestHull*h.low
}

// pick names those that lead, and what they gain.
func (l Lead) pick(metric, otherwise string) Pick {
	if len(l.Strategies) == 0 {
		return Pick{Names: cmp.Or(l.Why, otherwise), Amount: none}
	}
	p := Pick{Names: alike(l.Strategies), Ties: l.tied("≈"), Amount: none}
	if low, high, ok := span(l.claims(metric)); ok {
		p.Amount = figureSpan(low, high)
	}
	return p
}

func printables(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = printable(n)
	}
	return out
}

func figureSpan(low, high float64) string {
	l, h := ratioFigure(low), ratioFigure(high)
	if l == h {
		return l
	}
	return l + " to " + h
}
