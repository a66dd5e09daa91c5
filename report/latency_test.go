package report

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"sendbench/runner/results"
)

// TestUnsent shows percentiles that weren't reached as what is known of them, wherever
// latency is shown, and names no lowest among those.
func TestUnsent(t *testing.T) {
	inf := math.Inf(1)
	s := pacing(brief(), 10000)
	for i := range s.Groups {
		g := &s.Groups[i]
		for j := range g.Rows {
			l := g.Rows[j].Latency
			l.P999 = results.Interval{Center: inf, Low: 5e6, High: inf, N: 12}
			l.Max = results.Interval{Center: inf, Low: inf, High: inf, N: 12}
			l.Buckets = [][2]int64{{1000, 90000}, {5e6, 9000}}
			l.Unsent = 1000
		}
	}
	lowest, all := tailed(s.Groups[0])
	if len(lowest) == 0 || all != len(s.Groups[0].Rows) {
		t.Errorf("the lowest p99 of %d: %q", all, lowest)
	}
	page := renderPage(t, s)
	checkPage(t, page)
	for _, want := range []string{"over 5.00 ms", "5.00 ms to over 5.00 ms", "of the messages that were due were never sent within their trials"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page doesn't say %q", want)
		}
	}
	var text bytes.Buffer
	if err := alone(s).text(&text, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "over 5.00 ms") {
		t.Error("the text doesn't say that the latest is over 5 ms")
	}
	for _, out := range []string{page, text.String()} {
		if strings.Contains(out, "Inf") || strings.Contains(out, "NaN") {
			t.Error("Inf or NaN is shown")
		}
	}
	tail, ok := newTail(s.Groups[0].Rows[0], look{})
	if last := tail.steps[len(tail.steps)-1]; !ok || math.Abs(last.slower-0.01) > 1e-9 {
		t.Errorf("above the latest message is %v of all, want the hundredth that was never sent", last.slower)
	}
	// The first strategy reaches p99, then none does.
	none := results.Interval{Center: inf, Low: inf, High: inf, N: 12}
	g := s.Groups[0]
	for j := range g.Rows[1:] {
		g.Rows[1+j].Latency.P99 = none
	}
	if lowest, all := tailed(g); !slices.Equal(lowest, []string{g.Rows[0].Strategy}) || all != len(g.Rows) {
		t.Errorf("%q of %d, want the first alone of all", lowest, all)
	}
	g.Rows[0].Latency.P99 = none
	if lowest, all := tailed(g); lowest != nil || all != 0 {
		t.Errorf("%q of %d, want none", lowest, all)
	}
}
