package report

import (
	"fmt"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// notices are what a reader must know before any figure: that the record isn't
// whole, that the link isn't the one asked for, that trials were invalid.
func notices(s *results.Summary) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	switch {
	case s.End == nil:
		say("The run was killed before its end: the figures are those of the rounds that it got to.")
	case s.End.Status != results.StatusComplete:
		text := fmt.Sprintf("The run is %s: the figures are those of the rounds that it got to.", printable(s.End.Status))
		if s.End.Reason != "" {
			text += " Reason: " + sentence(s.End.Reason)
		}
		say("%s", text)
	case s.End.Reason != "":
		say("%s", sentence(s.End.Reason))
	}
	l := s.Run.Environment.Link
	if l.FellBack != "" {
		say("This is the link %s and not the one asked for: %s", printable(l.Name), sentence(l.FellBack))
	}
	if l.ZeroCopy != nil && !*l.ZeroCopy {
		text := "A probe send found that the kernel copies on this link, whatever the strategy asks for."
		if l.WhyCopied != "" {
			text += " Presumed reason: " + sentence(l.WhyCopied)
		}
		say("%s", text)
	}
	for _, w := range s.Run.Environment.Warnings {
		say("Uncertain on this machine: %s", sentence(w))
	}
	if s.End != nil {
		for _, w := range s.End.Warnings {
			if !slices.Contains(s.Run.Environment.Warnings, w) {
				say("Uncertain in this run: %s", sentence(w))
			}
		}
	}
	if len(s.Groups) == 0 {
		cells := 0
		for _, r := range refusals(s) {
			cells += r.cells
		}
		say("Nothing was measured: %s.", count(cells, "cell is unsupported here", "cells are unsupported here"))
	}
	if s.Invalid > 0 {
		say("%d of %s invalid and their figures left out.", s.Invalid, count(s.Trials, "trial was", "trials were"))
	}
	if s.Warned > 0 {
		say("%d of %s a warning, told under Warnings.", s.Warned, count(s.Trials, "trial carries", "trials carry"))
	}
	if n := marked(s, doubtful); n > 0 {
		say("%s marked with ! in the tables: of the rounds some are invalid, or more than a quarter carry a warning.", count(n, "row is", "rows are"))
	}
	out = append(out, driftNotices(s)...)
	out = append(out, biasNotices(s)...)
	out = append(out, precisionNotices(s)...)
	if n, all := unknownFloors(s); n > 0 {
		say("The noise floor is unknown in %d of %s, for want of rounds that measured %s twice (A/A): no difference can be shown there.",
			n, count(all, "comparison", "comparisons"), printable(s.Run.Plan.Baseline))
	}
	return out
}

func unknownFloors(s *results.Summary) (unknown, all int) {
	for _, g := range s.Groups {
		if noise(g.NoiseFloor) == "unknown" {
			unknown++
		}
	}
	return unknown, len(s.Groups)
}

// count agrees a noun with its number.
func count(n int, one, many string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s", n, one)
	}
	return fmt.Sprintf("%d %s", n, many)
}

// refusal is one reason for which cells are unsupported, with what it hits.
type refusal struct {
	reason     string
	cells      int
	strategies []string
	profiles   []string
	footprints []string
	sizes      []int
}

// refusals groups the unsupported cells by reason, in the order of the record.
// The baseline's second visit isn't a cell of its own.
func refusals(s *results.Summary) []refusal {
	var out []refusal
	index := make(map[string]int)
	for _, u := range s.Unsupported {
		if u.Cell.AA {
			continue
		}
		i, ok := index[u.Reason]
		if !ok {
			i = len(out)
			index[u.Reason] = i
			out = append(out, refusal{reason: printableText(u.Reason)})
		}
		r := &out[i]
		r.cells++
		r.strategies = addOnce(r.strategies, printable(u.Cell.Strategy))
		r.profiles = addOnce(r.profiles, printable(u.Cell.NIC))
		r.footprints = addOnce(r.footprints, bytesLabel(u.Cell.Footprint))
		r.sizes = addOnce(r.sizes, u.Cell.Size)
	}
	for i := range out {
		slices.Sort(out[i].sizes)
	}
	return out
}

func addOnce[T comparable](list []T, v T) []T {
	if slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}

// extent says which cells a refusal hits.
func (r refusal) extent() string {
	sizes := fmt.Sprintf("%d B", r.sizes[0])
	if len(r.sizes) > 1 {
		sizes = fmt.Sprintf("%d to %d B", r.sizes[0], r.sizes[len(r.sizes)-1])
	}
	return fmt.Sprintf("%s (%s, footprint %s, %s)", count(r.cells, "cell", "cells"),
		strings.Join(r.profiles, "; "), strings.Join(r.footprints, " and "), sizes)
}

// rowMarks are those of a row whose figures need a second look.
func rowMarks(r results.Row) string {
	marks := ""
	if doubtful(r) {
		marks += " !"
	}
	if drifts(r) {
		marks += " ~"
	}
	return marks
}

// doubtful reports whether more than a quarter of a row's rounds carry warnings,
// or some are invalid.
func doubtful(r results.Row) bool { return 4*r.Warned > r.Rounds || r.Invalid > 0 }

// marked counts the rows that a mark is for.
func marked(s *results.Summary, why func(results.Row) bool) int {
	n := 0
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			if why(r) {
				n++
			}
		}
	}
	return n
}

// warnings are what trials warned of and why others are invalid, each once, with
// the strategies concerned.
func warnings(s *results.Summary) []string {
	var texts []string
	by := make(map[string][]string)
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			said := slices.Clone(r.Warnings)
			for _, e := range r.Errors {
				said = append(said, "invalid: "+e)
			}
			for _, w := range said {
				if by[w] == nil {
					texts = append(texts, w)
				}
				by[w] = addOnce(by[w], printable(r.Strategy))
			}
		}
	}
	out := make([]string, len(texts))
	for i, w := range texts {
		out[i] = join(by[w], "and") + ": " + sentence(w)
	}
	return out
}
