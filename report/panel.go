package report

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// panelPlotter draws a panel's data into a plot: each curve is three paths
// (line, whiskers, marks) however many points it has, which keeps pages small.
type panelPlotter struct {
	panel
	labels vg.Length // room to the right of the canvas
}

// Plot implements plot.Plotter.
func (pp panelPlotter) Plot(c draw.Canvas, p *plot.Plot) {
	pp.drawFloor(c, p)
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		y := c.Y(p.Y.Norm(t.Value))
		c.StrokeLine2(draw.LineStyle{Color: grid, Width: 0.5}, c.Min.X, y, c.Max.X, y)
	}
	if pp.ratio {
		y := c.Y(p.Y.Norm(1))
		c.StrokeLine2(draw.LineStyle{Color: axis, Width: 0.8}, c.Min.X, y, c.Max.X, y)
	}
	if pp.ideal {
		pp.drawIdeal(c, p)
	}
	places := pp.places(c, p)
	for i, curve := range pp.curves {
		pp.drawCurve(c, p, curve, places[i])
	}
	pp.drawLabels(c, places)
}

// drawIdeal draws a dashed line from the first point of each curve to the last x.
func (pp panelPlotter) drawIdeal(c draw.Canvas, p *plot.Plot) {
	last := slices.Max(pp.xs)
	for _, curve := range pp.curves {
		first := curve.points[0]
		at := func(x int, y float64) vg.Point {
			return vg.Point{X: c.X(p.X.Norm(float64(x))), Y: c.Y(p.Y.Norm(math.Min(math.Max(y, p.Y.Min), p.Y.Max)))}
		}
		var line vg.Path
		line.Move(at(first.x, first.y))
		line.Line(at(last, curve.ideal(last)))
		c.SetLineStyle(draw.LineStyle{Color: curve.look.hue, Width: 0.5, Dashes: []vg.Length{1.5, 2}})
		c.Stroke(line)
	}
	c.SetLineStyle(draw.LineStyle{})
}

// drawFloor fills the noise floor, a step about each size.
func (pp panelPlotter) drawFloor(c draw.Canvas, p *plot.Plot) {
	if len(pp.floor) == 0 {
		return
	}
	x := func(size int) vg.Length { return c.X(p.X.Norm(float64(size))) }
	y := func(v float64) vg.Length {
		return c.Y(p.Y.Norm(math.Min(math.Max(v, p.Y.Min), p.Y.Max)))
	}
	var path vg.Path
	for i, q := range pp.floor {
		from, to := c.Min.X, c.Max.X
		if i > 0 {
			from = (x(pp.floor[i-1].x) + x(q.x)) / 2
		}
		if i < len(pp.floor)-1 {
			to = (x(q.x) + x(pp.floor[i+1].x)) / 2
		}
		path.Move(vg.Point{X: from, Y: y(q.low)})
		path.Line(vg.Point{X: to, Y: y(q.low)})
		path.Line(vg.Point{X: to, Y: y(q.hi)})
		path.Line(vg.Point{X: from, Y: y(q.hi)})
		path.Close()
	}
	c.SetColor(band)
	c.Fill(path)
}

// places are where the points of each curve go. In a panel of ratios, points of
// one size are set apart sideways, as far as the sizes' distance lets them. Rates
// and costs rise or fall so steeply that a step aside would look like a
// difference in height, so theirs stay in place.
func (pp panelPlotter) places(c draw.Canvas, p *plot.Plot) [][]vg.Point {
	closest := c.Size().X
	for i := 1; i < len(pp.xs); i++ {
		a, b := p.X.Norm(float64(pp.xs[i-1])), p.X.Norm(float64(pp.xs[i]))
		closest = min(closest, c.Size().X*vg.Length(b-a))
	}
	n := len(pp.curves)
	step := min(2, closest*0.5/vg.Length(n))
	if !pp.ratio {
		step = 0
	}
	out := make([][]vg.Point, n)
	for i, curve := range pp.curves {
		aside := step * (vg.Length(i) - vg.Length(n-1)/2)
		for _, q := range curve.points {
			out[i] = append(out[i], vg.Point{
				X: c.X(p.X.Norm(float64(q.x))) + aside,
				Y: c.Y(p.Y.Norm(math.Min(math.Max(q.y, p.Y.Min), p.Y.Max))),
			})
		}
	}
	return out
}

