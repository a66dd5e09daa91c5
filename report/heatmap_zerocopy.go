package report

import (
	"slices"

	"sendbench/runner/results"
)

// worthBody maps the best zero copy over the best that copies, walk by
// size, a panel a setting. ok is false where there is no such pair at all.
func worthBody(list []setting) (b heatBody, ok bool) {
	b = ratioScale("copying ahead", "zero copy ahead")
	for _, st := range list {
		p := heatPanel{heading: profileHeading(st)}
		for _, w := range st.walks {
			for _, size := range w.sizes() {
				p.sizes = addOnce(p.sizes, size)
			}
		}
		slices.Sort(p.sizes)
		for _, w := range st.walks {
			row := make([]heatCell, len(p.sizes))
			for i := range row {
				row[i] = heatCell{text: none, faint: true}
			}
			for _, g := range w.groups {
				cell, compared := worthCell(g)
				row[slices.Index(p.sizes, g.Cell.Size)] = cell
				ok = ok || compared
			}
			p.rows = append(p.rows, w.name())
			p.cells = append(p.cells, row)
		}
		b.panels = append(b.panels, p)
	}
	return b, ok
}

func worthCell(g results.Group) (cell heatCell, compared bool) {
	c, ok := worth(g)
	if !ok {
		if slices.ContainsFunc(g.Rows, zeroCopy) {
			return heatCell{text: "copied", faint: true}, false
		}
		return heatCell{text: none, faint: true}, false
	}
	ratio := c.over()
	cell = heatCell{text: ratioFigure(ratio.Center), faint: true}
	switch {
	case !ratio.Finite():
		cell.text += "?"
		return cell, positive(ratio.Center)
	case c.standing == inFront:
		cell.fill, cell.faint = above[stepOf(ratio.Center)], false
	case c.standing == behind:
		cell.fill, cell.faint = below[stepOf(1/ratio.Center)], false
	}
	return cell, true
}
