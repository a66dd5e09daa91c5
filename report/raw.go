package report

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// thin leaves at most so many of the samples: all, in their order, or else samples
// of evenly spaced ranks, ascending, the least and the greatest among them. What
// isn't a finite number is no sample.
func thin(samples []float64, most int) []float64 {
	known := slices.DeleteFunc(slices.Clone(samples), func(v float64) bool { return !finite(v) })
	if len(known) <= most {
		return known
	}
	if most < 2 {
		return nil
	}
	slices.Sort(known)
	out := make([]float64, most)
	for i := range out {
		out[i] = known[i*(len(known)-1)/(most-1)]
	}
	return out
}

// Raw points that a panel draws: of each value the first number at most, of all
// together the second; and none at all if that leaves a value fewer than the third.
const (
	mostDots     = 24
	mostDotsDraw = 700
	leastDots    = 3
)

// dotsOf is how many raw points each of so many values may have drawn.
func dotsOf(values int) int {
	n := min(mostDots, mostDotsDraw/max(1, values))
	if n < leastDots {
		return 0
	}
	return n
}

// rawTally is of raw points: how many there are behind a value, at most, and how many
// of these are drawn.
type rawTally struct{ there, drawn int }

func (t *rawTally) add(there, drawn int) {
	t.there, t.drawn = max(t.there, there), max(t.drawn, drawn)
}

// sentence explains the raw points of a chart; it begins with a space, or is empty
// for a chart that has none.
func (t rawTally) sentence() string {
	switch {
	case t.there == 0:
		return ""
	case t.drawn == 0:
		return " Raw points are left out of so many values; the tables of the page count their rounds."
	case t.drawn < t.there:
		return fmt.Sprintf(" Dots: up to %d of the %d rounds behind a value, evenly by rank.", t.drawn, t.there)
	}
	return " Dots: the rounds behind a value."
}

// rawReach is how far beyond values and intervals raw points may widen an axis, as a
// factor. Those farther out are drawn at its end: a single stall would else press
// everything else together.
const rawReach = 1.25

// reach widens an axis by raw points.
func reach(lo, hi float64, raw []float64) (float64, float64) {
	least, greatest := lo, hi
	for _, v := range raw {
		if positive(v) {
			least, greatest = math.Min(least, v), math.Max(greatest, v)
		}
	}
	return math.Max(least, lo/rawReach), math.Min(greatest, hi*rawReach)
}

// faded is a tone that lets what is below it through.
type faded struct{ tone }

// fadedOpacity is how much of its own colour it shows.
const fadedOpacity = 0.45

// RGBA makes it a color.Color.
func (f faded) RGBA() (r, g, b, a uint32) {
	r, g, b, a = f.tone.RGBA()
	part := func(v uint32) uint32 { return uint32(float64(v) * fadedOpacity) }
	return part(r), part(g), part(b), part(a)
}

// drawDots draws raw points as one path of strokes as long as they are wide, to and fro,
// since in SVG it is shorter to go on from where the pen is.
func drawDots(c draw.Canvas, hue tone, places []vg.Point) {
	if len(places) == 0 {
		return
	}
	const side = vg.Length(1.4)
	var path vg.Path
	half := side / 2
	for _, p := range places {
		path.Move(vg.Point{X: p.X - half, Y: p.Y})
		path.Line(vg.Point{X: p.X + half, Y: p.Y})
		half = -half
	}
	c.SetLineStyle(draw.LineStyle{Color: faded{hue}, Width: side})
	c.Stroke(path)
}

// rawValues lists raw points for goldens: how many, the least and the greatest.
func rawValues(raw []float64) string {
	if len(raw) == 0 {
		return ""
	}
	return fmt.Sprintf(" %d raw %.4g..%.4g", len(raw), slices.Min(raw), slices.Max(raw))
}
