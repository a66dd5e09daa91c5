package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rivo/uniseg"

	"sendbench/runner/results"
)

// Widths of a table in text, in columns.
const (
	textName = 23 // a strategy with its marks
	textCell = 24 // the most that another cell takes
)

// textResultColumns are those of the results. Marks of CPU time stand beside it; p is
// that of the test before it.
var textResultColumns = []tableColumn{
	figureColumn("Gbit/s", figure, func(r results.Row) float64 { return gigabits(r.Rate.Center) }),
	figureColumn("ratio", ratioFigure, func(r results.Row) float64 { return r.Ratio.Center }),
	{"95 % interval", true, func(g results.Group, r results.Row) []tableCell {
		return ratioCells(r.Ratio, r.Verdict, g.NoiseFloor)[1:]
	}},
	{"verdict", true, func(g results.Group, r results.Row) []tableCell {
		rate, _ := marksOf(g, r)
		return []tableCell{rate.brief()}
	}},
	figureColumn("p", probabilityFigure, func(r results.Row) float64 { return r.P }),
	{"CPU ns/B", false, func(_ results.Group, r results.Row) []tableCell {
		m := costMark(r.CPUVerdict)
		sign := m.sign
		if sign == "" {
			sign = " "
		}
		return []tableCell{{Text: figure(r.CPUPerByte.Center) + " " + sign, Class: m.class}}
	}},
	figureColumn("p", probabilityFigure, func(r results.Row) float64 { return r.CPUP }),
	copiedColumn,
}

// brief is a mark's cell where there is little room.
func (m mark) brief() tableCell { return tableCell{m.sign, m.short, m.class} }

// textLatencyColumns are those of the results at a set rate, at which CPU time says
// nothing.
var textLatencyColumns = []tableColumn{
	figureColumn("msg/s", figure, func(r results.Row) float64 { return r.MsgRate.Center }),
	textLatencyColumn("p50", func(l *results.LatencySummary) float64 { return l.P50.Center }),
	textLatencyColumn("p99", func(l *results.LatencySummary) float64 { return l.P99.Center }),
	{"95 % interval", true, func(_ results.Group, r results.Row) []tableCell {
		return []tableCell{plain(latencyBounds(r, r.Latency.P99))}
	}},
	textLatencyColumn("max", func(l *results.LatencySummary) float64 { return l.Max.Center }),
	copiedColumn,
}

func textLatencyColumn(head string, of func(*results.LatencySummary) float64) tableColumn {
	return tableColumn{head, false, func(_ results.Group, r results.Row) []tableCell {
		return []tableCell{plain(latencyFigure(r, of(r.Latency)))}
	}}
}

// textCostTables are what sending cost, in as many tables as it takes for the intervals
// to have room: the sender, the machine around it, and hardware counters.
var textCostTables = [][]tableColumn{{
	intervalColumn("CPU ns/message", figure, func(r results.Row) results.Interval { return r.CPUPerMessage }),
	intervalColumn("process ns/B", figure, func(r results.Row) results.Interval { return r.ProcessCPUPerByte }),
	figureColumn("calls /message", figure, callsPerMessage),
}, {
	intervalColumn("softirq ns/B", figure, func(r results.Row) results.Interval { return r.SoftirqCPUPerByte }),
	{"all CPUs ns/B", false, func(_ results.Group, r results.Row) []tableCell {
		return []tableCell{plain(figure(r.MachineCPUPerByte)), plain(tickError(r.MachineTicks))}
	}},
}, {
	intervalColumn("instr. /B", figure, func(r results.Row) results.Interval { return r.InstructionsPerByte }),
	intervalColumn("cycles /B", figure, func(r results.Row) results.Interval { return r.CyclesPerByte }),
	intervalColumn("cache misses /message", figure, func(r results.Row) results.Interval { return r.CacheMissesPerMessage }),
}}

// textReleaseTables are what zero copy cost of its own: time, and memory.
var textReleaseTables = [][]tableColumn{releaseColumns[:releaseTimes], releaseColumns[releaseTimes:]}

// attributes are the ANSI attributes of cells by class.
var attributes = map[string]string{"up": green, "dn": red, "no": dim}

