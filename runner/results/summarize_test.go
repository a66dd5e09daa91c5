package results_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

var (
	nan = math.NaN()
	// steady is a baseline that jitters by a percent.
	steady = []float64{1000, 1004, 996, 1010, 990, 1002, 998, 1007, 993, 1001, 999, 1005}
	// again is its second visit.
	again = []float64{1003, 999, 1001, 1004, 995, 997, 1003, 1001, 999, 1005, 995, 1000}
	// drifting slows down threefold.
	drifting = []float64{1000, 1100, 1200, 1350, 1500, 1600, 1800, 2000, 2200, 2500, 2700, 3000}
	// wild doubles now and then.
	wild = []float64{1000, 2500, 990, 1010, 9000, 1005, 995, 1000, 4000, 1002, 998, 1001}
)

func TestVerdicts(t *testing.T) {
	for _, tt := range []struct {
		name   string
		base   []float64
		aa     []float64
		other  []float64
		want   results.Verdict
		center float64
		n      int
	}{
		{"clear winner", steady, again, times(0.5, steady), results.Faster, 2, 12},
		{"clear loser", steady, again, times(2, again), results.Slower, 0.5, 12},
		{"no difference", steady, again, []float64{1005, 995, 1003, 1000, 1002, 1001, 992, 1010, 1000, 993, 1006, 999}, results.NoDifference, 1, 12},
		{"drift that cancels", drifting, drifting, times(0.8, drifting), results.Faster, 1.25, 12},
		{"heavy tails", wild, wild, times(0.5, steady), results.Faster, 2, 12},
		{"within the noise floor", steady, times(0.9, wild), times(0.98, steady), results.NoDifference, 1.02, 12},
		{"the same with little noise", steady, times(1.0001, steady), times(0.98, steady), results.Faster, 1.02, 12},
		{"the same beside a bias", steady, times(1.03, steady), times(0.98, steady), results.NoDifference, 1.02, 12},
		{"the same without A/A", steady, nil, times(0.98, steady), results.NoDifference, 1.02, 12},
		{"ties", slices.Repeat([]float64{1000}, 12), slices.Repeat([]float64{1000}, 12), slices.Repeat([]float64{1000}, 12), results.NoDifference, 1, 12},
		{"five rounds", steady[:5], nil, times(0.5, steady[:5]), results.TooFew, 2, 5},
		{"six rounds", steady[:6], again[:6], times(0.5, steady[:6]), results.Faster, 2, 6},
		{"baseline missing in rounds", []float64{1000, 0, 1000, nan, 1000, 1000, 1000, 1000, 1000}, slices.Repeat([]float64{1001}, 9), slices.Repeat([]float64{500}, 9), results.Faster, 2, 7},
		{"no baseline", nil, nil, steady, results.TooFew, nan, 0},
		{"all invalid", steady, nil, slices.Repeat([]float64{nan}, 12), results.TooFew, nan, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := results.Summarize(planted(visit{"write", false, tt.base}, visit{"write", true, tt.aa}, visit{"b", false, tt.other}))
			r := row(t, group(t, s), "b")
			if r.Verdict != tt.want || r.Ratio.N != tt.n || len(r.RatioSamples) != tt.n {
				t.Errorf("verdict %q of %d rounds (%d samples), want %q of %d", r.Verdict, r.Ratio.N, len(r.RatioSamples), tt.want, tt.n)
			}
			if math.IsNaN(tt.center) != math.IsNaN(r.Ratio.Center) || math.Abs(r.Ratio.Center-tt.center) > 0.01*tt.center {
				t.Errorf("ratio %v, want %v", r.Ratio.Center, tt.center)
			}
		})
	}
}

