package report

import (
	"fmt"
	"slices"

	"sendbench/runner/results"
)

// pageTable is a table of figures on the page.
type pageTable struct {
	ID, Caption string
	Notes       []string // sentences below the caption
	Folded      bool     // shown when asked for
	Corner      string   // heads the groups' labels
	Heads       []tableHead
	Groups      []tableGroup
}

// tableHead heads as many cells as it spans.
type tableHead struct {
	Text string
	Span int
	Left bool // its cells are words
}

// tableGroup is rows under one label, such as the strategies at one size.
type tableGroup struct {
	Label string
	Rows  []tableRow
}

type tableRow struct {
	Name  string
	Cells []tableCell
}

// tableCell has a class of the style sheet: "" is a figure, i an interval or what
// else goes with the figure before it, up, dn and no are verdicts, and v is a
// figure with a claim.
type tableCell struct{ Sign, Text, Class string }

func plain(text string) tableCell { return tableCell{Text: text} }

func beside(text string) tableCell { return tableCell{Text: text, Class: "i"} }

func (m mark) cell() tableCell { return tableCell{m.sign, m.words, m.class} }

// tableColumn makes the cells of a row under one head, always as many.
type tableColumn struct {
	head  string
	left  bool
	cells func(results.Group, results.Row) []tableCell
}

// intervalColumn shows a figure and its interval.
func intervalColumn(head string, format func(float64) string, of func(results.Row) results.Interval) tableColumn {
	return tableColumn{head, false, func(_ results.Group, r results.Row) []tableCell {
		iv := of(r)
		return []tableCell{plain(format(iv.Center)), beside(bounds(iv, format))}
	}}
}

// figureColumn shows a figure alone.
func figureColumn(head string, format func(float64) string, of func(results.Row) float64) tableColumn {
	return tableColumn{head, false, func(_ results.Group, r results.Row) []tableCell {
		return []tableCell{plain(format(of(r)))}
	}}
}

// tableEntry is a row to be, and the label of the group that it is in.
type tableEntry struct {
	label string
	group results.Group
	row   results.Row
}

// entries are the rows of a walk that show takes, labelled by size.
func entries(w walk, show func(results.Row) bool) []tableEntry {
	var out []tableEntry
	for _, g := range w.groups {
		for _, r := range g.Rows {
			if show(r) {
				out = append(out, tableEntry{sizeText(g.Cell.Size), g, r})
			}
		}
	}
	return out
}

// newTable has a row for each entry, grouped by size. Columns in which no row has
// a figure are left out. ok is false without entries.
func newTable(list []tableEntry, columns []tableColumn) (t pageTable, ok bool) {
	t.Corner = "Size"
	rows := make([][][]tableCell, len(list)) // by entry, then column
	for i, e := range list {
		for _, c := range columns {
			rows[i] = append(rows[i], c.cells(e.group, e.row))
		}
	}
	var shown []int // of the columns
	for i, c := range columns {
		if slices.ContainsFunc(rows, func(row [][]tableCell) bool { return filled(row[i]) }) {
			shown = append(shown, i)
			t.Heads = append(t.Heads, tableHead{c.head, len(rows[0][i]), c.left})
		}
	}
	for i, e := range list {
		row := tableRow{Name: printable(e.row.Strategy) + rowMarks(e.row)}
		for _, column := range shown {
			row.Cells = append(row.Cells, rows[i][column]...)
		}
		if i == 0 || e.label != list[i-1].label {
			t.Groups = append(t.Groups, tableGroup{Label: e.label})
		}
		last := &t.Groups[len(t.Groups)-1]
		last.Rows = append(last.Rows, row)
	}
	return t, len(list) > 0
}

// filled reports whether any of the cells has something to show.
func filled(cells []tableCell) bool {
	return slices.ContainsFunc(cells, func(c tableCell) bool { return c.Text != "" && c.Text != none })
}

func everyRow(results.Row) bool { return true }

// Parts of tables' ids, before the numbers of setting and walk.
const (
	tableResults = "table"
	tableLatency = "latency"
	tableCosts   = "costs"
	tableRelease = "release"
	tableLosses  = "losses"
	tableFlows   = "flows"
)

func tableID(kind string, setting, walk int) string {
	return fmt.Sprintf("%s-%d-%d", kind, setting+1, walk+1)
}

// allTables has those of each setting and then those that span several.
func allTables(s *results.Summary, list []setting) []pageTable {
	out := append(pageTables(s, list), flowTables(list)...)
	if t, ok := effectsTable(s); ok {
		out = append(out, t)
	}
	return out
}

// pageTables has, for each use of buffers of each setting, the results and then,
// folded, what they cost.
func pageTables(s *results.Summary, list []setting) []pageTable {
	var out []pageTable
	for i, st := range list {
		for j, w := range st.walks {
			where := fmt.Sprintf("NIC profile %s, %s", st.name, w.title())
			add := func(kind, what string, t pageTable, ok bool) {
				if !ok {
					return
				}
				t.ID, t.Caption = tableID(kind, i, j), what+where
				out = append(out, t)
			}
			t, ok := newTable(entries(w, everyRow), resultColumns(printable(s.Run.Plan.Baseline), st.paced()))
			t.Notes = touchedNote(w, s.Run.Environment.LLCBytes)
			add(tableResults, "", t, ok)
			t, ok = newTable(entries(w, measuredLatency), latencyColumns)
			t.Notes = unsentNote(w)
			add(tableLatency, "Latency: ", t, ok)
			t, ok = newTable(entries(w, lossy), lossColumns)
			t.Notes = lossNote
			add(tableLosses, "Lost on the way: ", t, ok)
			t, ok = newTable(entries(w, everyRow), costColumns)
			t.Folded, t.Notes = true, costNotes(s, st)
			add(tableCosts, "What sending cost: ", t, ok)
			t, ok = newTable(entries(w, zeroCopy), releaseColumns)
			t.Folded = true
			add(tableRelease, "What zero copy cost of its own: ", t, ok)
		}
	}
	return out
}

// touchedNote says what makes cold buffers cold, and warm ones neither.
func touchedNote(w walk, llc int64) []string {
	if w.temperature == "warm" {
		return []string{"Warm: larger than the last-level cache, and not known to have left it between two sends."}
	}
	if w.temperature != "cold" || llc <= 0 {
		return nil
	}
	var least int64
	for _, g := range w.groups {
		for _, r := range g.Rows {
			if r.TouchedBytes > 0 && (least == 0 || r.TouchedBytes < least) {
				least = r.TouchedBytes
			}
		}
	}
	return []string{fmt.Sprintf("Cold by count: every walk touched at least %s before it came back to a buffer; the last-level cache holds %s.",
		memory(float64(least)), memory(float64(llc)))}
}
