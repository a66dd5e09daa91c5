package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"sendbench/runner/results"
)

// panel is one plot of a line chart.
type panel struct {
	heading string
	xs      []int // that may have points, ascending, so that gaps in a curve show
	curves  []curve
	ratio   bool    // values are ratios: a line at 1, and dots of one size set apart
	floor   []point // the noise floor about 1, by size; only with ratio
	raw     rawTally
	ideal   bool // a line from each curve's first point, in proportion to x
}

// linesBody is a chart of panels in rows of one grid.
type linesBody struct {
	rows   [][]panel // none longer than the first
	shared bool      // one y range for all panels
}

// Lengths of a line chart, in points.
const (
	panelHeight  = vg.Length(150)
	headingSpace = vg.Length(24)
	labelGap     = vg.Length(11)  // between the labels at the ends of lines
	leaderSpace  = vg.Length(26)  // from the panel's edge to the labels' text
	labelMost    = vg.Length(110) // width of a label
	markRadius   = vg.Length(2.3)
)

// newPanel has the figure of each strategy at each size of a walk.
func newPanel(heading string, w walk, styles map[string]look, from metric) panel {
	p := panel{heading: heading, xs: w.sizes(), ratio: from.floor != nil}
	p.curves, p.raw = curves(w.groups, bySize, styles, from)
	if p.ratio {
		p.floor = floors(w, from.floor)
	}
	return p
}

// inRows puts panels side by side, so many a row.
func inRows(panels []panel, across int) linesBody {
	var b linesBody
	for row := range slices.Chunk(panels, across) {
		b.rows = append(b.rows, row)
	}
	return b
}

// floors are the noise floors about 1 that are known, by size.
func floors(w walk, of func(results.Group) float64) []point {
	var out []point
	for _, g := range w.groups {
		if f := of(g); !math.IsInf(f, 0) && !math.IsNaN(f) {
			out = append(out, point{x: g.Cell.Size, y: 1, low: 1 - f, hi: 1 + f})
		}
	}
	return out
}

// span is the range of a panel's y axis: all values and intervals, with a margin.
func (p panel) span() (lo, hi float64) {
	lo, hi = math.Inf(1), 0
	var raw []float64
	for _, c := range p.curves {
		for _, q := range c.points {
			lo, hi = math.Min(lo, q.y), math.Max(hi, q.y)
			if positive(q.low) && positive(q.hi) {
				lo, hi = math.Min(lo, q.low), math.Max(hi, q.hi)
			}
		}
	}
	for _, c := range p.curves {
		for _, q := range c.points {
			raw = append(raw, q.raw...)
		}
	}
	lo, hi = reach(lo, hi, raw)
	if p.ratio {
		lo, hi = math.Min(lo, 0.9), math.Max(hi, 1.1)
		for _, q := range p.floor {
			if q.low > 0 {
				lo, hi = math.Min(lo, q.low), math.Max(hi, q.hi)
			}
		}
	}
	if p.ideal {
		for _, c := range p.curves {
			hi = math.Max(hi, c.ideal(slices.Max(p.xs)))
		}
	}
	if hi/lo < 1.2 {
		lo, hi = lo/1.1, hi*1.1
	}
	room := math.Pow(hi/lo, 0.03)
	// The ends stay clear of the limits of float64, whose logarithms have no room.
	return math.Max(lo/room, 1e-300), math.Min(hi*room, 1e300)
}

func (b linesBody) spans() [][][2]float64 {
	out := make([][][2]float64, len(b.rows))
	all := [2]float64{math.Inf(1), 0}
	for i, row := range b.rows {
		for _, p := range row {
			lo, hi := p.span()
			out[i] = append(out[i], [2]float64{lo, hi})
			all = [2]float64{math.Min(all[0], lo), math.Max(all[1], hi)}
		}
	}
	if b.shared {
		for i := range out {
			for j := range out[i] {
				out[i][j] = all
			}
		}
	}
	return out
}

// rowHeight leaves each line's label its place.
func (b linesBody) rowHeight() vg.Length {
	most := 0
	for _, row := range b.rows {
		for _, p := range row {
			most = max(most, len(p.curves))
		}
	}
	return headingSpace + max(panelHeight, labelGap*vg.Length(most)+24)
}

func (b linesBody) height() vg.Length { return b.rowHeight() * vg.Length(len(b.rows)) }

func (b linesBody) draw(dc draw.Canvas) {
	cols := len(b.rows[0])
	spans := b.spans()
	labels := b.labelWidth(cols)
	width := dc.Size().X/vg.Length(cols) - labels - 30
	plots := make([][]*plot.Plot, len(b.rows))
	// A last row that is shorter leaves its place empty.
	for i, row := range b.rows {
		plots[i] = make([]*plot.Plot, cols)
		for j, p := range row {
			lo, hi := spans[i][j][0], spans[i][j][1]
			plots[i][j] = axes(p.xs, lo, hi, valueTicks(lo, hi), width)
			plots[i][j].Add(panelPlotter{p, labels})
		}
	}
	tiles := draw.Tiles{Rows: len(b.rows), Cols: cols,
		PadTop: headingSpace, PadY: headingSpace, PadX: labels + 8, PadRight: labels}
	canvases := plot.Align(plots, tiles, dc)
	left := make([]vg.Length, cols) // of the headings
	for j := range cols {
		left[j] = dc.Max.X
		for i := range plots {
			left[j] = min(left[j], canvases[i][j].Min.X)
		}
	}
	for i, row := range plots {
		for j, p := range row {
			if p == nil {
				continue
			}
			at := canvases[i][j]
			p.Draw(at)
			style := headText
			at.FillText(style, vg.Point{X: left[j], Y: at.Max.Y + 7}, shorten(style, b.rows[i][j].heading, at.Size().X+labels))
		}
	}
}

// labelWidth is the room that the labels take to the right of each panel.
func (b linesBody) labelWidth(cols int) vg.Length {
	var widest vg.Length
	for _, row := range b.rows {
		for _, p := range row {
			for _, c := range p.curves {
				widest = max(widest, labelText.Width(shorten(labelText, printable(c.name), labelMost)))
			}
		}
	}
	return leaderSpace + widest
}

const bandExplained = "Grey band: the noise floor, within which no difference is claimed."

// explain says how a line chart by size is read.
func (b linesBody) explain() string {
	text := fmt.Sprintf("Sizes in bytes; all axes logarithmic. Marks are medians over rounds, whiskers their %.0f %% intervals.", results.Confidence*100)
	var raw rawTally
	ratio := false
	for _, row := range b.rows {
		for _, p := range row {
			raw.add(p.raw.there, p.raw.drawn)
			ratio = ratio || p.ratio
		}
	}
	text += raw.sentence()
	if ratio {
		text += " " + bandExplained + " Among ratios the marks of one size stand side by side."
	}
	return text
}

func (b linesBody) values() string {
	var out strings.Builder
	for _, row := range b.rows {
		for _, p := range row {
			fmt.Fprintf(&out, "panel %q\n", p.heading)
			for _, q := range p.floor {
				fmt.Fprintf(&out, "  floor %d %.4g..%.4g\n", q.x, q.low, q.hi)
			}
			for _, c := range p.curves {
				fmt.Fprintf(&out, "  %q %s %s\n", c.name, c.look.hue.name, c.look.glyph.name)
				for _, q := range c.points {
					fmt.Fprintf(&out, "    %d %.4g [%.4g %.4g]%s\n", q.x, q.y, q.low, q.hi, rawValues(q.raw))
				}
			}
		}
	}
	return out.String()
}
