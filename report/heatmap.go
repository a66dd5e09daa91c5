package report

import (
	"fmt"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// heatCell is one square of a heat map: always its value in words, and a fill
// where there is something to claim.
type heatCell struct {
	text    string
	fill    tone // nothing if its name is empty
	faint   bool // grey text: no claim
	hatched bool // can't be measured here
}

// heatPanel is strategy by size.
type heatPanel struct {
	heading string
	rows    []string // labels
	sizes   []int
	cells   [][]heatCell // by row, then size
}

// heatBody is a chart of such panels.
type heatBody struct {
	panels []heatPanel
	steps  []tone   // the scale, from least to most
	edges  []string // between the steps
	ends   [2]string
}

// stepEdges are the ratios at which the scale takes its next step, and their
// inverses for ratios below 1.
var stepEdges = []float64{1.1, 1.25, 1.6, 2.5}

// ratioScale is a map with the scale of ratios and without panels yet.
func ratioScale(less, more string) heatBody {
	b := heatBody{ends: [2]string{less, more}}
	for _, e := range slices.Backward(stepEdges) {
		b.edges = append(b.edges, ratioFigure(1/e))
	}
	b.edges = append(b.edges, "1")
	for _, e := range stepEdges {
		b.edges = append(b.edges, ratioFigure(e))
	}
	b.steps = slices.Concat(below, above)
	slices.Reverse(b.steps[:len(below)])
	return b
}

func profileHeading(st setting) string { return "NIC profile " + st.name }

// ratioBody maps the ratio to the baseline, a panel a setting.
func ratioBody(list []setting, s *results.Summary, baseline string) heatBody {
	b := ratioScale("slower than "+baseline, "faster")
	names := strategyNames(s)
	reasons := unsupportedCells(s)
	for _, st := range list {
		if st.paced() {
			continue
		}
		b.panels = append(b.panels, newHeatPanel(profileHeading(st), st.walks[0], names, reasons, ratioCell, func(name string) string {
			if name == s.Run.Plan.Baseline {
				return printable(name) + " (noise ±)"
			}
			return printable(name)
		}))
	}
	return b
}

// unsupportedCells looks up which cells can't be measured here.
func unsupportedCells(s *results.Summary) map[results.Cell]bool {
	m := make(map[results.Cell]bool, len(s.Unsupported))
	for _, u := range s.Unsupported {
		m[u.Cell] = true
	}
	return m
}

// newHeatPanel maps a figure of each strategy at each size of a walk.
func newHeatPanel(heading string, w walk, names []string, unsupported map[results.Cell]bool,
	cell func(results.Group, results.Row) heatCell, label func(string) string) heatPanel {
	p := heatPanel{heading: heading, sizes: w.sizes()}
	for _, name := range names {
		row := make([]heatCell, len(w.groups))
		for i, g := range w.groups {
			r, measured := rowOf(g, name)
			at := g.Cell
			at.Strategy = name
			switch {
			case measured:
				row[i] = cell(g, r)
			case unsupported[at]:
				row[i] = heatCell{text: "n/a", faint: true, hatched: true}
			default:
				row[i] = heatCell{text: none, faint: true}
			}
		}
		p.rows = append(p.rows, label(name))
		p.cells = append(p.cells, row)
	}
	return p
}

// ratioCell is coloured where there is a claim. A cell without one stays blank and
// has the verdict's sign beside its value.
func ratioCell(g results.Group, r results.Row) heatCell {
	text := ratioFigure(r.Ratio.Center)
	switch r.Verdict {
	case results.Baseline:
		if !finite(g.NoiseFloor) {
			return heatCell{text: "?", faint: true}
		}
		return heatCell{text: shortPercent(g.NoiseFloor), faint: true}
	case results.Faster:
		return heatCell{text: text, fill: above[stepOf(r.Ratio.Center)]}
	case results.Slower:
		return heatCell{text: text, fill: below[stepOf(1/r.Ratio.Center)]}
	}
	return heatCell{text: text + " " + rateMark(r.Verdict).sign, faint: true}
}

// stepOf is the step of the scale for a ratio of at least 1.
func stepOf(ratio float64) int {
	i := 0
	for i < len(stepEdges) && ratio >= stepEdges[i] {
		i++
	}
	return i
}

func (b heatBody) values() string {
	var out strings.Builder
	for _, p := range b.panels {
		fmt.Fprintf(&out, "panel %q %v\n", p.heading, p.sizes)
		for i, row := range p.cells {
			fmt.Fprintf(&out, "  %q", p.rows[i])
			for _, c := range row {
				mark := c.fill.name
				switch {
				case c.hatched:
					mark = "hatched"
				case mark == "":
					mark = "blank"
				}
				fmt.Fprintf(&out, " %s/%s", c.text, mark)
			}
			out.WriteString("\n")
		}
	}
	return out.String()
}
