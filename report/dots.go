package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// dot is one strategy's figure with its interval.
type dot struct {
	name string
	look look
	results.Interval
	mark mark
	raw  []float64 // of the rounds what is drawn
}

// bounded reports whether the interval has a place on a logarithmic axis.
func (d dot) bounded() bool { return d.Finite() && d.Low > 0 }

// dotPanel is dots one below the other, on a logarithmic scale.
type dotPanel struct {
	heading string
	dots    []dot
	ratio   bool    // values are ratios: a line at 1
	floor   float64 // the noise floor about 1, 0 if unknown or no ratio
	lo, hi  float64
	raw     rawTally
}

// dotsBody is a chart of such panels, so many side by side.
type dotsBody struct {
	panels []dotPanel
	across int
}

// newDotPanel is a panel without dots yet.
func newDotPanel(heading string, ratio bool) dotPanel {
	p := dotPanel{heading: heading, ratio: ratio, lo: math.Inf(1), hi: 0}
	if ratio {
		p.lo, p.hi = 0.9, 1.1
	}
	return p
}

// add takes a dot that has a place on the axis, and widens it.
func (p *dotPanel) add(d dot) {
	if !positive(d.Center) {
		return
	}
	p.dots = append(p.dots, d)
	lo, hi := d.Center, d.Center
	if d.bounded() {
		lo, hi = math.Min(lo, d.Low), math.Max(hi, d.High)
	}
	lo, hi = reach(lo, hi, d.raw)
	p.lo, p.hi = math.Min(p.lo, lo), math.Max(p.hi, hi)
}

// groupDots has the figure of each strategy in a group.
func groupDots(heading string, g results.Group, styles map[string]look, from metric) dotPanel {
	p := newDotPanel(heading, from.floor != nil)
	if p.ratio && finite(from.floor(g)) {
		p.floor = from.floor(g)
	}
	most := dotsOf(len(g.Rows))
	for _, r := range g.Rows {
		d := dot{name: r.Strategy, look: styles[r.Strategy], Interval: from.of(r)}
		if from.verdict != nil {
			d.mark = from.verdict(r)
		}
		if from.raw != nil {
			all := from.raw(r)
			d.raw = thin(all, most)
			p.raw.add(len(all), len(d.raw))
		}
		p.add(d)
	}
	return p
}

// share gives all panels one scale.
func (b dotsBody) share() {
	lo, hi := math.Inf(1), 0.0
	for _, p := range b.panels {
		lo, hi = math.Min(lo, p.lo), math.Max(hi, p.hi)
	}
	for i := range b.panels {
		b.panels[i].lo, b.panels[i].hi = lo, hi
	}
}

// scale is a panel's range with a margin; the ends stay clear of the limits of
// float64, whose logarithms have no room.
func (p dotPanel) scale() (lo, hi float64) {
	lo, hi = p.lo, p.hi
	if p.ratio && p.floor < 1 {
		lo, hi = math.Min(lo, 1-p.floor), math.Max(hi, 1+p.floor)
	}
	if hi/lo < 1.1 {
		lo, hi = lo/1.05, hi*1.05
	}
	room := math.Pow(hi/lo, 0.04)
	return math.Max(lo/room, 1e-300), math.Min(hi*room, 1e300)
}

// figure prints a panel's values.
func (p dotPanel) figure(v float64) string {
	if p.ratio {
		return ratioFigure(v)
	}
	return figure(v)
}

// explain says how a chart by size is read that has a single one.
func (b dotsBody) explain() string {
	text := fmt.Sprintf("A row a strategy, axes logarithmic. Marks are medians over rounds, whiskers their %.0f %% intervals.", results.Confidence*100)
	var raw rawTally
	for _, p := range b.panels {
		raw.add(p.raw.there, p.raw.drawn)
	}
	return text + raw.sentence() + b.floorSentence()
}

// floorSentence explains the grey band, and is empty where there is none; it begins with a
// space.
func (b dotsBody) floorSentence() string {
	if slices.ContainsFunc(b.panels, func(p dotPanel) bool { return p.floor > 0 }) {
		return " " + bandExplained
	}
	return ""
}

func (b dotsBody) values() string {
	var out strings.Builder
	for _, p := range b.panels {
		fmt.Fprintf(&out, "panel %q\n", p.heading)
		if p.floor > 0 {
			fmt.Fprintf(&out, "  floor %.4g..%.4g\n", 1-p.floor, 1+p.floor)
		}
		for _, d := range p.dots {
			fmt.Fprintf(&out, "  %q %s %.4g [%.4g %.4g]%s %s\n", d.name, d.look.hue.name, d.Center, d.Low, d.High, rawValues(d.raw), d.mark.short)
		}
	}
	return out.String()
}

// rows are the panels that stand side by side.
func (b dotsBody) rows() [][]dotPanel {
	return slices.Collect(slices.Chunk(b.panels, max(1, min(b.across, len(b.panels)))))
}
