package main

import (
	"fmt"
	"strings"

	"sendbench/runner/results"
)

// failures are the verdicts that each value of --fail-on is about.
var failures = []struct {
	name     string
	verdicts []results.Verdict
}{
	{"slower", []results.Verdict{results.Slower}},
	{"faster", []results.Verdict{results.Faster}},
	{"any", []results.Verdict{results.Slower, results.Faster}},
}

func failureNames() []string {
	var names []string
	for _, f := range failures {
		names = append(names, f.name)
	}
	return names
}

// compareGate is what --fail-on asked for and what came of it.
type compareGate struct {
	results.Gate
	failOn  string
	varying results.Axes // of the cells that it names
}

// newCompareGate is nil where nothing was asked for.
func newCompareGate(c *results.Comparison, failOn string) *compareGate {
	for _, f := range failures {
		if f.name == failOn {
			return &compareGate{c.Gate(f.verdicts...), failOn, comparedAxes(c)}
		}
	}
	return nil
}

// undecided says of how much there could be no verdict; "" if there could of all.
func (g *compareGate) undecided() string {
	if g.Undecided == 0 {
		return ""
	}
	return fmt.Sprintf("no verdict could be had on %d of %s, for want of rounds or of A/A", g.Undecided, counted(g.Changes, "figure"))
}

// err says in one line why the gate fails; nil if it passes.
func (g *compareGate) err() error {
	if g.Passes() {
		return nil
	}
	var why []string
	if n := len(g.Fired); n > 0 {
		first := g.Fired[0]
		why = append(why, fmt.Sprintf("a verdict in %d of %s, the first %s: %s by %s", n, counted(g.Changes, "figure"),
			cellName(first.Cell, g.varying), verdictOn(first), first.Metric))
	}
	if n := len(g.Lost); n > 0 {
		why = append(why, fmt.Sprintf("the new record has no valid round of %s that the old one has, the first %s",
			counted(n, "cell"), g.lost(g.Lost[0])))
	}
	if n := len(g.Starved); n > 0 && g.Decided() {
		why = append(why, fmt.Sprintf("the new record has too few rounds for a verdict on %s that the old one has enough of, the first %s; measure as many",
			counted(n, "figure"), g.starved(g.Starved[0])))
	}
	if !g.Decided() {
		why = append(why, fmt.Sprintf("nothing could be decided: of %s none has rounds and A/A enough for a verdict; measure more rounds", counted(g.Changes, "figure")))
	} else if undecided := g.undecided(); undecided != "" {
		why = append(why, undecided)
	}
	return fmt.Errorf("--fail-on %s: %s", g.failOn, strings.Join(why, "; "))
}

// starved names a figure, and of how many rounds it is.
func (g *compareGate) starved(ch results.Change) string {
	return fmt.Sprintf("%s by %s: %d of %s", cellName(ch.Cell, g.varying), ch.Metric, ch.NewRounds, counted(ch.OldRounds, "round"))
}

// lost names a cell that can't be measured any more, and why.
func (g *compareGate) lost(l results.Lost) string {
	name := cellName(l.Cell, g.varying)
	if l.Reason == "" {
		return name + " (missing)"
	}
	return fmt.Sprintf("%s (%s)", name, printableText(l.Reason))
}

// gate lists what the gate found.
func (t comparisonText) gate(g *compareGate) {
	outcome := "fails"
	if g.Passes() {
		outcome = "passes"
	}
	fmt.Fprintf(t, "\nGate: --fail-on %s %s, with %s corrected together\n", g.failOn, outcome, counted(g.Changes, "figure"))
	for _, ch := range g.Fired {
		fmt.Fprintf(t, "  %s: %s by %s, p = %.2g\n", cellName(ch.Cell, t.varying), verdictOn(ch), ch.Metric, ch.P)
	}
	for _, l := range g.Lost {
		fmt.Fprintf(t, "  no valid round in the new record: %s\n", g.lost(l))
	}
	for _, ch := range g.Starved {
		fmt.Fprintf(t, "  too few rounds in the new record: %s\n", g.starved(ch))
	}
	if undecided := g.undecided(); undecided != "" {
		fmt.Fprintf(t, "  %s\n", undecided)
	}
}
