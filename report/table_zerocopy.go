package report

// worthTableID is the id of the table of worthRows.
const worthTableID = "table-zerocopy"

// worthRow holds the best zero copy against the best that copies at one
// size of one walk.
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
			for i, c := range contests(w) {
				if !c.fought {
					continue
				}
				ratio := c.over()
				row := worthRow{
					Setting: st.name, Walk: w.name(), SameSetting: same, First: first, Size: sizeText(w.groups[i].Cell.Size),
					Zero: printable(c.zero.strategy), Copying: printable(c.copying.strategy),
					Ratio: ratioFigure(ratio.Center), Interval: between(ratio, ratioFigure), Standing: tableCell{markNone.sign, "undecided", markNone.class},
				}
				switch c.standing {
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
