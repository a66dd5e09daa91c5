package report

import (
	"math"

	"gonum.org/v1/plot/vg"
)

// glyph is the shape that marks a strategy's points.
type glyph struct {
	name   string
	hollow bool
	// trace adds the outline about p to a path; r is about the radius of a
	// circle that weighs as much.
	trace func(path *vg.Path, p vg.Point, r vg.Length)
}

// glyphs in the order that strategies take them: the first differ most.
var glyphs = []glyph{
	{"disc", false, traceCircle},
	{"square", false, polygon(4, math.Pi/4, 1.2)},
	{"triangle", false, polygon(3, math.Pi/2, 1.35)},
	{"diamond", false, polygon(4, 0, 1.3)},
	{"ring", true, traceCircle},
	{"star", false, star},
	{"wedge", false, polygon(3, -math.Pi/2, 1.35)},
	{"open square", true, polygon(4, math.Pi/4, 1.2)},
	{"open triangle", true, polygon(3, math.Pi/2, 1.35)},
	{"open diamond", true, polygon(4, 0, 1.3)},
	{"open wedge", true, polygon(3, -math.Pi/2, 1.35)},
}

func traceCircle(path *vg.Path, p vg.Point, r vg.Length) {
	path.Move(vg.Point{X: p.X + r, Y: p.Y})
	path.Arc(p, r, 0, 2*math.Pi)
	path.Close()
}

// polygon has n corners, the first at angle from, at grow times the radius.
func polygon(n int, from float64, grow vg.Length) func(*vg.Path, vg.Point, vg.Length) {
	return func(path *vg.Path, p vg.Point, r vg.Length) {
		corners(path, p, n, from, func(int) vg.Length { return r * grow })
	}
}

// star has four points.
func star(path *vg.Path, p vg.Point, r vg.Length) {
	corners(path, p, 8, math.Pi/2, func(i int) vg.Length {
		if i%2 == 0 {
			return r * 1.7
		}
		return r * 0.6
	})
}

func corners(path *vg.Path, p vg.Point, n int, from float64, radius func(i int) vg.Length) {
	for i := range n {
		sin, cos := math.Sincos(from + 2*math.Pi*float64(i)/float64(n))
		q := vg.Point{X: p.X + radius(i)*vg.Length(cos), Y: p.Y + radius(i)*vg.Length(sin)}
		if i == 0 {
			path.Move(q)
		} else {
			path.Line(q)
		}
	}
	path.Close()
}
