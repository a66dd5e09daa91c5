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
		return results.Summarize(resultstest.Planted(o))
	}
	return map[string]*results.Summary{
		"winner":        small(resultstest.Options{}),
		"no-difference": small(resultstest.Options{NoDifference: true, HotOnly: true}),
		"crossover":     crossover(),
		"copied":        small(resultstest.Options{Copied: true, HotOnly: true, Link: "pair"}),
		"unsupported":   small(resultstest.Options{Unsupported: true, HotOnly: true}),
		"one-cell":      results.Summarize(resultstest.Planted(resultstest.OneCell())),
		"too-few":       small(resultstest.Options{Rounds: 3, HotOnly: true}),
		"interrupted":   small(resultstest.Options{Interrupted: true, InvalidEvery: 50, HotOnly: true}),
		"hostile":       results.Summarize(resultstest.Planted(resultstest.Hostile())),
	}
}

// wide has 20 strategies at 30 sizes.
func wide() *results.Summary {
	return results.Summarize(resultstest.Planted(resultstest.Wide(20, 30)))
}

// crossover is a summary in which zero copy loses up to 4096 B, is not told apart
// at 8192 B and wins from 16384 B on.
func crossover() *results.Summary {
	s := results.Summarize(resultstest.Planted(resultstest.Options{
		Profiles: []string{results.ProfileDefault}, Sizes: []int{1400, 4096, 8192, 16384, 64000}, HotOnly: true,
		Strategies: []string{"write", "uring-send", "uring-sendzc"},
	}))
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
			r.CPURatio.Center, r.CPURatio.Low, r.CPURatio.High = 1/c.center, 1/(c.center+0.03), 1/(c.center-0.03)
			for k := range r.RatioSamples {
				r.RatioSamples[k], r.CPURatioSamples[k] = c.center, 1/c.center
			}
		}
	}
	return s
}

// extreme puts a figure everywhere that a summary has one.
func extreme(center, low, high float64) *results.Summary {
	s := results.Summarize(resultstest.Planted(resultstest.OneCell()))
	iv := results.Interval{Center: center, Low: low, High: high, Confidence: 0.95, N: 12}
	for i := range s.Groups {
		g := &s.Groups[i]
		g.NoiseFloor, g.AA = math.Abs(high-low), iv
		for j := range g.Rows {
			r := &g.Rows[j]
			r.Rate, r.MsgRate, r.Ratio, r.CPUPerByte, r.CPURatio = iv, iv, iv, iv, iv
			r.MachineCPUPerByte, r.ReleaseP50NS, r.ReleaseP99NS = center, low, high
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
