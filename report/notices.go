package report

import (
	"fmt"
	"slices"

	"sendbench/runner/results"
)

// notice is what a reader must know before any figure, or may want to know.
type notice struct {
	Text  string
	grave bool // it bears on whether the figures may be believed at all
}

// mostGrave is how many notices are shown at once; the others are folded.
const mostGrave = 3

// urgent are the notices to be shown, and rest those to be folded.
func urgent(all []notice) (shown, rest []notice) {
	for _, n := range all {
		if n.grave && len(shown) < mostGrave {
			shown = append(shown, n)
		} else {
			rest = append(rest, n)
		}
	}
	return shown, rest
}

// notices are all of them, the gravest first: that the record isn't whole, that the
// link isn't the one asked for, that messages were lost, that trials were invalid.
func notices(s *results.Summary) []notice {
	var out []notice
	add := func(grave bool, texts ...string) {
		for _, text := range texts {
			out = append(out, notice{text, grave})
		}
	}
	out = append(out, benchNotices(s.Run.Bench)...)
	add(true, emptyNotices(s)...)
	add(true, endNotices(s)...)
	add(true, linkNotices(s.Run.Environment.Link)...)
	add(true, lossNotices(s)...)
	if s.Invalid > 0 {
		add(true, fmt.Sprintf("%d of %s invalid and their figures left out.", s.Invalid, count(s.Trials, "trial was", "trials were")))
	}
	add(true, biasNotices(s)...)
	add(true, floorNotices(s)...)
	add(false, peerNotices(s.Run.Environment.Link)...)
	add(false, machineNotices(s)...)
	if s.Warned > 0 {
		add(false, fmt.Sprintf("%d of %s a warning, told under Warnings.", s.Warned, count(s.Trials, "trial carries", "trials carry")))
	}
	if n := marked(s, doubtful); n > 0 {
		add(false, fmt.Sprintf("%s marked with ! in the tables: of the rounds some are invalid, or more than a quarter carry a warning.", count(n, "row is", "rows are")))
	}
	add(false, driftNotices(s)...)
	add(false, precisionNotices(s)...)
	if s.End != nil && s.End.Status == results.StatusComplete && s.End.Reason != "" {
		add(false, sentence(s.End.Reason))
	}
	return out
}

// emptyNotices say that there is nothing to show.
func emptyNotices(s *results.Summary) []string {
	if len(s.Groups) > 0 {
		return nil
	}
	cells := 0
	for _, n := range notMeasured(s) {
		cells += n.Cells
	}
	return []string{fmt.Sprintf("Nothing was measured: %s.", count(cells, "cell is unsupported here", "cells are unsupported here"))}
}

// endNotices say that the run did not reach its end.
func endNotices(s *results.Summary) []string {
	switch {
	case s.End == nil:
		return []string{"The run was killed before its end: the figures are those of the rounds that it got to."}
	case s.End.Status != results.StatusComplete:
		text := fmt.Sprintf("The run is %s: the figures are those of the rounds that it got to.", printable(s.End.Status))
		if s.End.Reason != "" {
			text += " Reason: " + sentence(s.End.Reason)
		}
		return []string{text}
	}
	return nil
}

// linkNotices say that the link isn't what a reader would take it for.
func linkNotices(l results.Link) (out []string) {
	if l.FellBack != "" {
		out = append(out, fmt.Sprintf("This is the link %s and not the one asked for: %s", printable(l.Name), sentence(l.FellBack)))
	}
	if l.ZeroCopy != nil && !*l.ZeroCopy {
		text := "A probe send found that the kernel copies on this link, whatever the strategy asks for."
		if l.WhyCopied != "" {
			text += " Presumed reason: " + sentence(l.WhyCopied)
		}
		out = append(out, text)
	}
	return out
}

// machineNotices say what makes figures uncertain, on this machine and in this run.
func machineNotices(s *results.Summary) (out []string) {
	for _, w := range s.Run.Environment.Warnings {
		out = append(out, "Uncertain on this machine: "+sentence(w))
	}
	if s.End != nil {
		for _, w := range s.End.Warnings {
			if !slices.Contains(s.Run.Environment.Warnings, w) {
				out = append(out, "Uncertain in this run: "+sentence(w))
			}
		}
	}
	return out
}

// floorNotices say where the noise floor is unknown.
func floorNotices(s *results.Summary) []string {
	unknown := 0
	for _, g := range s.Groups {
		if noise(g.NoiseFloor) == "unknown" {
			unknown++
		}
	}
	if unknown == 0 {
		return nil
	}
	return []string{fmt.Sprintf("The noise floor is unknown in %d of %s, for want of rounds that measured %s twice (A/A): no difference can be shown there.",
		unknown, count(len(s.Groups), "comparison", "comparisons"), printable(s.Run.Plan.Baseline))}
}

// count agrees a noun with its number.
func count(n int, one, many string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s", n, one)
	}
	return fmt.Sprintf("%d %s", n, many)
}