// figures writes a table: each column as wide as its fullest cell or the longest
// word of its heading.
func (t *textWriter) figures(p pageTable, corner string) {
	type textColumn struct {
		head  string
		width int
		left  bool
	}
	columns := []textColumn{{head: corner, width: uniseg.StringWidth(corner)}, {head: "strategy", left: true}}
	for _, h := range p.Heads {
		for i := range h.Span {
			c := textColumn{left: h.Left || i > 0}
			if i == 0 {
				c.head = h.Text
			}
			columns = append(columns, c)
		}
	}
	for i := range columns {
		for word := range strings.FieldsSeq(columns[i].head) {
			columns[i].width = max(columns[i].width, uniseg.StringWidth(word))
		}
	}
	var lines [][]string
	var classes [][]string
	for _, g := range p.Groups {
		label := g.Label
		for _, r := range g.Rows {
			line, class := []string{clip(label, 2*textCell), clip(r.Name, textName)}, []string{"", ""}
			label = ""
			for _, c := range r.Cells {
				line = append(line, clip(strings.TrimLeft(c.Sign+" "+c.Text, " "), textCell))
				class = append(class, c.Class)
			}
			for i := range line {
				columns[i].width = max(columns[i].width, uniseg.StringWidth(line[i]))
			}
			lines, classes = append(lines, line), append(classes, class)
		}
	}
	for total := len(columns) - 1; ; total = len(columns) - 1 {
		widest := 0
		for i, c := range columns {
			total += c.width
			if c.width > columns[widest].width {
				widest = i
			}
		}
		if total <= textWidth {
			break
		}
		columns[widest].width-- // only for figures that no machine has
	}
	heads := make([][]string, len(columns))
	most := 0
	for i, c := range columns {
		heads[i] = foldText(c.head, c.width)
		most = max(most, len(heads[i]))
	}
	for n := range most {
		parts := make([]string, len(columns))
		for i, c := range columns {
			text := ""
			if at := n - (most - len(heads[i])); at >= 0 { // headings stand on their columns
				text = heads[i][at]
			}
			parts[i] = t.paint(dim, pad(text, c.width, !c.left))
		}
		t.line(strings.Join(parts, " "))
	}
	for n, line := range lines {
		parts := make([]string, len(columns))
		for i, c := range columns {
			parts[i] = t.paint(attributes[classes[n][i]], pad(clip(line[i], c.width), c.width, !c.left))
		}
		t.line(strings.Join(parts, " "))
	}
}

// results writes the table of one use of buffers.
func (t *textWriter) results(st setting, w walk) {
	table, _ := newTable(entries(w, everyRow), textResultColumns)
	if st.paced() {
		table, _ = newTable(entries(w, measuredLatency), textLatencyColumns)
	}
	t.figures(table, "size")
}

// costs writes what sending cost in a setting's first walk at the largest size,
// and what zero copy cost of its own there.
func (t *textWriter) costs(s *results.Summary, st setting) {
	w := st.walks[0]
	w.groups = w.groups[len(w.groups)-1:]
	where := fmt.Sprintf("%s, NIC profile %s, %s", sizeText(w.groups[0].Cell.Size), st.name, w.title())
	t.section("What sending cost · " + where)
	t.tables(entries(w, everyRow), textCostTables)
	for _, note := range costNotes(s, st) {
		t.paragraph("", note)
	}
	t.section("What zero copy cost of its own · " + where)
	t.tables(entries(w, zeroCopy), textReleaseTables)
}

// tables writes those of them that have a figure.
func (t *textWriter) tables(rows []tableEntry, tables [][]tableColumn) {
	for _, columns := range tables {
		if table, ok := newTable(rows, columns); ok && len(table.Heads) > 0 {
			t.heading()
			t.figures(table, "size")
		}
	}
}

// flows writes what more flows bring, at the largest size of the first use of
// buffers of each setting that has several.
func (t *textWriter) flows(list []setting) {
	for _, sc := range scalings(list) {
		for _, w := range sc.walks(list) {
			all := sc.flowEntries(list, w)
			if len(all) == 0 {
				continue
			}
			last := all[len(all)-1].label
			for len(all) > 0 && all[0].label != last {
				all = all[1:]
			}
			table, _ := newTable(all, flowColumns(sc.alone(list, w)))
			t.section(fmt.Sprintf("Flows · NIC profile %s, %s", sc.name, w.title()))
			t.heading()
			t.figures(table, "size")
			break
		}
	}
}

// effects writes what each NIC setting does, as the chart shows it.
func (t *textWriter) effects(s *results.Summary) {
	size, list := largestEffects(s)
	if !slices.ContainsFunc(list, settingEffect.compared) {
		return
	}
	table := pageTable{Heads: []tableHead{{"ratio", 1, false}, {"95 % interval", 1, true}, {"verdict", 1, true}}}
	for _, e := range list {
		g := tableGroup{Label: printable(e.profile)}
		for _, one := range e.effects {
			cells := append(ratioCells(one.Ratio, one.Verdict, 0), rateMark(one.Verdict).brief())
			g.Rows = append(g.Rows, tableRow{printable(one.Cell.Strategy), cells})
		}
		table.Groups = append(table.Groups, g)
	}
	t.section(fmt.Sprintf("NIC settings · throughput at %s as a ratio to that under %s", sizeText(size), printable(list[0].reference)))
	t.heading()
	t.figures(table, "NIC profile")
}
