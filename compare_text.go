package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"sendbench/runner/results"
)

// writeComparison writes a comparison for people: that it is of one run, or how the environments differ,
// the changes that are shown, what can't be compared, and every figure; at last, if
// there is one, the gate.
func writeComparison(w io.Writer, c *results.Comparison, gate *compareGate, oldName, newName string) error {
	b := bufio.NewWriter(w)
	t := comparisonText{b, c, comparedAxes(c)}
	t.heads(oldName, newName)
	if results.SameRun(c.Old, c.New) {
		fmt.Fprintf(t, "\nBoth records are of run %s: there is nothing to compare; give records of two runs.\n", printable(c.Old.ID))
	} else {
		t.environment()
		t.shown()
		t.unmatched()
		t.figures()
	}
	if gate != nil {
		t.gate(gate)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing the comparison: %w", err)
	}
	return nil
}

// comparisonText writes the parts; the first error stays in its buffer until
// Flush.
type comparisonText struct {
	*bufio.Writer
	*results.Comparison
	varying results.Axes
}

func (t comparisonText) heads(oldName, newName string) {
	tab := t.table()
	for _, side := range []struct {
		name, file string
		run        results.Run
	}{{"old", oldName, t.Old}, {"new", newName, t.New}} {
		env := side.run.Environment
		fmt.Fprintf(tab, "%s\t%s\t%s\t%s\tLinux %s\tcommit %s\n", side.name, printable(side.file), printable(side.run.Started),
			printable(env.Hostname), printable(env.Kernel), orUnknown(env.Commit))
	}
	tab.Flush()
}

func (t comparisonText) environment() {
	if len(t.Environment) == 0 {
		fmt.Fprintln(t, "\nEnvironment: no difference")
		return
	}
	fmt.Fprintf(t, "\nEnvironment: %s\n", counted(len(t.Environment), "difference"))
	tab := t.table()
	for i, d := range t.Environment {
		if i == mostDifferences {
			fmt.Fprintf(tab, "  and %d more, which --format json has\n", len(t.Environment)-i)
			break
		}
		fmt.Fprintf(tab, "  %s\t%s\t-> %s\n", printable(d.Field), orUnknown(d.Old), orUnknown(d.New))
	}
	tab.Flush()
}

// mostDifferences is more than two machines' environments have, in rows as wide as the
// longest value.
const mostDifferences = 200

// shown lists the changes with a verdict, and counts the rest.
func (t comparisonText) shown() {
	count := make(map[results.Verdict]int)
	for _, ch := range t.Changes {
		count[ch.Verdict]++
	}
	changed := count[results.Faster] + count[results.Slower]
	fmt.Fprintf(t, "\nShown: %s in %s\n", counted(changed, "change"), counted(len(t.Changes), "figure"))
	tab := t.table()
	if changed > 0 {
		fmt.Fprintln(tab, "  cell\tmetric\told\tnew\tnew/old\t95 % interval\tverdict")
	}
	for _, ch := range t.Changes {
		if ch.Verdict == results.Faster || ch.Verdict == results.Slower {
			fmt.Fprintf(tab, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\n", cellName(ch.Cell, t.varying), ch.Metric,
				value(ch.Metric, ch.Old), value(ch.Metric, ch.New), quotient(ch.Ratio.Center), bounds(ch.Ratio), verdictOn(ch))
		}
	}
	tab.Flush()
	fmt.Fprintf(t, "No difference shown in %d", count[results.NoDifference])
	if n := count[results.TooFew]; n > 0 {
		fmt.Fprintf(t, "; too few rounds for a verdict in %d", n)
	}
	fmt.Fprintln(t, ".")
	if n := t.unknownFloors(); n > 0 {
		fmt.Fprintf(t, "In %s neither record has A/A in rounds enough to know its noise: no difference can be shown there.\n", counted(n, "figure"))
	}
	if old, new := t.Old.Plan.Baseline, t.New.Plan.Baseline; old != new {
		fmt.Fprintf(t, "The ratio to the baseline isn't compared: the baseline was %s and is %s.\n", printable(old), printable(new))
	}
}

// unknownFloors counts the figures that an unknown floor alone keeps from a verdict.
func (t comparisonText) unknownFloors() (n int) {
	for _, ch := range t.Changes {
		if math.IsInf(ch.Floor, 1) && ch.Verdict != results.TooFew {
			n++
		}
	}
	return n
}

// unmatched lists the cells that only one record has, those that differ in size
// alone in one line.
func (t comparisonText) unmatched() {
	if len(t.Unmatched) == 0 {
		return
	}
	fmt.Fprintf(t, "\nNot compared: %s in one record only\n", counted(len(t.Unmatched), "cell"))
	var lines []results.Unmatched // with size zero
	sizes := make(map[results.Unmatched][]string)
	for _, u := range t.Unmatched {
		line := u
		line.Cell.Size = 0
		if sizes[line] == nil {
			lines = append(lines, line)
		}
		sizes[line] = append(sizes[line], results.BytesText(int64(u.Cell.Size)))
	}
	tab := t.table()
	for _, u := range lines {
		panel, _ := t.split(u.Cell)
		fmt.Fprintf(tab, "  %s only\t%s\t%s\tat %s", u.Side, panel, printable(u.Cell.Strategy), strings.Join(sizes[u], ", "))
		if u.Reason != "" {
			fmt.Fprintf(tab, "; the other: %s", printableText(u.Reason))
		}
		fmt.Fprintln(tab)
	}
	tab.Flush()
}

