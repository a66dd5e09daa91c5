package report

import "slices"

// worthBody maps the best zero copy over the best that copies, walk by
// size, a panel a setting. ok is false where there is no such pair at all.
func worthBody(list []setting) (b heatBody, ok bool) {
	b = ratioScale("copying ahead", "zero copy ahead")
	for _, st := range list {
		if st.paced() {
			continue
		}
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
			for i, c := range contests(w) {
				g := w.groups[i]
				cell, compared := worthCell(c)
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

func worthCell(c contest) (cell heatCell, compared bool) {
	switch c.why {
	case "":
	case whyCopied:
		return heatCell{text: whyCopied, faint: true}, false
	default:
		return heatCell{text: none, faint: true}, false
	}
	ratio := c.over()
	cell = heatCell{text: ratioFigure(ratio.Center) + " " + markNone.sign, faint: true}
	switch {
	case !ratio.Finite():
		cell.text = ratioFigure(ratio.Center) + " " + markTooFew.sign
		return cell, positive(ratio.Center)
	case c.standing == inFront:
		cell = heatCell{text: ratioFigure(ratio.Center), fill: above[stepOf(ratio.Center)]}
	case c.standing == behind:
		cell = heatCell{text: ratioFigure(ratio.Center), fill: below[stepOf(1/ratio.Center)]}
	}
	return cell, true
}
