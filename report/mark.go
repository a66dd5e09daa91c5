package report

import "sendbench/runner/results"

// mark is how a verdict is shown in tables, on the page and in text alike.
type mark struct {
	sign  string // before the words, and in a heat map beside a value without a claim
	words string
	short string // where there is little room
	class string // of the table's cell
}

// The baseline, and a record that doesn't say, have no mark.
var (
	markAbove   = mark{"▲", string(results.Faster), "faster", "up"}
	markBelow   = mark{"▼", string(results.Slower), "slower", "dn"}
	markCheaper = mark{"▲", "cheaper", "cheaper", "up"}
	markDearer  = mark{"▼", "dearer", "dearer", "dn"}
	markNone    = mark{"=", string(results.NoDifference), "not shown", "no"}
	markTooFew  = mark{"?", string(results.TooFew), "too few", "no"}
	markBase    = mark{"", string(results.Baseline), "baseline", "no"}
)

// rateMark is the mark of a verdict on throughput.
func rateMark(v results.Verdict) mark {
	switch v {
	case results.Faster:
		return markAbove
	case results.Slower:
		return markBelow
	}
	return undirected(v)
}

// costMark is the mark of a verdict on CPU time: what is faster there is cheaper.
func costMark(v results.Verdict) mark {
	switch v {
	case results.Faster:
		return markCheaper
	case results.Slower:
		return markDearer
	}
	return undirected(v)
}

// because adds to a mark that shows nothing why it doesn't, by the reason that a Decision
// gives for the claim.
func (m mark) because(why string) mark {
	if short, ok := whyShort[why]; ok && m == markNone {
		m.words, m.short = m.short+": "+short, short
	}
	return m
}

// whyShort are the reasons for which a comparison shows nothing, in a word or two.
var whyShort = map[string]string{whyNoFloor: "no floor", whyWithin: "noise", whyHoldsOne: "1 inside", whyCorrection: "corrected"}

// marksOf are those of a row's throughput and CPU time, with what each fails to show.
func marksOf(g results.Group, r results.Row) (rate, cost mark) {
	throughput, cpu := againstBaseline(g, r, baselineOf(g))
	return rateMark(r.Verdict).because(whyNot(throughput, g, r)), costMark(r.CPUVerdict).because(whyNot(cpu, g, r))
}

// undirected is the mark of a verdict that claims nothing.
func undirected(v results.Verdict) mark {
	switch v {
	case results.Baseline:
		return markBase
	case results.NoDifference:
		return markNone
	case results.TooFew:
		return markTooFew
	}
	return mark{words: none, short: none, class: "no"}
}