// figures lists every change in short, a line a cell, under headings of what the
// cells have in common.
func (t comparisonText) figures() {
	fmt.Fprintln(t, "\nEvery figure, new/old (+ faster, - slower, = no difference shown, ? too few rounds; of cpu-ns/B, + is cheaper)")
	changes := make(map[results.Cell]map[string]results.Change) // by metric
	for _, ch := range t.Changes {
		if changes[ch.Cell] == nil {
			changes[ch.Cell] = make(map[string]results.Change)
		}
		changes[ch.Cell][ch.Metric] = ch
	}
	tab := t.table()
	heading := ""
	for _, c := range matchedCells(t.Comparison) {
		panel, rest := t.split(c)
		metrics := results.ComparedBy(c)
		if over := panel + "\n    size\tcell\t" + strings.Join(metrics, "\t"); over != heading {
			tab.Flush() // columns are as wide as each panel needs
			fmt.Fprintf(tab, "  %s\n", over)
			heading = over
		}
		fmt.Fprintf(tab, "    %s", rest)
		for _, metric := range metrics {
			short := ""
			if ch, ok := changes[c][metric]; ok {
				short = fmt.Sprintf("%s %s (%s)", mark(ch.Verdict), quotient(ch.Ratio.Center), bounds(ch.Ratio))
			}
			fmt.Fprintf(tab, "\t%s", short)
		}
		fmt.Fprintln(tab)
	}
	tab.Flush()
}

// split parts a cell's name at its size: what a panel has in common, and what tells its
// cells apart.
func (t comparisonText) split(c results.Cell) (panel, rest string) {
	panel, rest, _ = strings.Cut(cellName(c, t.varying), "/size=")
	_, rest, _ = strings.Cut(rest, "/")
	return panel, results.BytesText(int64(c.Size)) + "\t" + rest
}

func (t comparisonText) table() *tabwriter.Writer { return tabwriter.NewWriter(t, 0, 0, 2, ' ', 0) }

// comparedAxes are those that tell the cells of either record apart.
func comparedAxes(c *results.Comparison) results.Axes {
	cells := matchedCells(c)
	for _, u := range c.Unmatched {
		cells = append(cells, u.Cell)
	}
	return results.VaryingAxes(cells)
}

// matchedCells are the cells of the changes, each once. Every one has an absolute
// metric, the first that isn't the ratio.
func matchedCells(c *results.Comparison) []results.Cell {
	var cells []results.Cell
	for _, ch := range c.Changes {
		if ch.Metric == results.UnitRate || ch.Metric == results.UnitP50 {
			cells = append(cells, ch.Cell)
		}
	}
	return cells
}

// verdictOn is a verdict in words.
func verdictOn(ch results.Change) string {
	switch {
	case ch.Metric == results.UnitCPU && ch.Verdict == results.Faster:
		return "faster (cheaper)"
	case ch.Metric == results.UnitCPU && ch.Verdict == results.Slower:
		return "slower (dearer)"
	}
	return string(ch.Verdict)
}

// mark is a verdict in one character.
func mark(v results.Verdict) string {
	switch v {
	case results.Faster:
		return "+"
	case results.Slower:
		return "-"
	case results.TooFew:
		return "?"
	}
	return "="
}

// value prints a figure with the unit that reads best.
func value(metric string, v float64) string {
	switch {
	case metric == results.UnitRate:
		return strconv.FormatFloat(v/1e9, 'g', 4, 64) + " Gbit/s"
	case math.IsInf(v, 1):
		return "not reached"
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// quotient prints the ratio of two figures, one of which a percentile may be that
// wasn't reached.
func quotient(v float64) string {
	switch {
	case math.IsNaN(v):
		return "-"
	case math.IsInf(v, 1):
		return "inf"
	}
	return strconv.FormatFloat(v, 'f', 3, 64)
}

func bounds(iv results.Interval) string {
	if iv.N == 0 || math.IsInf(iv.Low, -1) {
		return "no interval"
	}
	return quotient(iv.Low) + " to " + quotient(iv.High)
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return printableText(s)
}

// cellName is the name of a cell's benchmark, of which foreign names take up no more
// than is readable.
func cellName(c results.Cell, varying results.Axes) string {
	for _, name := range []*string{&c.Link, &c.Proto, &c.NIC, &c.Pages, &c.Fill, &c.Strategy} {
		*name = printable(*name)
	}
	return results.BenchName(c, varying)
}

// printable and printableText make a name and a sentence of a record fit for a terminal,
// and for a line of a table.
func printable(name string) string { return results.Printable(name, results.LongestName) }

func printableText(text string) string { return results.Printable(text, results.LongestText) }
