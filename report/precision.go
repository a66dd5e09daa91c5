package report

import (
	"fmt"
	"strconv"

	"sendbench/runner/results"
)

// precisionNotices say how many ratios missed the precision that was asked for.
func precisionNotices(s *results.Summary) []string {
	asked := s.Run.Plan.Precision
	wide, ratios := s.Imprecise()
	switch {
	case ratios == 0:
		return nil
	case len(wide) == 0:
		return []string{fmt.Sprintf("Every ratio reached the precision asked for: the half-widths of all %d intervals are at most %s.", ratios, precisionFigure(asked))}
	}
	first := wide[0]
	how := "which has no finite interval"
	if first.Ratio.Finite() {
		how = "±" + precisionFigure(first.Ratio.RelativeHalfWidth())
	}
	return []string{fmt.Sprintf("%d of %s wider than the ±%s asked for; the widest is that of %s, %s.",
		len(wide), count(ratios, "ratio's interval is", "ratios' intervals are"), precisionFigure(asked), ratioPlace(s, first.Cell), how)}
}

// precisionFigure prints a half-width as a share of the ratio: 3 %, 0.5 %.
func precisionFigure(part float64) string {
	return strconv.FormatFloat(part*100, 'g', 3, 64) + " %"
}

// ratioPlace names the comparison that a cell is of.
func ratioPlace(s *results.Summary, c results.Cell) string {
	who := printable(c.Strategy)
	if c.AA {
		who += " to itself"
	}
	for _, st := range settings(s) {
		for _, w := range st.walks {
			for _, g := range w.groups {
				if g.Cell == c.Group() {
					return who + " at " + place(st, w, g.Cell.Size)
				}
			}
		}
	}
	return who
}
