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
// sizes over which both answers stay the same.
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
				out = append(out, Choice{
					Walk: name, Sizes: sizeRun(from, to),
					Fastest:  fast.within(from, to).pick(MetricThroughput, "none ahead of "+baseline),
					Cheapest: cheap.within(from, to).pick(MetricCPU, "none below "+baseline),
				})
				name = ""
			}
		}
	}
	return out
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
