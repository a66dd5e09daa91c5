package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"sendbench/runner/results"
)

// dot is one strategy's ratio with its interval.
type dot struct {
	name string
	look look
	results.Interval
	mark mark
}

// dotPanel is a NIC profile's dots, one below the other.
type dotPanel struct {
	heading string
	dots    []dot
}

// dotsBody is a chart of such panels, two a row, on one logarithmic scale.
type dotsBody struct {
	panels []dotPanel
	lo, hi float64
}

// Lengths of a chart of dots, in points.
const (
	dotHeight = vg.Length(13.5)
	dotHead   = vg.Length(18)
	dotFoot   = vg.Length(26)
	dotFigure = vg.Length(96) // for the printed ratio, its interval and the verdict's sign
	dotRatio  = vg.Length(28) // of that, for the ratio
	dotGap    = vg.Length(18)
)

// effectsBody shows what each NIC profile does to each strategy.
func effectsBody(list []settingEffect, styles map[string]look) (dotsBody, bool) {
	b := dotsBody{lo: 0.9, hi: 1.1}
	for _, e := range list {
		p := dotPanel{heading: fmt.Sprintf("%s, as a ratio to %s", printable(e.profile), printable(e.reference))}
		for _, one := range e.effects {
			if !positive(one.Ratio.Center) {
				continue
			}
			d := dot{one.Cell.Strategy, styles[one.Cell.Strategy], one.Ratio, rateMark(one.Verdict)}
			p.dots = append(p.dots, d)
			b.lo, b.hi = math.Min(b.lo, d.Center), math.Max(b.hi, d.Center)
			if d.bounded() {
				b.lo, b.hi = math.Min(b.lo, d.Low), math.Max(b.hi, d.High)
			}
		}
		if len(p.dots) > 0 {
			b.panels = append(b.panels, p)
		}
	}
	room := math.Pow(b.hi/b.lo, 0.04)
	b.lo, b.hi = math.Max(b.lo/room, 1e-300), math.Min(b.hi*room, 1e300)
	return b, len(b.panels) > 0
}

// bounded reports whether the interval has a place on a logarithmic axis.
func (d dot) bounded() bool { return d.Finite() && d.Low > 0 }

func (p dotPanel) height() vg.Length {
	return dotHead + dotHeight*vg.Length(len(p.dots)) + dotFoot
}

func (b dotsBody) height() vg.Length {
	var h vg.Length
	for row := range slices.Chunk(b.panels, 2) {
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
	cols := vg.Length(min(2, len(b.panels)))
	width := (dc.Size().X - dotGap*(cols-1)) / cols
	var labels vg.Length
	for _, p := range b.panels {
		for _, d := range p.dots {
			labels = max(labels, labelText.Width(shorten(labelText, printable(d.name), labelMost)))
		}
	}
	y := dc.Max.Y
	for row := range slices.Chunk(b.panels, 2) {
		for i, p := range row {
			b.drawPanel(dc, p, dc.Min.X+(width+dotGap)*vg.Length(i), y, width, labels+8)
		}
		y -= dotRowHeight(row)
	}
}

func (b dotsBody) drawPanel(dc draw.Canvas, p dotPanel, x, y, width, labels vg.Length) {
	dc.FillText(withTop(headText), vg.Point{X: x, Y: y}, shorten(headText, p.heading, width))
	top := y - dotHead
	bottom := top - dotHeight*vg.Length(len(p.dots))
	left, right := x+labels, x+width-dotFigure
	at := func(v float64) vg.Length {
		part := math.Log(v/b.lo) / math.Log(b.hi/b.lo)
		return left + (right-left)*vg.Length(math.Min(math.Max(part, 0), 1))
	}
	tick := textStyle(8, false, soft)
	tick.XAlign, tick.YAlign = draw.XCenter, draw.YTop
	free := left - 10
	for _, t := range valueTicks(b.lo, b.hi) {
		px := at(t.Value)
		dc.StrokeLine2(draw.LineStyle{Color: grid, Width: 0.5}, px, bottom, px, top)
		if half := tick.Width(t.Label) / 2; px-half > free {
			dc.FillText(tick, vg.Point{X: px, Y: bottom - 3}, t.Label)
			free = px + half + 3
		}
	}
	dc.StrokeLine2(draw.LineStyle{Color: axis, Width: 0.8}, at(1), bottom, at(1), top)
	label, value, aside := labelText, labelText, noteText
	label.YAlign, value.YAlign, aside.YAlign = draw.YCenter, draw.YCenter, draw.YCenter
	value.XAlign = draw.XRight
	for i, d := range p.dots {
		mid := top - dotHeight*(vg.Length(i)+0.5)
		line := mid + 0.8 // of text, whose middle is that of capitals
		dc.FillText(label, vg.Point{X: x, Y: line}, shorten(label, printable(d.name), labelMost))
		if d.bounded() {
			dc.StrokeLine2(draw.LineStyle{Color: d.look.hue, Width: 1}, at(d.Low), mid, at(d.High), mid)
		}
		var mark vg.Path
		d.look.glyph.trace(&mark, vg.Point{X: at(d.Center), Y: mid}, markRadius+0.4)
		drawMarks(dc, d.look, mark)
		ratio, beside := value, d.interval()
		if d.mark.class == markNone.class {
			ratio.Color = soft
			beside += " " + d.mark.sign
		}
		dc.FillText(ratio, vg.Point{X: right + dotRatio, Y: line}, ratioFigure(d.Center))
		dc.FillText(aside, vg.Point{X: right + dotRatio + 5, Y: line}, shorten(aside, beside, dotFigure-dotRatio-5))
	}
}

// interval prints the interval, nothing where there is none.
func (d dot) interval() string {
	if !d.Finite() {
		return ""
	}
	return between(d.Interval, ratioFigure)
}

func (b dotsBody) values() string {
	var out strings.Builder
	for _, p := range b.panels {
		fmt.Fprintf(&out, "panel %q\n", p.heading)
		for _, d := range p.dots {
			fmt.Fprintf(&out, "  %q %s %.4g [%.4g %.4g] %s\n", d.name, d.look.hue.name, d.Center, d.Low, d.High, d.mark.short)
		}
	}
	return out.String()
}
