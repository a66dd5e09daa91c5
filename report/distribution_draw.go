package report

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Lengths of a distribution chart, in points.
const (
	tailHeight = vg.Length(140) // of a panel's plot
	tailFoot   = vg.Length(16)  // for the labels of times
	tailScale  = vg.Length(58)  // for those of shares
	tailGap    = vg.Length(20)
	keyGap     = vg.Length(14)
	laneHeight = vg.Length(7) // of a strategy's p99 over rounds
	laneSpace  = vg.Length(8) // between these and the curves
)

// key is the legend above panels whose lines end in one place: rows of marks and
// names.
func (b distributionBody) key(width vg.Length) [][]tail {
	var rows [][]tail
	used := width
	for _, t := range b.named() {
		w := keyWidth(t)
		if used+w > width {
			rows = append(rows, nil)
			used = 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], t)
		used += w
	}
	return rows
}

func keyWidth(t tail) vg.Length {
	return 10 + labelText.Width(shorten(labelText, printable(t.name), labelMost)) + keyGap
}

// named has one tail of each strategy.
func (b distributionBody) named() []tail {
	var out []tail
	seen := make(map[string]bool)
	for _, p := range b.panels {
		for _, t := range p.tails {
			if !seen[t.name] {
				seen[t.name] = true
				out = append(out, t)
			}
		}
	}
	return out
}

func (b distributionBody) rows() vg.Length { return vg.Length((len(b.panels) + 1) / 2) }

// lanes is the height of what is below the curves of a panel.
func (b distributionBody) lanes() vg.Length {
	most := 0
	for _, p := range b.panels {
		most = max(most, len(p.tails))
	}
	return laneSpace + laneHeight*vg.Length(most)
}

// rowHeight is that of a row of panels.
func (b distributionBody) rowHeight() vg.Length {
	return headingSpace + tailHeight + b.lanes() + tailFoot
}

func (b distributionBody) height() vg.Length {
	return labelGap*vg.Length(len(b.key(chartWidth-2*chartMargin))) + 4 + b.rows()*b.rowHeight()
}

func (b distributionBody) draw(dc draw.Canvas) {
	style := labelText
	style.YAlign = draw.YCenter
	y := dc.Max.Y - labelGap/2
	for _, row := range b.key(dc.Size().X) {
		x := dc.Min.X
		for _, t := range row {
			var mark vg.Path
			t.look.glyph.trace(&mark, vg.Point{X: x + 3, Y: y}, markRadius)
			drawMarks(dc, t.look, mark)
			dc.FillText(style, vg.Point{X: x + 10, Y: y + 0.8}, shorten(style, printable(t.name), labelMost))
			x += keyWidth(t)
		}
		y -= labelGap
	}
	y += labelGap/2 - 4
	cols := vg.Length(min(2, len(b.panels)))
	width := (dc.Size().X-tailGap*(cols-1))/cols - tailScale - 8
	for i, p := range b.panels {
		x := dc.Min.X + tailScale + (width+tailScale+tailGap+8)*vg.Length(i%2)
		top := y - vg.Length(i/2)*b.rowHeight() - headingSpace
		heading := headText
		dc.FillText(heading, vg.Point{X: x - tailScale, Y: top + 9}, shorten(heading, p.heading, width+tailScale))
		panel := draw.Canvas{Canvas: dc.Canvas, Rectangle: vg.Rectangle{
			Min: vg.Point{X: x, Y: top - tailHeight}, Max: vg.Point{X: x + width, Y: top}}}
		below := panel
		below.Min.Y, below.Max.Y = top-tailHeight-b.lanes(), top-tailHeight-laneSpace
		b.drawTimes(below, top)
		b.drawPanel(panel, p)
		b.drawLanes(below, p)
	}
}

// shares are what the y axis is labelled with.
var shares = []struct {
	slower float64
	label  string
}{{1, "all"}, {0.5, "50 % (p50)"}, {0.1, "10 % (p90)"}, {0.01, "1 % (p99)"}, {1e-3, "0.1 % (p99.9)"}, {1e-4, "0.01 %"},
	{1e-5, "1 in 100 k"}, {1e-6, "1 in 1 M"}, {1e-7, "1 in 10 M"}, {1e-8, "1 in 100 M"}}

// x and y place a time and a share in a panel; what lies outside goes to its edge.
func (b distributionBody) x(c draw.Canvas, ns float64) vg.Length {
	part := math.Log(ns/b.lo) / math.Log(b.hi/b.lo)
	return c.X(math.Min(math.Max(part, 0), 1))
}

func (b distributionBody) y(c draw.Canvas, slower float64) vg.Length {
	return c.Y(1 - math.Min(math.Log(slower)/math.Log(b.least), 1))
}

