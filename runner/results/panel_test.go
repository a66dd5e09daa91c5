package results_test

import (
	"math"
	"slices"
	"testing"

	"sendbench/runner/results"
)

// TestPanels checks which comparisons are corrected together: the sizes and
// strategies of a panel, and rates apart from CPU time.
func TestPanels(t *testing.T) {
	rec := planted()
	add := func(size int, footprint int64, strategy string, aa bool, ns, cpu []float64) {
		from := planted(visit{strategy, aa, ns})
		for i, tr := range from.Trials {
			tr.Cell.Size, tr.Cell.Footprint = size, footprint
			tr.Bytes = int64(size) * tr.Messages
			tr.CPUThreadNS = int64(1e6 * cpu[i])
			rec.Trials = append(rec.Trials, tr)
		}
	}
	for _, size := range []int{100, 1000} {
		add(size, 1<<20, "write", false, steady, steady)
		add(size, 1<<20, "write", true, again, again)
		add(size, 1<<20, "a", false, times(0.5, steady), steady) // twice as fast, as dear
	}
	add(1000, 1<<20, "b", false, steady, times(0.5, steady)) // as fast, half as dear
	add(1000, 1<<30, "write", false, steady, steady)
	add(1000, 1<<30, "write", true, times(0.8, again), again) // a baseline that isn't its own like
	add(1000, 1<<30, "a", false, times(2, steady), times(2, steady))

	const least = 2.0 / 4096 // of twelve rounds
	type want struct {
		p, cpu              float64
		verdict, cpuVerdict results.Verdict
	}
	s := results.Summarize(rec)
	for _, tt := range []struct {
		size      int
		footprint int64
		strategy  string
		want
	}{
		// Three comparisons in the panel: two at the least p of rates, one of CPU time.
		{100, 1 << 20, "a", want{3 * least, 1, results.Faster, results.NoDifference}},
		{1000, 1 << 20, "a", want{3 * least, 1, results.Faster, results.NoDifference}},
		{1000, 1 << 20, "b", want{1, 3 * least, results.NoDifference, results.Faster}},
		// One in the other.
		{1000, 1 << 30, "a", want{least, least, results.Slower, results.Slower}},
	} {
		i := slices.IndexFunc(s.Groups, func(g results.Group) bool { return g.Cell.Size == tt.size && g.Cell.Footprint == tt.footprint })
		r := row(t, s.Groups[i], tt.strategy)
		if got := (want{r.P, r.CPUP, r.Verdict, r.CPUVerdict}); math.Abs(got.p-tt.p) > 1e-12 || math.Abs(got.cpu-tt.cpu) > 1e-12 ||
			got.verdict != tt.verdict || got.cpuVerdict != tt.cpuVerdict {
			t.Errorf("%s at %d B of %d: %+v, want %+v", tt.strategy, tt.size, tt.footprint, got, tt.want)
		}
	}
	for _, g := range s.Groups {
		want := results.NoDifference
		if g.Cell.Footprint == 1<<30 {
			want = results.Faster
		}
		if g.AAVerdict != want {
			t.Errorf("the baseline against itself at %d B of %d: %q, want %q", g.Cell.Size, g.Cell.Footprint, g.AAVerdict, want)
		}
	}
	if base := row(t, s.Groups[0], "write"); base.Verdict != results.Baseline || !math.IsNaN(base.P) {
		t.Errorf("the baseline has verdict %q and p = %v", base.Verdict, base.P)
	}
}

func TestAAVerdictOfFewRounds(t *testing.T) {
	g := group(t, results.Summarize(planted(visit{"write", false, steady[:5]}, visit{"write", true, again[:5]})))
	if g.AAVerdict != results.TooFew {
		t.Errorf("of five rounds: %q", g.AAVerdict)
	}
	g = group(t, results.Summarize(planted(visit{"write", false, steady})))
	if g.AAVerdict != results.TooFew {
		t.Errorf("without a second visit: %q", g.AAVerdict)
	}
}
