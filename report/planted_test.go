package report

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// planted are the summaries that goldens are made from.
func planted() map[string]*results.Summary {
	// Few sizes and profiles keep the goldens small enough to be read.
	small := func(o resultstest.Options) *results.Summary {
		if o.Profiles == nil {
			o.Profiles = []string{results.ProfileDefault, "tx-scatter-gather=off"}
		}
		o.Sizes, o.OtherSizes = []int{256, 4096, 64000}, []int{64000}
		return summarize(o)
	}
	return map[string]*results.Summary{
		"winner":        small(resultstest.Options{}),
		"no-difference": small(resultstest.Options{NoDifference: true, HotOnly: true}),
		"crossover":     crossover(),
		"copied":        small(resultstest.Options{Copied: true, HotOnly: true, Link: "pair"}),
		"unsupported":   small(resultstest.Options{Unsupported: true, HotOnly: true}),
		"one-cell":      summarize(resultstest.OneCell()),
		"too-few":       small(resultstest.Options{Rounds: 3, HotOnly: true}),
		"interrupted":   small(resultstest.Options{Interrupted: true, InvalidEvery: 50, HotOnly: true}),
		"hostile":       summarize(resultstest.Hostile()),
		"flows":         flowing(brief(), 1, 2, 4),
		"rate":          pacing(brief(), 50000),
		"disturbed":     disturbed(),
		"counted":       counting(),
	}
}

// brief is a summary of few strategies and sizes under two NIC profiles.
func brief() *results.Summary {
	return summarize(resultstest.Options{
		Profiles: []string{results.ProfileDefault, "mtu=9000"}, Sizes: []int{1400, 64000}, OtherSizes: []int{64000}, HotOnly: true,
		Strategies: []string{"write", "sendmmsg", "uring-send", "uring-sendzc-fixed"},
	})
}

// alone is a document of one summary.
func alone(s *results.Summary) document { return document{entries: []entry{{summary: s}}} }

// summarize boils a planted record down.
func summarize(o resultstest.Options) *results.Summary {
	return settle(results.Summarize(resultstest.Planted(o)))
}

// disturbed is a summary of a run in which much went wrong, that missed the
// precision asked for.
func disturbed() *results.Summary {
	s := brief()
	s.Run.Plan.Precision = 0.01
	s.Run.Environment.Warnings = []string{"turbo is on: the clock follows temperature"}
	s.Run.Environment.Before = &results.Disturbance{
		Load1: 0.1, BusyTicks: 1000, StolenTicks: 10, TicksPerSecond: 100, FrequencyKHz: 3e6, Governor: "powersave", Turbo: "on", Throttled: 2,
		Taps: []string{}, Interrupts: map[string]int64{"cpu0": 100, "cpu1": 200}, Settings: map[string]string{"net.core.busy_poll": "0"},
	}
	after := *s.Run.Environment.Before
	after.Load1, after.BusyTicks, after.StolenTicks, after.FrequencyKHz, after.Throttled = 1.2, 9000, 300, 2.5e6, 5
	after.Taps, after.Interrupts = []string{"tcpdump on sb0"}, map[string]int64{"cpu0": 150, "cpu1": 5200}
	after.Settings = map[string]string{"net.core.busy_poll": "50"}
	s.End.After = &after
	s.End.Warnings = []string{"turbo is on: the clock follows temperature", "the hypervisor kept 3.6 % of a CPU's time from this machine"}
	for i := range s.Groups {
		g := &s.Groups[i]
		g.AAVerdict, g.AA = results.Slower, about(0.985, 0.005)
		g.Rows[1].Unsteady = true
		g.Rows[2].Drifting = 7
	}
	return s
}

// counting is a summary of a machine with hardware counters, huge pages and cold
// buffers.
func counting() *results.Summary {
	s := summarize(resultstest.Options{Profiles: []string{results.ProfileDefault}, Sizes: []int{4096, 64000}, Strategies: []string{"write", "uring-sendzc-fixed"}})
	s.Run.Plan.Precision = 0.2
	for _, g := range s.Groups {
		for j := range g.Rows {
			r := &g.Rows[j]
			r.InstructionsPerByte, r.CyclesPerByte = about(0.21, 0.01), about(0.13, 0.01)
			r.CacheMissesPerMessage = about(float64(g.Cell.Size)/64/float64(1+j), 0.02)
		}
		if g.Cell.Fill == results.FillStamp {
			huge := g
			huge.Cell.Pages = results.PagesHuge
			s.Groups = append(s.Groups, huge)
		}
	}
	return s
}

