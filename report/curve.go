package report

import (
	"math"
	"slices"

	"sendbench/runner/results"
)

// point is a plotted value with its interval, which is NaN where there were too
// few rounds for one.
type point struct {
	x          int
	y, low, hi float64
	raw        []float64 // of them what is drawn
}

// dot is a point whose size is the only one.
func (p point) dot(name string, l look) dot {
	return dot{name: name, look: l, raw: p.raw, Interval: results.Interval{Center: p.y, Low: p.low, High: p.hi}}
}

// curve is a strategy's points, ascending by x.
type curve struct {
	name   string
	look   look
	points []point
	xs     []int // that it may have points at; nil for all of its panel
}

// ideal is what the first point of a curve comes to at x, in proportion.
func (c curve) ideal(x int) float64 {
	first := c.points[0]
	return first.y * float64(x) / float64(first.x)
}

// What goes along the x axis of a panel.
func bySize(g results.Group) int  { return g.Cell.Size }
func byFlows(g results.Group) int { return g.Cell.Flows }

// curves takes a figure of each strategy in each group, leaving out what has no
// place on a logarithmic axis. The groups ascend by x.
func curves(groups []results.Group, x func(results.Group) int, styles map[string]look, from metric) (out []curve, tally rawTally) {
	values := 0
	for _, g := range groups {
		values += len(g.Rows)
	}
	most := dotsOf(values)
	for _, g := range groups {
		for _, r := range g.Rows {
			iv := from.of(r)
			if !positive(iv.Center) {
				continue
			}
			i := slices.IndexFunc(out, func(c curve) bool { return c.name == r.Strategy })
			if i < 0 {
				i = len(out)
				out = append(out, curve{name: r.Strategy, look: styles[r.Strategy]})
			}
			p := point{x: x(g), y: iv.Center, low: math.NaN(), hi: math.NaN()}
			if iv.Finite() && iv.Low > 0 {
				p.low, p.hi = iv.Low, iv.High
			}
			if from.raw != nil {
				all := from.raw(r)
				p.raw = thin(all, most)
				tally.add(len(all), len(p.raw))
			}
			out[i].points = append(out[i].points, p)
		}
	}
	return out, tally
}
