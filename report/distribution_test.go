package report

import (
	"math"
	"testing"

	"sendbench/runner/results"
)

// TestMarksLieOnCurves: the percentiles of a tail are where its own line comes down to
// their shares, whatever the rounds' medians are, and one that it doesn't reach has none.
func TestMarksLieOnCurves(t *testing.T) {
	l := &results.LatencySummary{
		Buckets: [][2]int64{{1000, 600}, {10_000, 350}, {100_000, 45}}, Unsent: 5,
		P99: results.Interval{Center: 7, Low: 6, High: 8, N: 12},
	}
	got, ok := newTail(results.Row{Strategy: "write", Latency: l}, look{})
	if !ok || got.p99 != l.P99 {
		t.Fatalf("%+v, %t", got, ok)
	}
	// 40 % are slower than 1 µs, 5 % than 10 µs and 0.5 % than 100 µs.
	want := []tailStep{{1000, 0.5}, {1000 * math.Pow(10, math.Log(4)/math.Log(8)), 0.1}, {10_000 * math.Pow(10, math.Log(5)/math.Log(10)), 0.01}}
	if len(got.marks) != len(want) {
		t.Fatalf("marks %v, want %v: p99.9 is of messages that were never sent", got.marks, want)
	}
	for i, w := range want {
		if m := got.marks[i]; m.slower != w.slower || math.Abs(m.ns/w.ns-1) > 1e-9 {
			t.Errorf("%v, want %v", m, w)
		}
	}
}
