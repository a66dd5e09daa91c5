package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// wordTable is a table of words. The first cell of a row heads it.
type wordTable struct {
	ID, Caption string
	Heads       []string
	Rows        [][]string
	Note        string
}

// overview sets several records side by side.
type overview struct {
	Short   []Sentence
	Common  string
	Tables  []wordTable
	Charts  []pageChart
	Missing []string
}

// newOverview makes what goes ahead of the records themselves, but for the charts.
func newOverview(d document) overview {
	list, note := d.views()
	o := overview{Common: d.common(), Short: d.short(list)}
	o.Tables = append(o.Tables, d.identities())
	if len(list) > 0 {
		o.Tables = append(o.Tables, d.verdicts(list, note), bySizeTable(list))
	}
	if t := d.changes(); len(t.Rows) > 0 {
		o.Tables = append(o.Tables, t)
	}
	return o
}

// identities says what each record is of, by what differs.
func (d document) identities() wordTable {
	t := wordTable{ID: "records", Caption: "The records", Heads: []string{"Record"}}
	differing := d.differing()
	for _, trait := range differing {
		t.Heads = append(t.Heads, trait.name)
	}
	t.Heads = append(t.Heads, "File", "Started", "Trials", "Status", "Uncertain for")
	for _, e := range d.entries {
		row := []string{e.label}
		for _, trait := range differing {
			row = append(row, orUnknown(trait.of(e.summary), none))
		}
		status := statusKilled
		switch {
		case BudgetEnded(e.summary.End):
			status = "ended by its budget"
		case e.summary.End != nil:
			status = printable(e.summary.End.Status)
		}
		t.Rows = append(t.Rows, append(row, printable(e.file), printable(e.summary.Run.Started),
			fmt.Sprintf("%d, %d invalid", e.summary.Trials, e.summary.Invalid), status, cmp.Or(join(doubts(notices(e.summary)), "and"), none)))
	}
	return t
}

// verdicts has each record's decision in words.
func (d document) verdicts(list []view, note string) wordTable {
	t := wordTable{ID: "decisions", Caption: "Which way to send: " + buffers(list), Note: note,
		Heads: []string{"Record", "Fastest", "Cheapest in CPU time", "Zero copy is worth it"}}
	for i, e := range d.entries {
		at := slices.IndexFunc(list, func(v view) bool { return v.number == i+1 })
		if at < 0 {
			t.Rows = append(t.Rows, []string{e.label, "nothing was measured", none, none})
			continue
		}
		v := list[at]
		t.Rows = append(t.Rows, []string{e.label, v.fastest(), v.cheapest(), v.worth()})
	}
	return t
}

