package report

import (
	"fmt"
	"slices"

	"sendbench/runner/results"
)

// sayZeroCopy tells from which size on zero copy is worth it, over the baseline
// and over the best of those that copy, and what it brings at the largest size.
func (v *voice) sayZeroCopy(w walk, copied []string) {
	names := zeroCopyNames(w)
	if len(names) == 0 {
		v.say("Zero copy", "no strategy that asks for it was measured.")
		return
	}
	names = without(names, func(n string) bool { return slices.Contains(copied, n) })
	if len(names) == 0 {
		return // sayCopied has told why
	}
	largest := w.groups[len(w.groups)-1]
	worth := crossing(w, names, func(g results.Group, name string) int {
		r, ok := rowOf(g, name)
		switch {
		case ok && r.Verdict == results.Faster:
			return 1
		case ok && r.Verdict == results.Slower:
			return -1
		}
		return 0
	})
	if worth != "" {
		v.say("Zero copy", "worth it over %s %s.", v.baseline, worth)
	} else {
		v.say("Zero copy", "none that asks for it is shown faster than %s at %d B, so from which size on it is worth it was not shown.", v.baseline, largest.Cell.Size)
	}
	if worth != "" && copyingRivals(w, names) {
		text := crossing(w, names, func(g results.Group, name string) int {
			low, high := bestCopying(g, names)
			r, ok := rowOf(g, name)
			switch {
			case ok && r.Verdict == results.Faster && r.Ratio.Low > high:
				return 1
			case ok && r.Ratio.Finite() && r.Ratio.High < low:
				return -1
			}
			return 0
		})
		if text != "" {
			v.say("Zero copy against all that copy", "ahead %s.", text)
		} else {
			v.say("Zero copy against all that copy", "not shown ahead of the best of them at %d B.", largest.Cell.Size)
		}
	}
	v.sayLargest(largest, names)
}

// zeroCopyNames are the strategies that were notified of zero-copy sends.
func zeroCopyNames(w walk) []string {
	var names []string
	for _, g := range w.groups {
		for _, r := range g.Rows {
			if zeroCopy(r) && !slices.Contains(names, r.Strategy) {
				names = append(names, r.Strategy)
			}
		}
	}
	return names
}

// copyingRivals reports whether strategies besides the baseline copy.
func copyingRivals(w walk, zc []string) bool {
	for _, g := range w.groups {
		for _, r := range g.Rows {
			if r.Verdict != results.Baseline && !slices.Contains(zc, r.Strategy) {
				return true
			}
		}
	}
	return false
}

// bestCopying is the interval that the best of those that copy is in: one beyond
// high is ahead of them all, one short of low behind at least one. The baseline
// is at 1.
func bestCopying(g results.Group, zc []string) (low, high float64) {
	low, high = 1, 1
	for _, r := range g.Rows {
		if r.Verdict != results.Baseline && !slices.Contains(zc, r.Strategy) {
			low, high = max(low, r.Ratio.Low), max(high, r.Ratio.High)
		}
	}
	return low, high
}

// crossing says from which measured size on the first of the strategies wins for
// good; "" where none does. beats is 1 where a strategy is shown ahead, -1 where
// it is shown behind and 0 where neither is: a crossover lies between the last
// size of the one kind and the first of the other, not merely before the first
// that is shown.
func crossing(w walk, names []string, beats func(g results.Group, name string) int) string {
	first := len(w.groups)
	var who []string
	for _, name := range names {
		i, ok := since(w.groups, func(g results.Group) bool { return beats(g, name) > 0 })
		switch {
		case !ok || i > first:
		case i < first:
			first, who = i, []string{name}
		default:
			who = append(who, name)
		}
	}
	if first == len(w.groups) {
		return ""
	}
	at, by := w.groups[first].Cell.Size, join(printables(who), "and")
	switch {
	case len(w.groups) == 1:
		return fmt.Sprintf("at %d B, the only size measured (%s)", at, by)
	case first == 0:
		return fmt.Sprintf("at every size measured, from %d B on (%s)", at, by)
	}
	text := fmt.Sprintf("from %d B on (%s)", at, by)
	if first == len(w.groups)-1 {
		text = fmt.Sprintf("at %d B, the largest size measured (%s)", at, by)
	}
	behind := first - 1
	for behind >= 0 && slices.ContainsFunc(who, func(name string) bool { return beats(w.groups[behind], name) >= 0 }) {
		behind--
	}
	if behind == first-1 {
		return text + fmt.Sprintf("; the crossover lies between %d and %d B", w.groups[behind].Cell.Size, at)
	}
	text += fmt.Sprintf("; not shown at %d B", w.groups[first-1].Cell.Size)
	if behind >= 0 {
		text += fmt.Sprintf(", so the crossover lies between %d and %d B", w.groups[behind].Cell.Size, at)
	}
	return text
}
