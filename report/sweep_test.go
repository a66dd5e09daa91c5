package report

import (
	"testing"

	"sendbench/runner/results"
)

// TestWarmth holds cold to what the trials touched.
func TestWarmth(t *testing.T) {
	const llc = 100
	row := func(rounds int, touched int64) results.Row { return results.Row{Rounds: rounds, TouchedBytes: touched} }
	tests := []struct {
		name      string
		footprint int64
		rows      []results.Row
		llc       int64
		want      string
	}{
		{"fits", 100, []results.Row{row(6, 100)}, llc, "hot"},
		{"twice as large and touched", 200, []results.Row{row(6, 200), row(6, 200)}, llc, "cold"},
		{"one strategy touched less", 200, []results.Row{row(6, 200), row(6, 199)}, llc, "warm"},
		{"a row without trials doesn't count", 200, []results.Row{row(6, 200), row(0, 0)}, llc, "cold"},
		{"between", 150, []results.Row{row(6, 150)}, llc, "warm"},
		{"unknown cache", 1 << 20, nil, 0, "hot"},
		{"unknown cache, much", 2 << 20, []results.Row{row(6, 2<<20)}, 0, "cold"},
	}
	for _, tt := range tests {
		w := walk{footprint: tt.footprint, groups: []results.Group{{Rows: tt.rows}}}
		if got := w.warmth(tt.llc); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
