package report

import (
	"fmt"
	"slices"

	"sendbench/runner/results"
)

// recordCharts are those that set records side by side.
func (d document) recordCharts() (drawn []chart, missing []string) {
	all, note := d.views()
	list := slices.DeleteFunc(slices.Clone(all), func(v view) bool { return v.paced() })
	if len(list) > 1 {
		for _, c := range []struct {
			name, title, heading string
			from                 metric
		}{
			{"records-throughput", "Throughput by message size, record by record", "Gbit/s", rateMetric},
			{"records-ratio", "Throughput as a ratio to " + baselines(list) + ", record by record", "ratio to " + baselines(list), ratioMetric},
		} {
			body, ok := recordsBody(list, c.heading, c.from)
			if !ok {
				missing = append(missing, fmt.Sprintf("No chart of %s across records: none has it.", c.heading))
				continue
			}
			drawn = append(drawn, chart{
				name: c.name, setting: -1, table: "by-size", title: c.title,
				subtitle: sentences(capital(buffers(list))+". A panel a strategy; one scale for all panels.", explained(body), note),
				alt:      c.title + ". The figures are in each record's tables.",
				footer:   "A record's figures are of one run on one machine; what differs beside the machine is in the table of records.",
				body:     body,
			})
		}
	} else {
		missing = append(missing, "No chart of throughput across records: fewer than two of them have any, without a set rate.")
	}
	changed, without := d.changeCharts(all)
	return append(drawn, changed...), append(missing, without...)
}

// recordLook is how the i-th record is drawn.
func recordLook(i int) look {
	order := []int{5, 6, 3, 4, 1, 2, 7, 0} // of hues: those that lie far apart first
	return look{hues[order[i%len(order)]], glyphs[i%len(glyphs)]}
}

// recordsBody has a panel a strategy with a curve a record or, where there is one size
// only, a row a record.
func recordsBody(list []view, unit string, from metric) (sizedBody, bool) {
	var names []string
	for _, v := range list {
		for _, name := range strategyNames(v.summary) {
			names = addOnce(names, name)
		}
	}
	sizes := sizesOf(list)
	var panels []panel
	dots := dotsBody{across: 2}
	for _, name := range names {
		heading := fmt.Sprintf("%s: %s", printable(name), unit)
		p := panel{heading: heading, xs: sizes, ratio: from.floor != nil}
		row := newDotPanel(heading, from.floor != nil)
		for i, v := range list {
			own, raw := curves(v.walk.groups, bySize, nil, from)
			for _, c := range own {
				if c.name != name {
					continue
				}
				p.curves = append(p.curves, curve{name: v.label, look: recordLook(i), points: c.points, xs: v.walk.sizes()})
				p.raw.add(raw.there, raw.drawn)
				row.add(c.points[0].dot(v.label, recordLook(i)))
				row.raw = p.raw
			}
		}
		if len(p.curves) > 0 {
			panels, dots.panels = append(panels, p), append(dots.panels, row)
		}
	}
	if len(sizes) == 1 {
		dots.share()
		return dots, len(panels) > 0
	}
	b := inRows(panels, 2)
	b.shared = true
	return b, len(panels) > 0
}

// changeCharts map what differs from the first record: a chart a metric, a panel a
// record.
func (d document) changeCharts(list []view) (drawn []chart, missing []string) {
	for i, e := range d.entries {
		if i > 0 && e.change == nil {
			missing = append(missing, fmt.Sprintf("No chart of what differs between records 1 and %d: they have no cell in common.", i+1))
		}
	}
	if len(list) == 0 || list[0].number != 1 {
		return nil, missing
	}
	first := list[0]
	for _, m := range metricWords {
		b := ratioScale("lower", "higher")
		if m.cost {
			b.ends = [2]string{m.words[0], m.words[1]}
			slices.Reverse(b.steps)
		}
		for _, e := range d.entries {
			if e.change == nil {
				continue
			}
			if p := changePanel(first, e, m.metric); len(p.sizes) > 0 {
				b.panels = append(b.panels, p)
			}
		}
		if len(b.panels) == 0 {
			continue
		}
		title := fmt.Sprintf("What differs from record %s: %s", first.label, m.name)
		drawn = append(drawn, chart{
			name: "records-change-" + m.file, setting: -1, table: "changes", title: title,
			subtitle: fmt.Sprintf("%s. A later record's %s as a ratio to that of record 1: blue is better, orange worse. Uncoloured: no difference shown (=), or too few rounds (?).",
				capital(buffers(list[:1])), m.name),
			alt:    title + ", strategy by size, a panel a record.",
			footer: "Records are runs of their own: the machine's drift between them, as far as each shows it, must be exceeded.",
			body:   b,
		})
	}
	return drawn, missing
}

// changePanel maps the changes of one metric in the cells of a view.
func changePanel(first view, e entry, metric string) heatPanel {
	at := make(map[results.Cell]results.Change)
	var sizes []int
	var names []string
	for _, ch := range e.change.Changes {
		key := ch.Cell.Group()
		key.Size, key.Footprint, key.Pages, key.Fill = 0, 0, "", ""
		if ch.Metric == metric && key == first.cell && first.walk.holds(ch.Cell) {
			at[ch.Cell] = ch
			sizes, names = addOnce(sizes, ch.Cell.Size), addOnce(names, ch.Cell.Strategy)
		}
	}
	slices.Sort(sizes)
	p := heatPanel{heading: e.label, sizes: sizes}
	for _, name := range names {
		row := make([]heatCell, len(sizes))
		for i, size := range sizes {
			row[i] = heatCell{text: none, faint: true}
			g, _ := first.at(size)
			cell := g.Cell
			cell.Strategy = name
			if ch, ok := at[cell]; ok {
				row[i] = changeCell(ch)
			}
		}
		p.rows = append(p.rows, printable(name))
		p.cells = append(p.cells, row)
	}
	return p
}

// changeCell is coloured where there is a claim: by what is better, not by what is
// more.
func changeCell(ch results.Change) heatCell {
	ratio := ch.Ratio.Center
	text := ratioFigure(ratio)
	switch ch.Verdict {
	case results.Faster:
		return heatCell{text: text, fill: above[stepOf(max(ratio, 1/ratio))]}
	case results.Slower:
		return heatCell{text: text, fill: below[stepOf(max(ratio, 1/ratio))]}
	}
	return heatCell{text: text + " " + rateMark(ch.Verdict).sign, faint: true}
}
