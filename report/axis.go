package report

import (
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// axes sets up a plot whose axes are both logarithmic: sizes along x, and y over
// lo to hi with the given ticks.
func axes(sizes []int, lo, hi float64, ticks []plot.Tick, width vg.Length) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Scale = plot.LogScale{}
		a.LineStyle = draw.LineStyle{Color: axis, Width: 0.5}
		a.Tick.LineStyle = a.LineStyle
		a.Tick.Length = 3
		a.Padding = 0
		a.Label.TextStyle.Font = labelText.Font
		align := a.Tick.Label
		a.Tick.Label = textStyle(8, false, soft)
		a.Tick.Label.XAlign, a.Tick.Label.YAlign = align.XAlign, align.YAlign
	}
	p.X.Min, p.X.Max = sizeRange(sizes)
	p.X.Tick.Marker = plot.ConstantTicks(sizeTicks(sizes, p.X.Tick.Label, width))
	p.Y.Min, p.Y.Max = lo, hi
	p.Y.LineStyle.Width = 0
	p.Y.Tick.LineStyle.Width = 0
	p.Y.Tick.Length = 2
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	return p
}

// sizeRange leaves room beside the outermost sizes for marks that are set apart.
func sizeRange(sizes []int) (lo, hi float64) {
	lo, hi = float64(slices.Min(sizes)), float64(slices.Max(sizes))
	room := math.Max(math.Pow(hi/lo, 0.035), 1.05)
	return lo / room, hi * room
}

// sizeTicks marks each measured size on an axis of that width and labels those
// that there is room for: the first and the last, then powers of two, then others.
func sizeTicks(sizes []int, style draw.TextStyle, width vg.Length) []plot.Tick {
	lo, hi := sizeRange(sizes)
	at := func(size int) vg.Length {
		return width * vg.Length(plot.LogScale{}.Normalize(lo, hi, float64(size)))
	}
	order := slices.Clone(sizes)
	rank := func(size int) int {
		switch {
		case size == slices.Max(sizes):
			return 0
		case size == slices.Min(sizes):
			return 1
		case size&(size-1) == 0:
			return 2
		}
		return 3
	}
	slices.SortStableFunc(order, func(a, b int) int { return rank(a) - rank(b) })
	type span struct{ from, to vg.Length }
	var taken []span
	labelled := make(map[int]bool)
	for _, size := range order {
		half := style.Width(sizeLabel(size))/2 + 2.5
		s := span{at(size) - half, at(size) + half}
		if slices.ContainsFunc(taken, func(t span) bool { return s.from < t.to && t.from < s.to }) {
			continue
		}
		taken = append(taken, s)
		labelled[size] = true
	}
	ticks := make([]plot.Tick, len(sizes))
	for i, size := range sizes {
		ticks[i].Value = float64(size)
		if labelled[size] {
			ticks[i].Label = sizeLabel(size)
		}
	}
	return ticks
}

// mostTicks is how many labels a y axis takes.
const mostTicks = 7

// valueTicks labels round values from lo to hi on a logarithmic axis: the finest
// of several grids that has no more than mostTicks.
func valueTicks(lo, hi float64) []plot.Tick {
	var best []float64
	if hi/lo < 4 {
		best = linearGrid(lo, hi)
	} else {
		first, last := int(math.Floor(math.Log10(lo))), int(math.Ceil(math.Log10(hi)))
		for _, mantissas := range [][]float64{{1, 1.5, 2, 3, 4, 5, 7}, {1, 2, 3, 5}, {1, 2, 5}, {1, 3}, {1}} {
			if best = decadeGrid(lo, hi, first, last, 1, mantissas); len(best) <= mostTicks {
				break
			}
		}
		// float64 spans 600 decades, so a step of 100 is enough for any range.
		for _, step := range []int{2, 3, 5, 10, 20, 50, 100} {
			if len(best) <= mostTicks {
				break
			}
			best = decadeGrid(lo, hi, first-first%step, last, step, []float64{1})
		}
	}
	ticks := make([]plot.Tick, len(best))
	for i, v := range best {
		ticks[i] = plot.Tick{Value: v, Label: tickLabel(v)}
	}
	return ticks
}

func decadeGrid(lo, hi float64, first, last, step int, mantissas []float64) []float64 {
	var grid []float64
	for e := first; e <= last; e += step {
		for _, m := range mantissas {
			if v := m * math.Pow10(e); v >= lo*(1-1e-9) && v <= hi*(1+1e-9) {
				grid = append(grid, v)
			}
		}
	}
	return grid
}

func linearGrid(lo, hi float64) []float64 {
	unit := math.Pow10(int(math.Floor(math.Log10((hi - lo) / mostTicks))))
	for _, m := range []float64{1, 2, 5, 10, 20} {
		step := m * unit
		first, last := math.Ceil(lo/step-1e-9), math.Floor(hi/step+1e-9)
		if last-first+1 > mostTicks || step <= 0 {
			continue
		}
		var grid []float64
		for i := first; i <= last; i++ {
			grid = append(grid, i*step)
		}
		return grid
	}
	return nil
}

func tickLabel(v float64) string {
	if a := math.Abs(v); a >= 1e6 || a < 1e-4 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return strconv.FormatFloat(math.Round(v*1e8)/1e8, 'f', -1, 64)
}
