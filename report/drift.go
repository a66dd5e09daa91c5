package report

import (
	"fmt"
	"strings"

	"sendbench/runner/results"
)

// drifts reports whether a row's rounds drift, or more than a quarter of its
// trials did within themselves.
func drifts(r results.Row) bool { return r.Unsteady || 4*r.Drifting > r.Rounds }

// driftingTrials counts the trials within which the rate wasn't steady.
func driftingTrials(s *results.Summary) (n int) {
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			n += r.Drifting
		}
	}
	return n
}

// driftNotices say which figures come from rates that weren't steady.
func driftNotices(s *results.Summary) []string {
	trials, drifting := 0, driftingTrials(s)
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			trials += r.Rounds
		}
	}
	var parts []string
	if drifting > 0 {
		parts = append(parts, fmt.Sprintf("Of %s %d %s not steady: the rate drifted or wandered within the trial.",
			count(trials, "trial", "trials"), drifting, plural(drifting, "was", "were")))
	}
	if n := marked(s, func(r results.Row) bool { return r.Unsteady }); n > 0 {
		parts = append(parts, fmt.Sprintf("%s from round to round, which ratios suffer less from than rates, as they are taken inside rounds.", count(n, "row drifts", "rows drift")))
	}
	if len(parts) == 0 {
		return nil
	}
	if marked(s, drifts) > 0 {
		parts = append(parts, "In the tables ~ marks rows that do, or of which more than a quarter of the trials did.")
	}
	return []string{strings.Join(append(parts, "Nothing was dropped."), " ")}
}
