package report

import (
	"fmt"
	"math"
	"strings"

	"sendbench/runner/results"
)

// sayUnshown counts the comparisons of throughput with the baseline that show nothing,
// by why.
func (v *voice) sayUnshown(st SettingDecision) {
	all, none := 0, 0
	by := make(map[string]int)
	low, high := math.Inf(1), 0.0
	for _, b := range st.Buffers {
		for _, g := range b.walk.groups {
			all += len(without(strategiesOf([]results.Group{g}), func(name string) bool { return name == v.decision.Run.Baseline }))
			if finite(g.NoiseFloor) {
				low, high = math.Min(low, g.NoiseFloor), math.Max(high, g.NoiseFloor)
			}
		}
		for _, u := range b.NotShown {
			if u.Metric == MetricThroughput {
				by[u.Why] += len(u.SizesBytes)
				none += len(u.SizesBytes)
			}
		}
	}
	if none == 0 {
		return
	}
	var parts []string
	for _, why := range unshownWords {
		if by[why.reason] == 0 {
			continue
		}
		number := fmt.Sprint(by[why.reason])
		switch {
		case all == 1:
			number = ""
		case none == by[why.reason]:
			number = "all "
		default:
			number += " "
		}
		parts = append(parts, number+why.words)
		if why.reason == whyWithin {
			parts[len(parts)-1] += " (" + floorSpan(low, high) + ")"
		}
	}
	of := "the difference"
	if all > 1 {
		of = fmt.Sprintf("%d of %d differences", none, all)
	}
	v.say("Not shown", nil, "%s from %s in throughput: %s.", of, v.baseline, strings.Join(parts, ", "))
}

// unshownWords follow the number of comparisons that show nothing for a reason.
var unshownWords = []struct{ reason, words string }{
	{whyWithin, "within the noise floor"},
	{whyHoldsOne, "with 1 in the interval"},
	{whyCorrection, "not significant once corrected"},
	{whyNoFloor, "for want of a noise floor"},
	{whyTooFew, "for want of rounds"},
	{whyApart, "without a round that has both"},
	{whyInvalid, "without a valid round"},
	{whyNoBaseline, "without a valid round of the baseline"},
}

// floorSpan is the least and the greatest noise floor: ±1.2 to 3.4 %.
func floorSpan(low, high float64) string {
	if figure(low*100) == figure(high*100) {
		return noise(low)
	}
	return "±" + figure(low*100) + " to " + figure(high*100) + " %"
}

// sayGaps names what has no figures in a setting, since the answers above are silent on it:
// what this machine can't send, what was tried without a valid round, and what the run
// didn't get to.
func (v *voice) sayGaps(st SettingDecision) {
	if parts := v.blankPlaces(st, whyUnsupported); len(parts) > 0 {
		v.say("Not measured here", nil, "%s; the reasons are under Unsupported.", someOf(parts, "; "))
	}
	if parts := v.blankPlaces(st, whyInvalid); len(parts) > 0 {
		v.say("Without a valid round", nil, "%s.", someOf(parts, "; "))
	}
	if parts := v.blankPlaces(st, whyUnmeasured); len(parts) > 0 {
		v.say("Not reached by the run", nil, "%s.", someOf(parts, "; "))
	}
}

// blankPlaces are the strategies' cells without figures for a reason.
func (v *voice) blankPlaces(st SettingDecision, why string) []string {
	var p places
	names := strategyNames(v.summary)
	for _, b := range st.Buffers {
		sizes := b.walk.planned()
		for _, name := range names {
			p.add(name, b.walk.kind(), sizes, func(size int) bool {
				is, _ := b.walk.blank(name, size)
				return is == why
			}, "")
		}
	}
	return p.lines()
}

// tooFew reports whether strategies share rounds with the baseline, but none has enough of
// them for a verdict.
func tooFew(w walk) bool {
	if comparisons(w) == 0 {
		return false
	}
	compared := false
	for _, g := range w.groups {
		for _, r := range g.Rows {
			switch r.Verdict {
			case results.Baseline:
			case results.TooFew:
				compared = true
			default:
				return false
			}
		}
	}
	return compared
}

// comparisons is how many of a walk are corrected together.
func comparisons(w walk) int {
	n := 0
	for _, g := range w.groups {
		for _, r := range g.Rows {
			if r.Verdict != results.Baseline && r.Ratio.N > 0 {
				n++
			}
		}
	}
	return n
}

func mostRounds(w walk) int {
	most := 0
	for _, g := range w.groups {
		for _, r := range g.Rows {
			most = max(most, r.Rounds)
		}
	}
	return most
}
