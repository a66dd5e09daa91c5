package report

import (
	"bytes"
	"math"
	"regexp"
	"strings"
	"testing"

	"sendbench/runner/results"
)

// TestUnsent shows percentiles that weren't reached as what is known of them, wherever
// latency is shown.
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
	script := regexp.MustCompile(`(?s)<script[^>]*>.*?</script>`)
	for _, out := range []string{script.ReplaceAllString(page, ""), text.String()} {
		if strings.Contains(out, "Inf") || strings.Contains(out, "NaN") {
			t.Error("Inf or NaN is shown")
		}
	}
	tail, ok := newTail(s.Groups[0].Rows[0], look{})
	if last := tail.steps[len(tail.steps)-1]; !ok || math.Abs(last.slower-0.01) > 1e-9 {
		t.Errorf("above the latest message is %v of all, want the hundredth that was never sent", last.slower)
	}
}