// all is every planted summary, and those with more of everything than charts were
// made for first.
func all() map[string]*results.Summary {
	m := planted()
	m["wide"] = wide()
	m["wide-flows"] = flowing(wide(), 1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
	m["wide-rate"] = pacing(wide(), 1)
	m["wide-settings"] = wideSettings()
	m["default"] = settle(results.Summarize(defaultRecord()))
	return m
}

// wideSettings has 20 strategies under six NIC profiles.
func wideSettings() *results.Summary {
	o := resultstest.Wide(20, 1)
	o.OtherSizes = o.Sizes
	o.Profiles = []string{results.ProfileDefault, "mtu=9000", "tx-udp-segmentation=off", "tx-scatter-gather=off", "gso_max_size=16384", "mtu=9000,tx-udp-segmentation=off"}
	return summarize(o)
}

// figureless is every figure of a summary that isn't a number.
func figureless() *results.Summary {
	nan := math.NaN()
	s := pacing(flowing(brief(), 1, 2), 1000)
	iv := results.Interval{Center: nan, Low: nan, High: nan, Confidence: nan}
	for i := range s.Groups {
		g := &s.Groups[i]
		if i%2 == 0 {
			g.Cell.Rate = 0
		}
		g.AA, g.NoiseFloor, g.CPUNoiseFloor = iv, nan, nan
		for j := range g.Rows {
			r := &g.Rows[j]
			r.Rate, r.MsgRate, r.Ratio, r.CPUPerByte, r.CPUPerMessage, r.CPURatio = iv, iv, iv, iv, iv, iv
			r.P, r.CPUP, r.ProcessCPUPerByte, r.SoftirqCPUPerByte, r.MachineCPUPerByte = nan, nan, iv, iv, nan
			r.ReleaseP50, r.ReleaseP99, r.ReleaseMaxNS, r.Held, r.HeldMaxBytes = iv, iv, nan, iv, nan
			r.Latency = &results.LatencySummary{P50: iv, P90: iv, P99: iv, P999: iv, Max: iv, Buckets: [][2]int64{{0, 0}, {-1, 3}, {5, 0}}}
			for k := range r.RatioSamples {
				r.RatioSamples[k], r.CPURatioSamples[k] = nan, nan
			}
			for k := range r.FlowRates {
				r.FlowRates[k] = nan
			}
		}
	}
	s.Effects = []results.Effect{{Cell: s.Groups[0].Cell, Ratio: iv, P: nan, CPURatio: iv, Verdict: results.Faster}}
	return s
}

// wide has 20 strategies at 30 sizes.
func wide() *results.Summary {
	return summarize(resultstest.Wide(20, 30))
}

// crossover is a summary in which zero copy loses up to 4096 B, is not told apart
// at 8192 B and wins from 16384 B on.
func crossover() *results.Summary {
	s := summarize(resultstest.Options{
		Profiles: []string{results.ProfileDefault}, Sizes: []int{1400, 4096, 8192, 16384, 64000}, HotOnly: true,
		Strategies: []string{"write", "uring-send", "uring-sendzc"},
	})
	at := map[int]struct {
		center  float64
		verdict results.Verdict
	}{1400: {0.80, results.Slower}, 4096: {0.90, results.Slower}, 8192: {1.01, results.NoDifference}, 16384: {1.40, results.Faster}, 64000: {1.80, results.Faster}}
	for i := range s.Groups {
		g := &s.Groups[i]
		g.NoiseFloor = 0.02
		for j := range g.Rows {
			r := &g.Rows[j]
			if r.Strategy != "uring-sendzc" {
				continue
			}
			c := at[g.Cell.Size]
			r.Ratio.Center, r.Ratio.Low, r.Ratio.High, r.Verdict = c.center, c.center-0.03, c.center+0.03, c.verdict
			r.CPURatio.Center, r.CPURatio.Low, r.CPURatio.High, r.CPUVerdict = 1/c.center, 1/(c.center+0.03), 1/(c.center-0.03), c.verdict
			for k := range r.RatioSamples {
				r.RatioSamples[k], r.CPURatioSamples[k] = c.center, 1/c.center
			}
		}
	}
	return s
}

// extreme puts a figure everywhere that a summary has one.
func extreme(center, low, high float64) *results.Summary {
	s := summarize(resultstest.OneCell())
	iv := results.Interval{Center: center, Low: low, High: high, Confidence: 0.95, N: 12}
	for i := range s.Groups {
		g := &s.Groups[i]
		g.NoiseFloor, g.AA = math.Abs(high-low), iv
		for j := range g.Rows {
			r := &g.Rows[j]
			r.Rate, r.MsgRate, r.Ratio, r.CPUPerByte, r.CPURatio = iv, iv, iv, iv, iv
			r.MachineCPUPerByte, r.ReleaseP50, r.ReleaseP99, r.ReleaseMaxNS = center, iv, iv, high
			r.CPUPerMessage, r.ProcessCPUPerByte, r.SoftirqCPUPerByte, r.Held, r.HeldMaxBytes = iv, iv, iv, iv, high
			r.InstructionsPerByte, r.CyclesPerByte, r.CacheMissesPerMessage, r.P, r.CPUP = iv, iv, iv, center, low
			for k := range r.RatioSamples {
				r.RatioSamples[k], r.CPURatioSamples[k] = center, low
			}
		}
	}
	return s
}

// golden compares text with a file under testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); if that is meant, run with -update:\n%s", file, diff)
	}
}

func defaultRecord() *results.Record { return resultstest.Default() }