// bySizeTable has the best strategy at each size of each record.
func bySizeTable(list []view) wordTable {
	t := wordTable{ID: "by-size", Caption: "Fastest by size: " + buffers(list), Heads: []string{"Size"},
		Note: fmt.Sprintf("Beside the names is the best one's throughput as a ratio to %s's in the same record, with its interval. “Or” joins what was not told apart.", baselines(list))}
	for _, v := range list {
		t.Heads = append(t.Heads, v.label)
	}
	for _, size := range sizesOf(list) {
		row := []string{sizeText(size)}
		for _, v := range list {
			row = append(row, v.bestText(size))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// baselines names those of the views.
func baselines(list []view) string {
	var names []string
	for _, v := range list {
		names = addOnce(names, printable(v.summary.Run.Plan.Baseline))
	}
	return join(names, "or")
}

// short is the answer in a few sentences.
func (d document) short(list []view) (out []Sentence) {
	say := func(topic, text string) { out = append(out, Sentence{Topic: topic, Text: text + "."}) }
	sizes := sizesOf(list)
	common := slices.DeleteFunc(slices.Clone(sizes), func(size int) bool {
		return slices.ContainsFunc(list, func(v view) bool { _, ok := v.at(size); return !ok })
	})
	if len(common) > 0 {
		size := common[len(common)-1]
		say("Fastest at "+sizeText(size), perRecord(list, func(v view) string { return v.bestText(size) }))
	}
	// Records of datagrams and of streams have few sizes in common, and small ones.
	if slices.ContainsFunc(list, func(v view) bool { return len(common) == 0 || v.largest() > common[len(common)-1] }) {
		say("Fastest at the largest size of each", perRecord(list, func(v view) string {
			if text := v.bestText(v.largest()); text != none {
				return "at " + sizeText(v.largest()) + " " + text
			}
			return none
		}))
	}
	if slices.ContainsFunc(list, func(v view) bool { return v.worth() != none }) {
		say("Zero copy is worth it, ahead of all that copies", perRecord(list, view.worth))
	}
	if text := d.uncertain(); text != "" {
		say("Uncertain", text)
	}
	for i, e := range d.entries {
		if e.change != nil {
			say(fmt.Sprintf("Record %d against record 1", i+1), changesPhrase(e.change))
		}
	}
	return out
}

// uncertain marks the records whose own answers are, with what makes them so.
func (d document) uncertain() string {
	var parts []string
	for _, e := range d.entries {
		if list := doubts(notices(e.summary)); len(list) > 0 {
			parts = append(parts, e.label+": "+join(list, "and"))
		}
	}
	return strings.Join(parts, "; ")
}

// perRecord gives the answer of each record that has one, once for those that agree.
func perRecord(list []view, of func(view) string) string {
	var answers []string
	who := make(map[string][]string)
	for _, v := range list {
		a := of(v)
		if a == none {
			continue
		}
		answers = addOnce(answers, a)
		who[a] = append(who[a], v.label)
	}
	if len(answers) == 1 && len(who[answers[0]]) == len(list) && len(list) > 1 {
		return answers[0] + " in every record"
	}
	parts := make([]string, len(answers))
	for i, a := range answers {
		parts[i] = fmt.Sprintf("%s: %s", join(who[a], "and"), a)
	}
	return strings.Join(parts, "; ")
}

// metricWords names the figures that records are compared by, and says what each
// verdict means of it.
var metricWords = []struct {
	metric, name, file string
	words              [2]string // of Faster and Slower
	cost               bool      // less is more
}{
	{results.MetricRatio, "ratio to the baseline", "ratio", [2]string{"higher", "lower"}, false},
	{results.UnitRate, "throughput", "rate", [2]string{"higher", "lower"}, false},
	{results.UnitCPU, "CPU time a byte", "cpu", [2]string{"cheaper", "dearer"}, true},
	{results.UnitP50, "median latency", "p50", [2]string{"shorter", "longer"}, true},
	{results.UnitP99, "p99 latency", "p99", [2]string{"shorter", "longer"}, true},
}

// tally counts the verdicts on one metric.
func tally(c *results.Comparison, metric string) (n map[results.Verdict]int, all int) {
	n = make(map[results.Verdict]int)
	for _, ch := range c.Changes {
		if ch.Metric == metric {
			n[ch.Verdict]++
			all++
		}
	}
	return n, all
}

// changesPhrase sums up what differs between two records.
func changesPhrase(c *results.Comparison) string {
	var parts []string
	for _, m := range metricWords {
		if n, all := tally(c, m.metric); all > 0 {
			parts = append(parts, fmt.Sprintf("%s %s in %d and %s in %d of %s", m.name, m.words[0], n[results.Faster], m.words[1], n[results.Slower], count(all, "cell", "cells")))
		}
	}
	return strings.Join(parts, "; ")
}

// changes counts by record and metric what differs from the first record.
func (d document) changes() wordTable {
	t := wordTable{ID: "changes", Caption: "What differs from record " + d.entries[0].label,
		Heads: []string{"Record", "Figure", "Cells compared", "Better", "Worse", "No difference shown", "Too few rounds"},
		Note:  "Rank-sum tests of the two records' rounds, corrected by Holm in each panel and metric, beyond both runs' noise and, but for ratios, their drift. Cells are compared where all axes are the same."}
	for _, e := range d.entries {
		if e.change == nil {
			continue
		}
		for _, m := range metricWords {
			n, all := tally(e.change, m.metric)
			if all == 0 {
				continue
			}
			t.Rows = append(t.Rows, []string{e.label, m.name, fmt.Sprint(all), fmt.Sprint(n[results.Faster]), fmt.Sprint(n[results.Slower]),
				fmt.Sprint(n[results.NoDifference]), fmt.Sprint(n[results.TooFew])})
		}
	}
	return t
}