func TestDriftCancelsInRatiosOnly(t *testing.T) {
	g := group(t, results.Summarize(planted(visit{"write", false, drifting}, visit{"b", false, times(0.8, drifting)})))
	b, w := row(t, g, "b"), row(t, g, "write")
	if b.Rate.Low > w.Rate.High {
		t.Errorf("the rates' intervals are apart in spite of the drift: %+v, %+v", b.Rate, w.Rate)
	}
	if width := b.Ratio.HalfWidth(); width > 1e-6 {
		t.Errorf("the ratio's half-width is %v, want none", width)
	}
}

func TestRoundsFromOneToTwenty(t *testing.T) {
	for n := 1; n <= 20; n++ {
		base := slices.Repeat([]float64{1000}, n)
		r := row(t, group(t, results.Summarize(planted(visit{"write", false, base}, visit{"write", true, base}, visit{"b", false, times(0.5, base)}))), "b")
		want := results.Faster
		if n < 6 {
			want = results.TooFew
		}
		if r.Verdict != want || r.Rounds != n || r.Rate.N != n || r.Rate.Finite() != (n >= 6) {
			t.Errorf("%d rounds: verdict %q, %d rounds, rate %+v; want %q", n, r.Verdict, r.Rounds, r.Rate, want)
		}
	}
}

func TestNoiseFloor(t *testing.T) {
	// Ratios of the second visit to the first: 1000/ns. Of nine, the interval
	// reaches from the second smallest to the second largest.
	base := slices.Repeat([]float64{1000}, 9)
	aa := make([]float64, 9)
	for i, ratio := range []float64{0.8, 0.95, 0.99, 1, 1, 1.01, 1.02, 1.05, 1.3} {
		aa[i] = 1000 / ratio
	}
	g := group(t, results.Summarize(planted(visit{"write", false, base}, visit{"write", true, aa})))
	if math.Abs(g.AA.Low-0.95) > 1e-6 || math.Abs(g.AA.High-1.05) > 1e-6 || math.Abs(g.NoiseFloor-0.05) > 1e-6 {
		t.Errorf("A/A %+v, floor %v; want 0.95 to 1.05, 0.05", g.AA, g.NoiseFloor)
	}
	if len(g.Rows) != 1 || g.Rows[0].Rounds != 9 {
		t.Errorf("the second visit is a row of its own or counts as the first: %+v", g.Rows)
	}
	// CPU time is half of the time, so its ratios are 1/ratio of the rates'.
	if want := (1/0.95 - 1/1.05) / 2; math.Abs(g.CPUNoiseFloor-want) > 1e-6 {
		t.Errorf("CPU floor %v, want %v", g.CPUNoiseFloor, want)
	}
	unknown := group(t, results.Summarize(planted(visit{"write", false, base})))
	if !math.IsInf(unknown.NoiseFloor, 1) || !math.IsInf(unknown.CPUNoiseFloor, 1) {
		t.Errorf("the floors without A/A are %v and %v, want +Inf", unknown.NoiseFloor, unknown.CPUNoiseFloor)
	}
}

func TestLastTrialOfARoundCounts(t *testing.T) {
	rec := planted(visit{"write", false, []float64{4000, 1000}}, visit{"write", false, []float64{1000}})
	rec.Trials[1].Error = "planted"
	s := results.Summarize(rec)
	r := row(t, group(t, s), "write")
	if r.Rounds != 1 || r.Invalid != 1 || r.Rate.Center != 8e9 || s.Trials != 2 || s.Invalid != 1 {
		t.Errorf("rounds %d, invalid %d, rate %v, trials %d with %d invalid; want 1, 1, 8e9, 2 with 1",
			r.Rounds, r.Invalid, r.Rate.Center, s.Trials, s.Invalid)
	}
}