func (b distributionBody) drawPanel(c draw.Canvas, p tailPanel) {
	label := textStyle(8, false, soft)
	label.XAlign, label.YAlign = draw.XRight, draw.YCenter
	line := draw.LineStyle{Color: grid, Width: 0.5}
	last := c.Max.Y + labelGap
	for _, s := range shares {
		if s.slower < b.least*(1-1e-9) {
			break
		}
		y := b.y(c, s.slower)
		c.StrokeLine2(line, c.Min.X, y, c.Max.X, y)
		if last-y < 7.5 {
			continue // many decades on a low panel
		}
		c.FillText(label, vg.Point{X: c.Min.X - 4, Y: y + 0.8}, s.label)
		last = y
	}
	c.StrokeLine2(draw.LineStyle{Color: axis, Width: 0.5}, c.Min.X, c.Min.Y, c.Max.X, c.Min.Y)
	for _, t := range p.tails {
		b.drawTail(c, t)
	}
}

// drawLanes draws the 99th percentiles over rounds, each strategy's in a row of its own, so
// that no interval hides another.
func (b distributionBody) drawLanes(c draw.Canvas, p tailPanel) {
	label := textStyle(8, false, soft)
	label.XAlign, label.YAlign = draw.XRight, draw.YCenter
	c.FillText(label, vg.Point{X: c.Min.X - 4, Y: (c.Min.Y+c.Max.Y)/2 + 0.8}, "median p99")
	for i, t := range p.tails {
		if !positive(t.p99.Center) {
			continue
		}
		y := c.Max.Y - laneHeight*(vg.Length(i)+0.5)
		if t.p99.Finite() && t.p99.Low > 0 {
			c.StrokeLine2(draw.LineStyle{Color: t.look.hue, Width: 0.9}, b.x(c, t.p99.Low), y, b.x(c, t.p99.High), y)
		}
		var mark vg.Path
		t.look.glyph.trace(&mark, vg.Point{X: b.x(c, t.p99.Center), Y: y}, markRadius)
		drawMarks(c, t.look, mark)
	}
}

// drawTimes labels the x axis, with lines up to top.
func (b distributionBody) drawTimes(c draw.Canvas, top vg.Length) {
	style := textStyle(8, false, soft)
	style.XAlign, style.YAlign = draw.XCenter, draw.YTop
	free := c.Min.X - 10
	for _, t := range valueTicks(b.lo, b.hi) {
		x := b.x(c, t.Value)
		c.StrokeLine2(draw.LineStyle{Color: grid, Width: 0.5}, x, c.Min.Y, x, top)
		text := timeLabel(t)
		half := style.Width(text) / 2
		if x-half < free || x+half > c.Max.X+8 {
			continue
		}
		c.FillText(style, vg.Point{X: x, Y: c.Min.Y - 3}, text)
		free = x + half + 4
	}
	c.StrokeLine2(draw.LineStyle{Color: axis, Width: 0.5}, c.Min.X, c.Min.Y, c.Max.X, c.Min.Y)
}

// timeLabel is a tick's time without the zeros that figures have.
func timeLabel(t plot.Tick) string {
	for _, u := range []struct {
		unit string
		ns   float64
	}{{" s", 1e9}, {" ms", 1e6}, {" µs", 1e3}} {
		if t.Value >= u.ns {
			return tickLabel(t.Value/u.ns) + u.unit
		}
	}
	return tickLabel(t.Value) + " ns"
}

// drawTail draws a strategy's line down to its slowest message, with its percentiles on it;
// where messages were never sent it goes on dashed to the edge. Steps that lie closer
// together than can be seen are drawn as one.
func (b distributionBody) drawTail(c draw.Canvas, t tail) {
	var line, marks vg.Path
	at := vg.Point{X: b.x(c, t.steps[0].ns), Y: c.Max.Y}
	line.Move(at)
	for i, s := range t.steps {
		next := vg.Point{X: b.x(c, s.ns), Y: c.Min.Y}
		if s.slower > 0 {
			next.Y = b.y(c, s.slower)
		}
		if i < len(t.steps)-1 && math.Hypot(float64(next.X-at.X), float64(next.Y-at.Y)) < 1 {
			continue
		}
		line.Line(next)
		at = next
	}
	for _, m := range t.marks {
		t.look.glyph.trace(&marks, vg.Point{X: b.x(c, m.ns), Y: b.y(c, m.slower)}, markRadius)
	}
	style := draw.LineStyle{Color: t.look.hue, Width: 1.1}
	c.SetLineStyle(style)
	c.Stroke(line)
	if t.steps[len(t.steps)-1].slower > 0 {
		style.Dashes = []vg.Length{2, 2}
		c.StrokeLine2(style, at.X, at.Y, c.Max.X, at.Y)
	}
	drawMarks(c, t.look, marks)
}
