package report

import (
	"slices"
	"strings"

	"sendbench/runner/results"
)

// Choice is a row of the decision table: which way of sending to take at these
// sizes, with buffers that are used in this way.
type Choice struct {
	Walk     string // hot stamped; empty where it is that of the row above
	Sizes    string
	Fastest  Pick // by rate
	Cheapest Pick // by CPU time a byte
}

// Pick is who leads, and what that brings. Names joined by ≈ were not told apart.
type Pick struct {
	Names  string
	Ties   string // "≈ …", who shares the lead at some of the sizes
	Amount string // as a multiple of the baseline's, the span of the intervals over the sizes
}

// choices make a setting's decision table: for each walk a row for each run of
// sizes over which both answers stay the same.
func choices(st setting, baseline string) []Choice {
	var out []Choice
	for _, w := range st.walks {
		if tooFew(w) {
			continue
		}
		fast, cheap := stretches(w.groups, inThroughput), stretches(w.groups, inCPU)
		first := true
		for i, j, at := 0, 0, 0; at < len(w.groups); {
			end := min(fast[i].to(), cheap[j].to())
			last := slices.IndexFunc(w.groups, func(g results.Group) bool { return g.Cell.Size == end })
			run := w.groups[at : last+1]
			c := Choice{Sizes: sizeRun(run[0].Cell.Size, end)}
			if first {
				c.Walk, first = w.name(), false
			}
			c.Fastest = fast[i].pick(run, inThroughput, "none ahead of "+baseline)
			c.Cheapest = cheap[j].pick(run, inCPU, "none below "+baseline)
			if low, high, ok := cheap[j].hull(run, inCPU); ok {
				c.Cheapest.Amount = figureSpan(1/high, 1/low) // a cost, not a gain
			}
			out = append(out, c)
			if fast[i].to() == end {
				i++
			}
			if cheap[j].to() == end {
				j++
			}
			at = last + 1
		}
	}
	return out
}

// pick names a stretch's leaders over some of its groups, and what they gain.
func (s stretch) pick(run []results.Group, by measure, otherwise string) Pick {
	if len(s.names) == 0 {
		return Pick{Names: otherwise, Amount: none}
	}
	p := Pick{Names: strings.Join(printables(s.names), " ≈ "), Ties: s.tiesIn(run), Amount: none}
	if low, high, ok := s.hull(run, by); ok {
		p.Amount = figureSpan(low, high)
	}
	return p
}

// tiesIn names those that share the lead at some of the groups, together those
// that do so at the same sizes.
func (s stretch) tiesIn(run []results.Group) string {
	var sizes []string
	who, counts := make(map[string][]string), make(map[string]int)
	for _, t := range s.ties {
		var at []string
		for _, g := range run {
			if slices.Contains(t.sizes, g.Cell.Size) {
				at = append(at, sizeText(g.Cell.Size))
			}
		}
		if len(at) == 0 {
			continue
		}
		key := join(at, "and")
		sizes, counts[key] = addOnce(sizes, key), len(at)
		who[key] = append(who[key], printable(t.name))
	}
	parts := make([]string, len(sizes))
	for i, key := range sizes {
		parts[i] = "≈ " + strings.Join(who[key], ", ")
		if n := len(run); n > 1 && n != counts[key] {
			parts[i] += " at " + key
		}
	}
	return strings.Join(parts, "; ")
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
