package report

import "slices"

// worthTableID is the id of the table of worthRows.
const worthTableID = "table-zerocopy"

// worthRow holds the best zero copy against the best that copies at one
// size of one walk, or why there is no such pair.
type worthRow struct {
	Setting, Walk   string
	SameSetting     bool // as in the row above
	First           bool // of its walk
	Size            string
	Zero, Copying   string
	Ratio, Interval string
	Standing        tableCell
}

func worthRows(list []setting) []worthRow {
	var out []worthRow
	for _, st := range list {
		if st.paced() {
			continue
		}
		same := false
		for _, w := range st.walks {
			first := true
			list := contests(w)
			for i, c := range list {
				if !slices.ContainsFunc(list, contest.fought) {
					break
				}
				row := worthRow{
					Setting: st.name, Walk: w.name(), SameSetting: same, First: first, Size: sizeText(w.groups[i].Cell.Size),
					Zero: none, Copying: none, Ratio: none, Interval: none, Standing: tableCell{markNone.sign, "undecided", markNone.class},
				}
				if c.fought() {
					ratio := c.over()
					row.Zero, row.Copying = printable(c.zero.strategy), printable(c.copying.strategy)
					row.Ratio, row.Interval = ratioFigure(ratio.Center), between(ratio, ratioFigure)
				}
				switch c.standing {
				case uncompared:
					row.Standing = tableCell{"", "not compared: " + printable(c.why), markNone.class}
				case inFront:
					row.Standing = tableCell{markAbove.sign, "ahead of all that copies", markAbove.class}
				case behind:
					row.Standing = tableCell{markBelow.sign, "behind", markBelow.class}
				}
				out = append(out, row)
				same, first = true, false
			}
		}
	}
	return out
}
