package report

import (
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Lengths of a heat map, in points.
const (
	cellHeight   = vg.Length(13.5)
	cellWidest   = vg.Length(46)
	scaleHeight  = vg.Length(24)
	scaleStep    = vg.Length(26)
	mapGap       = vg.Length(14)
	mapColumns   = 10 // sizes up to which two panels go side by side
	sizesHeight  = vg.Length(13)
	mapHeadSpace = vg.Length(14)
)

var cellText = textStyle(8, false, ink)

// columns is how many panels stand side by side.
func (b heatBody) columns() int {
	if len(b.panels) < 2 {
		return 1
	}
	for _, p := range b.panels {
		if len(p.sizes) > mapColumns {
			return 1
		}
	}
	return 2
}

func (p heatPanel) height() vg.Length {
	return mapHeadSpace + cellHeight*vg.Length(len(p.rows)) + sizesHeight
}

func (b heatBody) height() vg.Length {
	h := scaleHeight
	for row := range slices.Chunk(b.panels, b.columns()) {
		h += mapGap + rowHeight(row)
	}
	return h + 4
}

func rowHeight(row []heatPanel) vg.Length {
	var h vg.Length
	for _, p := range row {
		h = max(h, p.height())
	}
	return h
}

func (b heatBody) draw(dc draw.Canvas) {
	b.drawScale(dc)
	cols := b.columns()
	width := (dc.Size().X - 16*vg.Length(cols-1)) / vg.Length(cols)
	y := dc.Max.Y - scaleHeight
	for row := range slices.Chunk(b.panels, cols) {
		y -= mapGap
		for i, p := range row {
			p.draw(dc, dc.Min.X+(width+16)*vg.Length(i), y, width, b.labelWidth())
		}
		y -= rowHeight(row)
	}
}

// labelWidth is one for all panels, so that their cells are alike.
func (b heatBody) labelWidth() vg.Length {
	var widest vg.Length
	for _, p := range b.panels {
		for _, label := range p.rows {
			widest = max(widest, labelText.Width(shorten(labelText, label, labelMost)))
		}
	}
	return widest + 6
}

func (b heatBody) drawScale(dc draw.Canvas) {
	style := noteText
	style.YAlign = draw.YCenter
	y := dc.Max.Y - 8
	x := dc.Min.X
	first := shorten(style, b.ends[0], 150)
	dc.FillText(style, vg.Point{X: x, Y: y}, first)
	x += style.Width(first) + 6
	edge := noteText
	edge.Font.Size = 7.5
	edge.XAlign, edge.YAlign = draw.XCenter, draw.YTop
	for i, t := range b.steps {
		box := vg.Rectangle{Min: vg.Point{X: x, Y: y - 5}, Max: vg.Point{X: x + scaleStep - 1, Y: y + 5}}
		dc.SetColor(t)
		dc.Fill(box.Path())
		x += scaleStep
		if i < len(b.edges) {
			dc.FillText(edge, vg.Point{X: x - 0.5, Y: y - 6}, b.edges[i])
		}
	}
	dc.FillText(style, vg.Point{X: x + 5, Y: y}, b.ends[1])
}

func (p heatPanel) draw(dc draw.Canvas, x, y, width, labels vg.Length) {
	dc.FillText(withTop(headText), vg.Point{X: x, Y: y}, shorten(headText, p.heading, width))
	y -= mapHeadSpace
	cell := min(cellWidest, (width-labels)/vg.Length(len(p.sizes)))
	left := x + labels
	label := labelText
	label.YAlign = draw.YCenter
	for i, row := range p.cells {
		top := y - cellHeight*vg.Length(i)
		dc.FillText(label, vg.Point{X: x, Y: top - cellHeight/2}, shorten(label, p.rows[i], labelMost))
		for j, c := range row {
			c.draw(dc, vg.Rectangle{
				Min: vg.Point{X: left + cell*vg.Length(j), Y: top - cellHeight},
				Max: vg.Point{X: left + cell*vg.Length(j+1), Y: top},
			})
		}
	}
	bottom := y - cellHeight*vg.Length(len(p.rows))
	size := textStyle(8, false, soft)
	size.XAlign, size.YAlign = draw.XCenter, draw.YTop
	var lines vg.Path
	for i := range len(p.rows) + 1 {
		at := y - cellHeight*vg.Length(i)
		lines.Move(vg.Point{X: left, Y: at})
		lines.Line(vg.Point{X: left + cell*vg.Length(len(p.sizes)), Y: at})
	}
	dc.SetLineStyle(draw.LineStyle{Color: grid, Width: 0.5})
	dc.Stroke(lines)
	// From the right, as the largest size matters most; what has no room is left out.
	free := left + cell*vg.Length(len(p.sizes)+1)
	for j, s := range slices.Backward(p.sizes) {
		text := sizeLabel(s)
		at := left + cell*(vg.Length(j)+0.5)
		if half := size.Width(text) / 2; at+half < free-2 {
			dc.FillText(size, vg.Point{X: at, Y: bottom - 2}, text)
			free = at - half
		}
	}
}

func (c heatCell) draw(dc draw.Canvas, box vg.Rectangle) {
	inner := vg.Rectangle{Min: box.Min.Add(vg.Point{X: 0.5, Y: 0.5}), Max: box.Max.Sub(vg.Point{X: 0.5, Y: 0.5})}
	if c.fill.name != "" {
		dc.SetColor(c.fill)
		dc.Fill(inner.Path())
	}
	if c.hatched {
		dc.SetLineStyle(draw.LineStyle{Color: hatch, Width: 0.5})
		dc.Stroke(hatching(inner))
	}
	style := cellText
	if c.faint {
		style.Color = soft
	}
	style.XAlign, style.YAlign = draw.XCenter, draw.YCenter
	size := inner.Size()
	for style.Width(c.text) > size.X-1 && style.Font.Size > 4 {
		style.Font.Size -= 0.5
	}
	center := vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: (box.Min.Y + box.Max.Y) / 2}
	if c.hatched {
		half := style.Width(c.text)/2 + 1.5
		dc.SetColor(paper)
		dc.Fill(vg.Rectangle{Min: vg.Point{X: center.X - half, Y: inner.Min.Y + 2}, Max: vg.Point{X: center.X + half, Y: inner.Max.Y - 2}}.Path())
	}
	dc.FillText(style, center, c.text)
}

// hatching is diagonals through a box.
func hatching(box vg.Rectangle) vg.Path {
	var path vg.Path
	size := box.Size()
	for d := vg.Length(3); d < size.X+size.Y; d += 4 {
		// The diagonal x + y = d, from the left or top edge to the bottom or right.
		path.Move(vg.Point{X: box.Min.X + max(0, d-size.Y), Y: box.Min.Y + min(d, size.Y)})
		path.Line(vg.Point{X: box.Min.X + min(d, size.X), Y: box.Min.Y + max(0, d-size.X)})
	}
	return path
}

func withTop(style draw.TextStyle) draw.TextStyle {
	style.YAlign = draw.YTop
	return style
}
