package results

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// RatioInterval is the interval of the median ratio, from the logarithms of
// ratios.
func RatioInterval(logRatios []float64) Interval { return MedianInterval(logRatios).exp() }

// RelativeHalfWidth is how far the bounds of a ratio lie from their geometric
// mean, as a part of 1: (High/Low)^½ - 1, +Inf where they are infinite. It is what
// Plan.Precision bounds. Unlike HalfWidth it is the same for a ratio and its
// inverse, and asks as much of a ratio of 5 as of one of 1.
func (iv Interval) RelativeHalfWidth() float64 {
	if !iv.Finite() || iv.Low <= 0 {
		return math.Inf(1)
	}
	return math.Sqrt(iv.High/iv.Low) - 1
}

// Imprecise is a ratio whose interval is wider than the plan asked for.
type Imprecise struct {
	Cell  Cell // the baseline's A/A cell among them
	Ratio Interval
}

// Imprecise returns the ratios of which RelativeHalfWidth is above the precision
// that the plan asked for, the widest first, and how many ratios there are in
// all; both are zero where the plan asked for none.
func (s *Summary) Imprecise() (wide []Imprecise, ratios int) {
	asked := s.Run.Plan.Precision
	if asked == 0 {
		return nil, 0
	}
	judge := func(g Group, strategy string, aa bool, ratio Interval) {
		ratios++
		if ratio.RelativeHalfWidth() > asked {
			g.Cell.Strategy, g.Cell.AA = strategy, aa
			wide = append(wide, Imprecise{g.Cell, ratio})
		}
	}
	for _, g := range s.Groups {
		judge(g, s.Run.Plan.Baseline, true, g.AA)
		for _, row := range g.Rows {
			if row.Strategy != s.Run.Plan.Baseline {
				judge(g, row.Strategy, false, row.Ratio)
			}
		}
	}
	slices.SortStableFunc(wide, func(a, b Imprecise) int {
		return cmp.Compare(b.Ratio.RelativeHalfWidth(), a.Ratio.RelativeHalfWidth())
	})
	return wide, ratios
}

// checkPrecision holds the plan's precision and its looks against each other.
func (p *Plan) checkPrecision() error {
	if !(p.Precision >= 0 && p.Precision < 1) {
		return fmt.Errorf("plan.precision is %v; it is a part of 1, or 0 for none", p.Precision)
	}
	last := 0
	for i, n := range p.Looks {
		if n <= last || n > maxRound+1 || i == 0 && n != p.Rounds {
			return fmt.Errorf("plan.looks are %.60s; they are numbers of rounds that rise from plan.rounds, %d, to %d at most", fmt.Sprint(p.Looks), p.Rounds, maxRound+1)
		}
		last = n
	}
	if p.Precision > 0 && last == 0 {
		return fmt.Errorf("plan.precision is %v, but plan.looks are missing; they are the numbers of rounds at which widths are looked at", p.Precision)
	}
	return nil
}
