package report

import (
	"slices"

	"sendbench/runner/results"
)

// copiedBody maps the share of sends that the kernel copied, for the strategies
// that asked for zero copy somewhere.
func copiedBody(list []setting, s *results.Summary) (heatBody, bool) {
	var names []string
	for _, name := range strategyNames(s) {
		if slices.ContainsFunc(s.Groups, func(g results.Group) bool { r, ok := rowOf(g, name); return ok && zeroCopy(r) }) {
			names = append(names, name)
		}
	}
	b := heatBody{steps: below[1:4], edges: []string{"34 %", "67 %"}, ends: [2]string{"copied: some", "all"}}
	reasons := unsupportedCells(s)
	for _, st := range list {
		b.panels = append(b.panels, newHeatPanel(profileHeading(st), notified(st.walks), names, reasons, copiedCell, printable))
	}
	return b, len(names) > 0
}

// notified adds up the notifications of all walks by size. Of the rows, nothing
// else is kept; the groups' cells are those of the first walk that has the size.
func notified(walks []walk) walk {
	var sum walk
	for _, w := range walks {
		for _, g := range w.groups {
			i := slices.IndexFunc(sum.groups, func(o results.Group) bool { return o.Cell.Size == g.Cell.Size })
			if i < 0 {
				i = len(sum.groups)
				sum.groups = append(sum.groups, results.Group{Cell: g.Cell})
			}
			to := &sum.groups[i]
			for _, r := range g.Rows {
				j := slices.IndexFunc(to.Rows, func(o results.Row) bool { return o.Strategy == r.Strategy })
				if j < 0 {
					j = len(to.Rows)
					to.Rows = append(to.Rows, results.Row{Strategy: r.Strategy})
				}
				to.Rows[j].Notifications += r.Notifications
				to.Rows[j].Copied += r.Copied
				to.Rows[j].Unreported += r.Unreported
			}
		}
	}
	slices.SortFunc(sum.groups, func(a, b results.Group) int { return a.Cell.Size - b.Cell.Size })
	return sum
}

func copiedCell(_ results.Group, r results.Row) heatCell {
	share, ok := r.CopiedShare()
	switch {
	case !ok:
		return heatCell{text: none, faint: true}
	case share == 0:
		return heatCell{text: percent(share)}
	case share < 0.34:
		return heatCell{text: percent(share), fill: below[1]}
	case share < 0.67:
		return heatCell{text: percent(share), fill: below[2]}
	}
	return heatCell{text: percent(share), fill: below[3]}
}
