package report

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"sendbench/runner/results"
)

// notice is what a reader must know before any figure, or may want to know.
type notice struct {
	Text  string
	doubt string // what makes the answer uncertain, in a word or two; "" if it doesn't
}

// mostGrave is how many notices are shown at once; the others are folded.
const mostGrave = 6

// urgent are the notices to be shown, and rest those to be folded.
func urgent(all []notice) (shown, rest []notice) {
	for _, n := range all {
		if n.doubt != "" && len(shown) < mostGrave {
			shown = append(shown, n)
		} else {
			rest = append(rest, n)
		}
	}
	return shown, rest
}

// doubts are what makes the answer uncertain, for a table or a list of records.
func doubts(all []notice) (out []string) {
	for _, n := range all {
		if n.doubt != "" {
			out = addOnce(out, n.doubt)
		}
	}
	return out
}

// notices are all of them, those first that make the answer uncertain: that the link isn't
// the one asked for, that messages were lost, that trials were invalid, that the machine
// was disturbed. How far the run came the advice says.
func notices(s *results.Summary) []notice {
	var out []notice
	add := func(doubt string, texts ...string) {
		for _, text := range texts {
			out = append(out, notice{text, doubt})
		}
	}
	out = append(out, benchNotices(s.Run.Bench)...)
	add("nothing measured", emptyNotices(s)...)
	add("the link", linkNotices(s.Run.Environment.Link)...)
	add("lost messages", lossNotices(s)...)
	if s.Invalid > 0 {
		add("invalid trials", fmt.Sprintf("%d of %s invalid and their figures left out.", s.Invalid, count(s.Trials, "trial was", "trials were")))
	}
	add("biased baseline", biasNotices(s)...)
	add("unknown noise", floorNotices(s)...)
	add("disturbed", runNotices(s)...)
	add(many("warnings", s.Warned, s.Trials), warnedNotices(s)...)
	add(many("unsteady rates", driftingTrials(s), s.Trials), driftNotices(s)...)
	add("", peerNotices(s.Run.Environment.Link)...)
	add("", machineNotices(s)...)
	if n := marked(s, doubtful); n > 0 {
		add("", fmt.Sprintf("%s marked with ! in the tables: of the rounds some are invalid, or more than a quarter carry a warning.", count(n, "row is", "rows are")))
	}
	add("", precisionNotices(s)...)
	if s.End != nil && s.End.Status == results.StatusComplete && s.End.Reason != "" && !BudgetEnded(s.End) {
		add("", sentence(s.End.Reason))
	}
	return out
}

// many is a doubt where it is true of more than a quarter.
func many(doubt string, n, all int) string {
	if 4*n > all {
		return doubt
	}
	return ""
}

// warnedNotices say how many trials carry warnings.
func warnedNotices(s *results.Summary) []string {
	if s.Warned == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of %s a warning, told under Warnings.", s.Warned, count(s.Trials, "trial carries", "trials carry"))}
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

// machineNotices say what makes figures uncertain on this machine, whatever runs there.
func machineNotices(s *results.Summary) (out []string) {
	for _, w := range s.Run.Environment.Warnings {
		out = append(out, "Uncertain on this machine: "+sentence(w))
	}
	return out
}

// runNotices say what disturbed this run. Of what each part of a resumed run says in other
// figures, the worst is said, which is the greatest.
func runNotices(s *results.Summary) []string {
	if s.End == nil {
		return nil
	}
	var kinds, worst []string
	for _, w := range s.End.Warnings {
		if slices.Contains(s.Run.Environment.Warnings, w) {
			continue
		}
		kind := numbers.ReplaceAllString(w, "0")
		i := slices.Index(kinds, kind)
		switch {
		case i < 0:
			kinds, worst = append(kinds, kind), append(worst, w)
		case firstNumber(w) > firstNumber(worst[i]):
			worst[i] = w
		}
	}
	for i, w := range worst {
		worst[i] = "Uncertain in this run: " + sentence(w)
	}
	return worst
}

// plainNumber is a figure without a unit.
var plainNumber = regexp.MustCompile(`[0-9]+(\.[0-9]+)?`)

// firstNumber is the first figure of a text, 0 without any.
func firstNumber(text string) float64 {
	v, err := strconv.ParseFloat(plainNumber.FindString(text), 64)
	if err != nil {
		return 0
	}
	return v
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
