package results_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sendbench/runner/results"
)

func TestRowFigures(t *testing.T) {
	rec := planted(visit{"write", false, slices.Repeat([]float64{1000}, 6)}, visit{"write", true, slices.Repeat([]float64{1000}, 6)}, visit{"b", false, slices.Repeat([]float64{500}, 6)})
	rec.Run.Environment.Clocks = []results.Clock{{Field: "cpu_machine_ns", ResolutionNS: 1e7}}
	for i := range rec.Trials {
		tr := &rec.Trials[i]
		ticks := int64(100) // of 10 ms: a second for 1e9 bytes
		tr.CPUMachineTicks = &ticks
		tr.Syscalls = 1e6 / 32
		if tr.Cell.Strategy == "b" {
			tr.Notifications, tr.Copied, tr.Notices = 100, 25, 50
			tr.ReleaseMeanNS, tr.ReleaseP50NS, tr.ReleaseP99NS = 20, int64(10+tr.Round), int64(100+tr.Round)
			tr.ReleaseMaxNS, tr.InFlightMax = int64(1000+tr.Round), 7-tr.Round
			tr.CPUHelperNS = tr.CPUThreadNS
			tr.CPUProcessNS = 7e8
			softirq, instructions, cycles, misses := int64(1e8), int64(3e9+tr.Round), int64(2e9), int64(5e6)
			tr.CPUSoftirqNS, tr.Instructions, tr.Cycles, tr.CacheMisses = &softirq, &instructions, &cycles, &misses
			tr.TouchedBytes = int64(1000 - tr.Round)
			tr.Warnings = []string{"late", fmt.Sprint("round ", tr.Round/3)}
			if tr.Round > 3 {
				tr.HalfRatio = 1.5
			}
		}
	}
	between6 := func(center, low, high float64) results.Interval {
		return results.Interval{Center: center, Low: low, High: high, Confidence: 0.96875, N: 6}
	}
	of6 := func(v float64) results.Interval { return between6(v, v, v) }
	s := results.Summarize(rec)
	got, want := row(t, group(t, s), "b"), results.Row{
		Strategy: "b", Rounds: 6,
		Rate: of6(16e9), MsgRate: of6(2e6), Ratio: of6(2), P: 2.0 / 64, Verdict: results.Faster,
		CPUPerByte: of6(0.5), CPUPerMessage: of6(500), CPURatio: of6(1), CPUP: 1, CPUVerdict: results.NoDifference,
		ProcessCPUPerByte: of6(0.7), SoftirqCPUPerByte: of6(0.1), MachineCPUPerByte: 1, MachineTicks: 600,
		InstructionsPerByte: between6(3+2.5e-9, 3, 3+5e-9), CyclesPerByte: of6(2), CacheMissesPerMessage: of6(5),
		Notifications: 600, Copied: 150, Notices: 300, ReleaseP50: between6(12.5, 10, 15), ReleaseP99: between6(102.5, 100, 105), ReleaseMaxNS: 1005,
		Held:         of6(20 * 2), // 2 bytes a nanosecond
		HeldMaxBytes: 7 * 1000,
		Syscalls:     6 * 1e6 / 32, Messages: 6e6, TouchedBytes: 995,
		RateRounds:      []int{0, 1, 2, 3, 4, 5},
		RateSamples:     slices.Repeat([]float64{16e9}, 6),
		CPUSamples:      slices.Repeat([]float64{0.5}, 6),
		RatioRounds:     []int{0, 1, 2, 3, 4, 5},
		RatioSamples:    slices.Repeat([]float64{2}, 6),
		CPURatioSamples: slices.Repeat([]float64{1}, 6),
		Drifting:        2,
		Warnings:        []string{"late", "round 0", "round 1"},
		Warned:          6,
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if share, ok := got.CopiedShare(); share != 0.25 || !ok {
		t.Errorf("copied share %v, %t; want 0.25", share, ok)
	}
	base := row(t, group(t, s), "write")
	if _, ok := base.CopiedShare(); ok || base.Verdict != results.Baseline || base.CPUVerdict != results.Baseline || base.Ratio.Center != 1 {
		t.Errorf("baseline: %+v", base)
	}
	for what, v := range map[string]float64{
		"p": base.P, "CPU p": base.CPUP, "process": base.ProcessCPUPerByte.Center, "softirq": base.SoftirqCPUPerByte.Center,
		"instructions": base.InstructionsPerByte.Center, "cycles": base.CyclesPerByte.Center, "misses": base.CacheMissesPerMessage.Center,
		"p50": base.ReleaseP50.Center, "p99": base.ReleaseP99.Center, "max": base.ReleaseMaxNS, "held": base.Held.Center, "held max": base.HeldMaxBytes,
	} {
		if !math.IsNaN(v) {
			t.Errorf("%s of the baseline is %v, want NaN: it wasn't measured", what, v)
		}
	}
}

// TestMachineCPU checks the sources of the machine's CPU time: ticks, none, and ns.
func TestMachineCPU(t *testing.T) {
	rec := planted(visit{"write", false, slices.Repeat([]float64{1000}, 6)})
	rec.Run.Environment.Clocks = []results.Clock{{Field: "cpu_machine_ns", ResolutionNS: 1e7}}
	figure := func() float64 { return row(t, group(t, results.Summarize(rec)), "write").MachineCPUPerByte }
	ticks, direct := int64(100), int64(3e9)
	for i := range rec.Trials {
		rec.Trials[i].CPUMachineTicks = &ticks
	}
	if got := figure(); math.Abs(got-1) > 1e-12 {
		t.Errorf("in ticks: %v, want 1 ns a byte", got)
	}
	rec.Trials[3].CPUMachineTicks = nil
	if got := figure(); !math.IsNaN(got) {
		t.Errorf("with a round that lacks it: %v, want NaN", got)
	}
	for i := range rec.Trials {
		rec.Trials[i].CPUMachineNS = &direct
	}
	if got := figure(); math.Abs(got-3) > 1e-12 {
		t.Errorf("in ns: %v, want 3 ns a byte", got)
	}
}

func TestFlowRates(t *testing.T) {
	rec := planted(visit{"write", false, slices.Repeat([]float64{1000}, 3)})
	for i := range rec.Trials {
		tr := &rec.Trials[i]
		tr.Cell.Flows = 2
		tr.PerFlow = []results.Flow{{ElapsedNS: 1e9, Bytes: int64(1e8 * (1 + i))}, {ElapsedNS: 2e9, Bytes: 1e9}}
		tr.Notifications, tr.InFlightMax = 1, 4
	}
	rec.Trials = append(rec.Trials, rec.Trials[0])
	rec.Trials[3].Round, rec.Trials[3].PerFlow = 3, nil // it doesn't tell
	r := row(t, group(t, results.Summarize(rec)), "write")
	if want := []float64{1.6e9, 4e9}; !slices.Equal(r.FlowRates, want) {
		t.Errorf("%v, want %v", r.FlowRates, want)
	}
	if want := 4.0 * 1000 * 2; r.HeldMaxBytes != want {
		t.Errorf("%v bytes held at most, want %v for both flows", r.HeldMaxBytes, want)
	}
}

func TestLatency(t *testing.T) {
	rec := planted(visit{"write", false, slices.Repeat([]float64{1000}, 7)})
	if l := row(t, group(t, results.Summarize(rec)), "write").Latency; l != nil {
		t.Errorf("without a rate: %+v", l)
	}
	for i := range rec.Trials[:6] { // the seventh has none
		n := int64(i)
		rec.Trials[i].Latency = &results.Latency{
			P50NS: 10 + n, P90NS: 20, P99NS: 30, P999NS: 40, MaxNS: 100 * n,
			Buckets: [][2]int64{{10 + n%2, 5000}, {1000, 1000}},
		}
	}
	of6 := func(center, low, high float64) results.Interval {
		return results.Interval{Center: center, Low: low, High: high, Confidence: 0.96875, N: 6}
	}
	want := &results.LatencySummary{
		P50: of6(12.5, 10, 15), P90: of6(20, 20, 20), P99: of6(30, 30, 30), P999: of6(40, 40, 40), Max: of6(250, 0, 500),
		Buckets:   [][2]int64{{10, 15000}, {11, 15000}, {1000, 6000}},
		P99Rounds: []int{0, 1, 2, 3, 4, 5}, P99Samples: slices.Repeat([]float64{30}, 6),
	}
	got := row(t, group(t, results.Summarize(rec)), "write").Latency
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestLatencyOfWhatWasDue plants rounds in which 10000 messages were due and fewer were
// sent: percentiles are of those due, and beyond the sent ones there are none.
func TestLatencyOfWhatWasDue(t *testing.T) {
	inf := math.Inf(1)
	rec := planted(visit{"write", false, slices.Repeat([]float64{1000}, 6)})
	for i := range rec.Trials {
		rec.Trials[i].Latency = &results.Latency{
			P50NS: 9, P90NS: 19, P99NS: 19, P999NS: 19, MaxNS: 20,
			Buckets: [][2]int64{{10, 4500}, {20, 5000}}, Due: 10000,
		}
	}
	of6 := func(v float64) results.Interval {
		return results.Interval{Center: v, Low: v, High: v, Confidence: 0.96875, N: 6}
	}
	want := &results.LatencySummary{
		P50: of6(20), P90: of6(20), P99: of6(inf), P999: of6(inf), Max: of6(inf), Buckets: [][2]int64{{10, 27000}, {20, 30000}}, Unsent: 3000,
		P99Rounds: []int{0, 1, 2, 3, 4, 5}, P99Samples: slices.Repeat([]float64{inf}, 6),
	}
	got := row(t, group(t, results.Summarize(rec)), "write").Latency
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, m := range results.Metrics(rec.Trials[0]) {
		if m.Unit == results.UnitP99 || m.Unit == results.UnitP50 && m.Value != 20 {
			t.Errorf("metric %+v", m)
		}
	}
	for _, due := range []int64{0, 9500} { // unknown, and all of them
		rec.Trials[0].Latency.Due = due
		if m := results.Metrics(rec.Trials[0]); m[len(m)-1].Value != 19 || m[len(m)-2].Value != 9 {
			t.Errorf("%d were due: %+v, want the record's own", due, m)
		}
	}
}

// TestLatencyOfFew: a percentile that no message of a round lies beyond is unknown.
func TestLatencyOfFew(t *testing.T) {
	rec := planted(visit{"write", false, slices.Repeat([]float64{1000}, 6)})
	for i := range rec.Trials {
		rec.Trials[i].Latency = &results.Latency{
			P50NS: 10, P90NS: 10, P99NS: 10, P999NS: 900, MaxNS: 900, Buckets: [][2]int64{{10, 499}, {900, 1}}, Due: 500,
		}
	}
	l := row(t, group(t, results.Summarize(rec)), "write").Latency
	if l.P99.Center != 10 || !math.IsNaN(l.P999.Center) || l.P999.N != 0 || l.Max.Center != 900 {
		t.Errorf("of 500 messages a round p99 is %v, p99.9 %v and the slowest %v", l.P99, l.P999, l.Max)
	}
}
