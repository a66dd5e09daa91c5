package report

import (
	"cmp"
	"strings"

	"github.com/rivo/uniseg"
)

// overview writes what sets several records side by side.
func (t *textWriter) overview(o overview) {
	for _, table := range o.Tables {
		t.section(table.Caption)
		t.heading()
		t.words(table)
		if table.Note != "" {
			t.paragraph("", table.Note)
		}
	}
	if o.Common != "" {
		t.line("")
		t.paragraph("", o.Common)
	}
	t.section("In short, all records")
	for _, line := range o.Short {
		t.paragraph("- ", line.String())
	}
}

// words writes a table of words or, where that would have to cut words, a paragraph
// a row.
func (t *textWriter) words(table wordTable) {
	columns, ok := wordColumns(table)
	if !ok {
		for _, row := range table.Rows {
			parts := []string{cmp.Or(row[0], none)}
			for i, cell := range row[1:] {
				parts = append(parts, table.Heads[i+1]+": "+cell)
			}
			t.paragraph("- ", strings.Join(parts, "; "))
		}
		return
	}
	t.cells(columns, table.Heads, dim)
	for _, row := range table.Rows {
		t.cells(columns, row, "")
	}
}

// wordColumns are as wide as their fullest cell where there is room for that; else the
// widest give way, down to their longest words. ok is false where not even these fit.
func wordColumns(table wordTable) (columns []column, ok bool) {
	columns = make([]column, len(table.Heads))
	least := make([]int, len(columns))
	total := len(columns) - 1
	for i, head := range table.Heads {
		columns[i].head = head
		for _, row := range append([][]string{table.Heads}, table.Rows...) {
			columns[i].width = max(columns[i].width, uniseg.StringWidth(row[i]))
			for word := range strings.FieldsSeq(row[i]) {
				least[i] = max(least[i], uniseg.StringWidth(word))
			}
		}
		total += columns[i].width
	}
	for ; total > textWidth; total-- {
		widest := -1
		for i, c := range columns {
			if c.width > least[i] && (widest < 0 || c.width > columns[widest].width) {
				widest = i
			}
		}
		if widest < 0 {
			return nil, false
		}
		columns[widest].width--
	}
	return columns, true
}
