package report

import (
	"math"
	"slices"

	"sendbench/runner/results"
)

// stretch is a run of sizes over which the same strategies lead.
type stretch struct {
	groups []results.Group // ascending by size
	names  []string        // led throughout, with a gain that was shown; none: there is none
	ties   []tie           // not told apart from these at some of the sizes
}

// tie is a strategy that shares the lead at some sizes of a stretch.
type tie struct {
	name  string
	sizes []int
}

// stretches divides a walk's sizes into as few runs as possible in each of which
// some strategies are among the leaders throughout.
func stretches(groups []results.Group, by measure) []stretch {
	var out []stretch
	most := rivalries(groups)
	for i, g := range groups {
		var names []string
		for _, l := range leaders(g, by, most) {
			if l.shown {
				names = append(names, l.strategy)
			}
		}
		if n := len(out); n > 0 {
			last := &out[n-1]
			common := without(last.names, func(s string) bool { return !slices.Contains(names, s) })
			if len(common) > 0 || len(names) == 0 && len(last.names) == 0 {
				last.names = common
				last.groups = append(last.groups, g)
				continue
			}
		}
		out = append(out, stretch{groups: groups[i : i+1 : i+1], names: names})
	}
	for i := range out {
		out[i].findTies(by, most)
	}
	return out
}

// findTies lists who else leads at some of the sizes.
func (s *stretch) findTies(by measure, rivalries int) {
	if len(s.names) == 0 {
		return
	}
	for _, g := range s.groups {
		for _, l := range leaders(g, by, rivalries) {
			if slices.Contains(s.names, l.strategy) {
				continue
			}
			i := slices.IndexFunc(s.ties, func(t tie) bool { return t.name == l.strategy })
			if i < 0 {
				i = len(s.ties)
				s.ties = append(s.ties, tie{name: l.strategy})
			}
			s.ties[i].sizes = append(s.ties[i].sizes, g.Cell.Size)
		}
	}
}

func (s stretch) from() int { return s.groups[0].Cell.Size }
func (s stretch) to() int   { return s.groups[len(s.groups)-1].Cell.Size }

// hull spans the intervals that the leaders' gains have at these sizes; ok is
// false where one has none.
func (s stretch) hull(groups []results.Group, by measure) (low, high float64, ok bool) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, g := range groups {
		for _, name := range s.names {
			r, found := rowOf(g, name)
			if !found {
				return 0, 0, false
			}
			one, taken := by(g, r)
			if !taken || !one.Finite() {
				return 0, 0, false
			}
			low, high = math.Min(low, one.Low), math.Max(high, one.High)
		}
	}
	return low, high, len(s.names) > 0
}
