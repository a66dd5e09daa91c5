package report

import (
	"math"
	"testing"

	"sendbench/runner/results"
)

// TestMarksSayWhy: a row that shows nothing says why beside the sign, as the decision does.
func TestMarksSayWhy(t *testing.T) {
	write := results.Row{Strategy: "write", Rounds: 12, Verdict: results.Baseline, Ratio: results.Interval{Center: 1, Low: 1, High: 1, N: 12}}
	for _, tt := range []struct {
		name    string
		ratio   results.Interval
		floor   float64
		verdict results.Verdict
		want    string // the cell's words on the page
	}{
		{"shown", results.Interval{Center: 1.5, Low: 1.4, High: 1.6, N: 12}, 0.02, results.Faster, "faster"},
		{"corrected", results.Interval{Center: 1.5, Low: 1.1, High: 1.9, N: 12}, 0.02, results.NoDifference, "not shown: corrected"},
		{"noise", results.Interval{Center: 1.05, Low: 1.02, High: 1.08, N: 12}, 0.1, results.NoDifference, "not shown: noise"},
		{"one inside", results.Interval{Center: 1.2, Low: 0.9, High: 1.5, N: 12}, 0.02, results.NoDifference, "not shown: 1 inside"},
		{"no floor", results.Interval{Center: 1.5, Low: 1.4, High: 1.6, N: 12}, math.Inf(1), results.NoDifference, "not shown: no floor"},
		{"rounds", results.Interval{Center: 1.5, Low: math.Inf(-1), High: math.Inf(1), N: 3}, 0.02, results.TooFew, string(results.TooFew)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := results.Row{Strategy: "zc", Rounds: 12, Ratio: tt.ratio, Verdict: tt.verdict, CPURatio: tt.ratio, CPUVerdict: tt.verdict}
			g := results.Group{NoiseFloor: tt.floor, CPUNoiseFloor: tt.floor, Rows: []results.Row{write, r}}
			rate, cost := marksOf(g, r)
			if rate.words != tt.want || cost.sign != rate.sign || tt.verdict == results.NoDifference && cost != rate {
				t.Errorf("%q and %q, want %q", rate.words, cost.words, tt.want)
			}
		})
	}
}
