package report

import (
	"fmt"
	"strings"

	"sendbench/runner/results"
)

// column is a column of a table in text.
type column struct {
	head  string
	width int
	right bool
}

var textColumns = []column{
	{"size, B", 7, true}, {"strategy", 23, false}, {"Gbit/s", 8, true}, {"ratio", 6, true},
	{"95 % interval", 15, false}, {"verdict", 15, false}, {"CPU ns/B", 9, true}, {"copied", 6, true},
}

func (t *textWriter) table(w walk) {
	heads := make([]string, len(textColumns))
	for i, c := range textColumns {
		heads[i] = c.head
	}
	t.row(heads, dim)
	for _, g := range w.groups {
		size := fmt.Sprint(g.Cell.Size)
		for _, r := range g.Rows {
			cells, attribute := textCells(g, r)
			cells[0], size = size, ""
			t.row(cells, attribute)
		}
	}
}

// textCells are a row's cells, and the attribute of its verdict.
func textCells(g results.Group, r results.Row) ([]string, string) {
	interval, mark, attribute := between(r.Ratio, ratioFigure), "= no difference", dim
	switch r.Verdict {
	case results.Baseline:
		interval, mark, attribute = "noise "+noise(g.NoiseFloor), "  baseline", ""
	case results.Faster:
		mark, attribute = "+ faster", green
	case results.Slower:
		mark, attribute = "- slower", red
	case results.TooFew:
		mark = "? too few"
	}
	copied := none
	if share, ok := r.CopiedShare(); ok {
		copied = percent(share)
	}
	return []string{"", printable(r.Strategy) + warningMark(r), figure(gigabits(r.Rate.Center)), ratioFigure(r.Ratio.Center),
		interval, mark, figure(r.CPUPerByte.Center), copied}, attribute
}

// verdictColumn is the one that takes the row's attribute; of a row of headings,
// all do.
const verdictColumn = 5

func (t *textWriter) row(cells []string, attribute string) {
	parts := make([]string, len(cells))
	for i, c := range textColumns {
		parts[i] = pad(clip(cells[i], c.width), c.width, c.right)
		if i == verdictColumn || cells[0] == textColumns[0].head {
			parts[i] = t.paint(attribute, parts[i])
		}
	}
	t.line(strings.Join(parts, " "))
}
