package report

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Lengths of a chart of dots, in points.
const (
	dotHeight = vg.Length(13.5)
	dotHead   = vg.Length(18)
	dotFoot   = vg.Length(26)
	dotFigure = vg.Length(118) // the most for the printed figure, its interval and the verdict's sign
	dotRatio  = vg.Length(30)  // of that, for the figure
	dotSpace  = vg.Length(5)   // between the two
	dotGap    = vg.Length(18)
)

func (p dotPanel) height() vg.Length {
	return dotHead + dotHeight*vg.Length(len(p.dots)) + dotFoot
}

func (b dotsBody) height() vg.Length {
	var h vg.Length
	for _, row := range b.rows() {
		h += dotRowHeight(row)
	}
	return h
}

func dotRowHeight(row []dotPanel) vg.Length {
	var h vg.Length
	for _, p := range row {
		h = max(h, p.height())
	}
	return h
}

func (b dotsBody) draw(dc draw.Canvas) {
	cols := vg.Length(len(b.rows()[0]))
	width := (dc.Size().X - dotGap*(cols-1)) / cols
	var labels, figures vg.Length
	for _, p := range b.panels {
		for _, d := range p.dots {
			labels = max(labels, labelText.Width(shorten(labelText, printable(d.name), labelMost)))
			figures = max(figures, noteText.Width(p.beside(d)))
		}
	}
	figures = min(dotFigure, dotRatio+dotSpace+figures+2)
	y := dc.Max.Y
	for _, row := range b.rows() {
		for i, p := range row {
			p.draw(dc, dc.Min.X+(width+dotGap)*vg.Length(i), y, width, labels+8, figures)
		}
		y -= dotRowHeight(row)
	}
}

// draw draws a panel whose upper left corner is x, y; labels is the room for names, and
// figures that for what is printed of each dot.
func (p dotPanel) draw(dc draw.Canvas, x, y, width, labels, figures vg.Length) {
	dc.FillText(withTop(headText), vg.Point{X: x, Y: y}, shorten(headText, p.heading, width))
	top := y - dotHead
	bottom := top - dotHeight*vg.Length(len(p.dots))
	left, right := x+labels, x+width-figures
	lo, hi := p.scale()
	at := func(v float64) vg.Length {
		part := math.Log(v/lo) / math.Log(hi/lo)
		return left + (right-left)*vg.Length(math.Min(math.Max(part, 0), 1))
	}
	if p.floor > 0 {
		around := vg.Rectangle{Min: vg.Point{X: at(math.Max(1-p.floor, lo)), Y: bottom}, Max: vg.Point{X: at(1 + p.floor), Y: top}}
		dc.SetColor(band)
		dc.Fill(around.Path())
	}
	tick := textStyle(8, false, soft)
	tick.XAlign, tick.YAlign = draw.XCenter, draw.YTop
	free := left - 10
	for _, t := range valueTicks(lo, hi) {
		px := at(t.Value)
		dc.StrokeLine2(draw.LineStyle{Color: grid, Width: 0.5}, px, bottom, px, top)
		if half := tick.Width(t.Label) / 2; px-half > free {
			dc.FillText(tick, vg.Point{X: px, Y: bottom - 3}, t.Label)
			free = px + half + 3
		}
	}
	if p.ratio {
		dc.StrokeLine2(draw.LineStyle{Color: axis, Width: 0.8}, at(1), bottom, at(1), top)
	}
	for i, d := range p.dots {
		mid := top - dotHeight*(vg.Length(i)+0.5)
		p.drawDot(dc, d, at, x, mid, right)
	}
}

// drawDot draws one row about the height mid, and prints its figure from right on.
func (p dotPanel) drawDot(dc draw.Canvas, d dot, at func(float64) vg.Length, x, mid, right vg.Length) {
	label, value, aside := labelText, labelText, noteText
	label.YAlign, value.YAlign, aside.YAlign = draw.YCenter, draw.YCenter, draw.YCenter
	value.XAlign = draw.XRight
	line := mid + 0.8 // of text, whose middle is that of capitals
	dc.FillText(label, vg.Point{X: x, Y: line}, shorten(label, printable(d.name), labelMost))
	var raw []vg.Point
	for _, v := range d.raw {
		raw = append(raw, vg.Point{X: at(v), Y: mid})
	}
	drawDots(dc, d.look.hue, raw)
	if d.bounded() {
		dc.StrokeLine2(draw.LineStyle{Color: d.look.hue, Width: 1}, at(d.Low), mid, at(d.High), mid)
	}
	var mark vg.Path
	d.look.glyph.trace(&mark, vg.Point{X: at(d.Center), Y: mid}, markRadius+0.4)
	drawMarks(dc, d.look, mark)
	if d.mark.class == markNone.class {
		value.Color = soft
	}
	dc.FillText(value, vg.Point{X: right + dotRatio, Y: line}, p.figure(d.Center))
	dc.FillText(aside, vg.Point{X: right + dotRatio + dotSpace, Y: line}, shorten(aside, p.beside(d), dotFigure-dotRatio-dotSpace))
}

// beside is what is printed beside a dot's figure: its interval, and the sign of a verdict
// that shows no difference.
func (p dotPanel) beside(d dot) string {
	text := ""
	if d.Finite() {
		text = between(d.Interval, p.figure)
	}
	if d.mark.class == markNone.class {
		text += " " + d.mark.sign
	}
	return text
}