func (pp panelPlotter) drawCurve(c draw.Canvas, p *plot.Plot, curve curve, places []vg.Point) {
	var line, whiskers, marks vg.Path
	var dots []vg.Point
	last := -2
	xs := curve.xs
	if xs == nil {
		xs = pp.xs
	}
	for i, q := range curve.points {
		at := slices.Index(xs, q.x)
		if at == last+1 {
			line.Line(places[i])
		} else {
			line.Move(places[i]) // a size is missing: the line breaks off
		}
		last = at
		if positive(q.low) && positive(q.hi) {
			for j, v := range []float64{q.low, q.hi} {
				end := vg.Point{X: places[i].X, Y: c.Y(p.Y.Norm(math.Min(math.Max(v, p.Y.Min), p.Y.Max)))}
				if j == 0 {
					whiskers.Move(end)
				} else {
					whiskers.Line(end)
				}
			}
		}
		for _, v := range q.raw {
			dots = append(dots, vg.Point{X: places[i].X, Y: c.Y(p.Y.Norm(math.Min(math.Max(v, p.Y.Min), p.Y.Max)))})
		}
		curve.look.glyph.trace(&marks, places[i], markRadius)
	}
	drawDots(c, curve.look.hue, dots)
	c.SetLineStyle(draw.LineStyle{Color: curve.look.hue, Width: 1.1})
	c.Stroke(line)
	c.SetLineStyle(draw.LineStyle{Color: curve.look.hue, Width: 0.7})
	c.Stroke(whiskers)
	drawMarks(c, curve.look, marks)
}

// drawMarks fills solid marks, and hollow ones with paper under their outline.
func drawMarks(c draw.Canvas, l look, marks vg.Path) {
	if !l.glyph.hollow {
		c.SetColor(l.hue)
		c.Fill(marks)
		return
	}
	c.SetColor(paper)
	c.Fill(marks)
	c.SetLineStyle(draw.LineStyle{Color: l.hue, Width: 1})
	c.Stroke(marks)
}

// drawLabels names each curve beside its end, in ink with the curve's mark, as
// coloured text would be too faint. Labels that would collide are moved apart and
// a thin line leads to them.
func (pp panelPlotter) drawLabels(c draw.Canvas, places [][]vg.Point) {
	ends := make([]float64, len(places))
	for i, ps := range places {
		ends[i] = float64(ps[len(ps)-1].Y)
	}
	ys := spread(ends, float64(labelGap), float64(c.Min.Y), float64(c.Max.Y))
	style := labelText
	style.YAlign = draw.YCenter // of the line, which is 0.8 below that of lower-case letters
	for i, curve := range pp.curves {
		end := places[i][len(places[i])-1]
		y := vg.Length(ys[i])
		x := c.Max.X + leaderSpace - 8
		var leader vg.Path
		leader.Move(vg.Point{X: end.X + markRadius + 1, Y: end.Y})
		leader.Line(vg.Point{X: max(c.Max.X, end.X+markRadius+1), Y: end.Y})
		leader.Line(vg.Point{X: x - 5, Y: y})
		c.SetLineStyle(draw.LineStyle{Color: curve.look.hue, Width: 0.5})
		c.Stroke(leader)
		var mark vg.Path
		curve.look.glyph.trace(&mark, vg.Point{X: x, Y: y}, markRadius)
		drawMarks(c, curve.look, mark)
		c.FillText(style, vg.Point{X: x + 6, Y: y + 0.8}, shorten(style, printable(curve.name), labelMost))
	}
}

// spread moves positions as little as it takes for neighbours to be gap apart
// within lo to hi. Where they don't all fit, gap shrinks until they do.
func spread(want []float64, gap, lo, hi float64) []float64 {
	n := len(want)
	if n == 0 {
		return nil
	}
	if n > 1 {
		gap = math.Min(gap, (hi-lo)/float64(n-1))
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case want[a] < want[b]:
			return -1
		case want[a] > want[b]:
			return 1
		}
		return 0
	})
	// A block holds neighbours that touch; it lies where its members' wishes
	// balance. Blocks that overlap become one.
	type block struct {
		from, n    int
		sum, start float64 // sum of wishes for the block's start
	}
	var blocks []block
	settle := func(b *block) {
		b.start = math.Min(math.Max(b.sum/float64(b.n), lo), hi-gap*float64(b.n-1))
	}
	for i, k := range order {
		b := block{from: i, n: 1, sum: want[k]}
		settle(&b)
		for len(blocks) > 0 {
			prev := blocks[len(blocks)-1]
			if prev.start+gap*float64(prev.n) <= b.start {
				break
			}
			blocks = blocks[:len(blocks)-1]
			b = block{from: prev.from, n: prev.n + b.n, sum: prev.sum + b.sum - gap*float64(prev.n)*float64(b.n)}
			settle(&b)
		}
		blocks = append(blocks, b)
	}
	out := make([]float64, n)
	for _, b := range blocks {
		for i := range b.n {
			out[order[b.from+i]] = b.start + gap*float64(i)
		}
	}
	return out
}