// TestRoundsOfSamples checks that samples keep their rounds: two strategies may
// each lack another one.
func TestRoundsOfSamples(t *testing.T) {
	rec := planted(visit{"write", false, slices.Repeat([]float64{1000}, 4)},
		visit{"a", false, []float64{500, nan, 250, 1000}}, visit{"b", false, []float64{500, 250, nan, 1000}})
	for i := range rec.Trials {
		if tr := &rec.Trials[i]; tr.Cell.Strategy == "b" && tr.Round == 3 {
			tr.CPUThreadNS = 0
		}
	}
	g := group(t, results.Summarize(rec))
	type samples struct {
		Rounds    []int
		Rate, CPU []float64
		Errors    []string
	}
	for _, tt := range []struct {
		strategy string
		want     samples
	}{
		{"a", samples{[]int{0, 2, 3}, []float64{2, 4, 1}, []float64{0.5, 0.25, 1}, []string{"planted"}}},
		{"b", samples{[]int{0, 1, 3}, []float64{2, 4, 1}, []float64{0.5, 0.25, nan}, []string{"planted"}}},
		{"write", samples{}},
	} {
		r := row(t, g, tt.strategy)
		got := samples{r.RatioRounds, r.RatioSamples, r.CPURatioSamples, r.Errors}
		if diff := cmp.Diff(tt.want, got, cmpopts.EquateNaNs(), cmpopts.EquateApprox(1e-12, 0)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.strategy, diff)
		}
	}
}

func TestOrder(t *testing.T) {
	rec := resultstest.Default()
	var before strings.Builder
	if err := results.Write(&before, rec); err != nil {
		t.Fatal(err)
	}
	s := results.Summarize(rec)
	var got []string
	for _, g := range s.Groups {
		got = append(got, fmt.Sprintf("%s %s %s %d", g.Cell.NIC, results.FormatBytes(g.Cell.Footprint), g.Cell.Fill, g.Cell.Size))
		for i, r := range g.Rows {
			if want := rec.Run.Plan.Strategies[i]; r.Strategy != want {
				t.Fatalf("row %d of %v is %s, want %s", i, g.Cell, r.Strategy, want)
			}
		}
	}
	var want []string
	add := func(nic, footprint, fill string, sizes ...int) {
		for _, size := range sizes {
			want = append(want, fmt.Sprintf("%s %s %s %d", nic, footprint, fill, size))
		}
	}
	large := []int{4096, 8192, 16384, 32768, 64000}
	add("default", "1Mi", "stamp", append([]int{64, 256, 1400}, large...)...)
	add("default", "1Mi", "full", large...)
	add("default", "533Mi", "stamp", large...)
	add("default", "533Mi", "full", large...)
	for _, nic := range []string{"tx-udp-segmentation=off", "tx-scatter-gather=off", "mtu=9000"} {
		add(nic, "1Mi", "stamp", 1400, 8192, 16384, 64000)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	again := results.Summarize(rec)
	if diff := cmp.Diff(s, again, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("a second summary differs:\n%s", diff)
	}
	var after strings.Builder
	if err := results.Write(&after, rec); err != nil {
		t.Fatal(err)
	}
	if before.String() != after.String() {
		t.Error("Summarize changed the record")
	}
}

// TestUnplannedNamesFollow checks that what the plan doesn't list is shown
// nevertheless, after what it does, by the alphabet.
func TestUnplannedNamesFollow(t *testing.T) {
	ns := []float64{1000}
	g := group(t, results.Summarize(planted(visit{"z", false, ns}, visit{"a", false, ns}, visit{"c", false, ns}, visit{"write", false, ns}, visit{"b", false, ns})))
	var got []string
	for _, r := range g.Rows {
		got = append(got, r.Strategy)
	}
	if want := []string{"write", "b", "a", "c", "z"}; !slices.Equal(got, want) {
		t.Errorf("rows %v, want %v", got, want)
	}
}

func TestSummarizeNothing(t *testing.T) {
	s := results.Summarize(&results.Record{})
	if len(s.Groups) != 0 || s.Trials != 0 || s.End != nil {
		t.Errorf("summary of an empty record: %+v", s)
	}
}

func BenchmarkSummarize(b *testing.B) {
	rec := resultstest.Planted(resultstest.Options{Rounds: 360})
	for b.Loop() {
		results.Summarize(rec)
	}
	b.ReportMetric(float64(len(rec.Trials)), "trials")
}
