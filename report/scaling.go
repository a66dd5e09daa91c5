package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"sendbench/runner/results"
)

// scaling is a setting that was measured with several numbers of flows.
type scaling struct {
	name     string // of the setting, without flows
	settings []int  // in the list of settings, ascending by flows
}

// scalings finds them. At a set rate more flows send no more, and there is nothing
// to be seen.
func scalings(list []setting) []scaling {
	var out []scaling
	var alike []setting // that settings are but for flows
	for i, st := range list {
		if st.paced() {
			continue
		}
		key := st.cell
		key.Flows = 0
		j := slices.IndexFunc(alike, func(o setting) bool { return o.cell == key })
		if j < 0 {
			j = len(alike)
			alike = append(alike, setting{cell: key})
			out = append(out, scaling{})
		}
		out[j].settings = append(out[j].settings, i)
	}
	for j := range out {
		out[j].name = settingName(alike, j)
		slices.SortStableFunc(out[j].settings, func(a, b int) int { return cmp.Compare(list[a].cell.Flows, list[b].cell.Flows) })
	}
	return slices.DeleteFunc(out, func(sc scaling) bool { return len(sc.settings) < 2 })
}

// more reports whether a setting has more flows than another that is alike: what
// that adds is in the scaling chart.
func more(list []setting, i int) bool {
	return slices.ContainsFunc(scalings(list), func(sc scaling) bool { return slices.Contains(sc.settings[1:], i) })
}

// walks are the uses of buffers that more than one number of flows was measured
// with.
func (sc scaling) walks(list []setting) []walk {
	var out []walk
	for _, i := range sc.settings {
		for _, w := range list[i].walks {
			known := slices.ContainsFunc(out, func(o walk) bool { return o.holds(w.groups[0].Cell) })
			if !known && len(sc.sizes(list, w)) > 0 {
				out = append(out, w)
			}
		}
	}
	return out
}

// at are the groups of one use of buffers and one size, ascending by flows.
func (sc scaling) at(list []setting, w walk, size int) []results.Group {
	var out []results.Group
	for _, i := range sc.settings {
		for _, o := range list[i].walks {
			for _, g := range o.groups {
				if w.holds(g.Cell) && g.Cell.Size == size {
					out = append(out, g)
				}
			}
		}
	}
	return out
}

// sizes are those of a use of buffers that more than one number of flows was
// measured at.
func (sc scaling) sizes(list []setting, w walk) []int {
	var out []int
	for _, i := range sc.settings {
		for _, o := range list[i].walks {
			for _, g := range o.groups {
				if w.holds(g.Cell) && len(sc.at(list, w, g.Cell.Size)) > 1 {
					out = addOnce(out, g.Cell.Size)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// few are the smallest, a middle and the largest of sizes: as many as a chart
// with a panel a size can take.
func few(sizes []int) []int {
	if len(sizes) <= 3 {
		return sizes
	}
	return []int{sizes[0], sizes[len(sizes)/2], sizes[len(sizes)-1]}
}

// scalingBody shows what all flows send together, a panel for each use of buffers
// and size.
func scalingBody(sc scaling, list []setting, styles map[string]look) (linesBody, bool) {
	var panels []panel
	for _, w := range sc.walks(list) {
		for _, size := range few(sc.sizes(list, w)) {
			groups := sc.at(list, w, size)
			p := panel{heading: fmt.Sprintf("%s, %s: Gbit/s of all flows", sizeText(size), w.name()), ideal: true}
			for _, g := range groups {
				p.xs = append(p.xs, g.Cell.Flows)
			}
			p.curves, _ = curves(groups, byFlows, styles, metric{of: rateMetric.of}) // too small for raw points
			if len(p.curves) > 0 {
				panels = append(panels, p)
			}
		}
	}
	return inRows(panels, 2), len(panels) > 0
}

// flowColumns show what becomes of each strategy with more flows, and how evenly
// the flows share it. alone is a strategy's rate with the fewest flows.
func flowColumns(alone func(results.Group, results.Row) (rate float64, flows int)) []tableColumn {
	return []tableColumn{
		{"Flows", false, func(g results.Group, _ results.Row) []tableCell { return []tableCell{plain(fmt.Sprint(g.Cell.Flows))} }},
		intervalColumn("All flows, Gbit/s", figure, func(r results.Row) results.Interval { return scaled(r.Rate, 1e-9) }),
		{"Of ideal", false, func(g results.Group, r results.Row) []tableCell {
			rate, flows := alone(g, r)
			return []tableCell{plain(percent(r.Rate.Center / rate * float64(flows) / float64(g.Cell.Flows)))}
		}},
		flowColumn("Slowest flow, Gbit/s", slices.Min[[]float64]),
		flowColumn("Fastest flow, Gbit/s", slices.Max[[]float64]),
	}
}

// flowColumn shows one flow's rate and its share of all flows'.
func flowColumn(head string, of func([]float64) float64) tableColumn {
	return tableColumn{head, false, func(_ results.Group, r results.Row) []tableCell {
		if len(r.FlowRates) == 0 {
			return []tableCell{plain(none), beside("")}
		}
		sum := 0.0
		for _, rate := range r.FlowRates {
			sum += rate
		}
		rate := of(r.FlowRates)
		return []tableCell{plain(figure(gigabits(rate))), beside(percent(rate / sum))}
	}}
}

// flowEntries are the rows of one use of buffers: by size, then strategy, then
// flows.
func (sc scaling) flowEntries(list []setting, w walk) []tableEntry {
	var out []tableEntry
	for _, size := range sc.sizes(list, w) {
		groups := sc.at(list, w, size)
		for _, name := range strategiesOf(groups) {
			for _, g := range groups {
				if r, ok := rowOf(g, name); ok {
					out = append(out, tableEntry{sizeText(size), g, r})
				}
			}
		}
	}
	return out
}

// strategiesOf are the strategies of groups, in the order of their rows.
func strategiesOf(groups []results.Group) []string {
	var names []string
	for _, g := range groups {
		for _, r := range g.Rows {
			names = addOnce(names, r.Strategy)
		}
	}
	return names
}

// flowTables has one for each use of buffers.
func flowTables(list []setting) []pageTable {
	var out []pageTable
	for i, sc := range scalings(list) {
		for j, w := range sc.walks(list) {
			t, ok := newTable(sc.flowEntries(list, w), flowColumns(sc.alone(list, w)))
			if !ok {
				continue
			}
			t.ID, t.Caption = tableID(tableFlows, i, j), fmt.Sprintf("Flows: NIC profile %s, %s a flow", sc.name, w.title())
			t.Notes = []string{"Ideal is the rate with the fewest flows, in proportion to their number. A flow's share is of what all flows sent."}
			out = append(out, t)
		}
	}
	return out
}

// alone looks up a strategy's rate with the fewest flows that it was measured with
// at a size.
func (sc scaling) alone(list []setting, w walk) func(results.Group, results.Row) (float64, int) {
	return func(g results.Group, r results.Row) (float64, int) {
		for _, o := range sc.at(list, w, g.Cell.Size) {
			if first, ok := rowOf(o, r.Strategy); ok && positive(first.Rate.Center) {
				return first.Rate.Center, o.Cell.Flows
			}
		}
		return math.NaN(), 1
	}
}
