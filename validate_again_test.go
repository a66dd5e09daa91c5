//go:build linux

package main

import (
	"fmt"
	"strings"
	"time"

	"sendbench/runner"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// Of these an A/A run has all combinations: forty.
var (
	againSizes      = []int{64, 128, 256, 512, 1400, 2800, 4096, 8192, 16384, 64000}
	againFootprints = []int64{256 << 10, 1 << 20, 4 << 20, 16 << 20}
)

// again measures the baseline beside itself.
func (v *validation) again() chapter {
	c := chapter{
		Title: "A/A",
		Intro: fmt.Sprintf("Runs of `write` alone, twice a round, at %d sizes and %d footprints; %d rounds, trials of %v.",
			len(againSizes), len(againFootprints), runner.MinRounds, v.effort.trial),
	}
	t := figures{Head: []string{"run", "comparisons", "verdicts", "noise floor, median", "largest", "took"}}
	silent := 0
	for i := range v.effort.againRuns {
		begun := time.Now()
		rec := v.run(fmt.Sprintf("again-%d", i+1), runner.Sweep{
			Strategies: []string{strategies.Baseline().Name}, Sizes: againSizes, Footprints: againFootprints,
			Fills: []string{results.FillStamp}, Profiles: v.onDefault(),
		}, runner.Options{Rounds: runner.MinRounds, Trial: v.effort.trial, Warmup: v.effort.warmup})
		took := time.Since(begun)
		var verdicts []string
		var floors []float64
		groups := results.Summarize(rec).Groups
		for _, g := range groups {
			floors = append(floors, g.NoiseFloor)
			if g.AAVerdict != results.NoDifference { // too few rounds would say nothing either
				verdicts = append(verdicts, fmt.Sprintf("%s: %d B in %s, %s", g.AAVerdict, g.Cell.Size, results.FormatBytes(g.Cell.Footprint), span(g.AA)))
			}
		}
		if len(verdicts) == 0 && len(groups) == len(againSizes)*len(againFootprints) {
			silent++
		}
		t.add(i+1, len(groups), len(verdicts), percent(results.MedianInterval(floors).Center), percent(largest(floors)), took.Round(100*time.Millisecond))
		if len(verdicts) > 0 {
			c.Notes = append(c.Notes, fmt.Sprintf("Run %d: %s.", i+1, strings.Join(verdicts, "; ")))
		}
	}
	c.Tables = []figures{t}
	c.Claims = []claim{{
		Asked:    fmt.Sprintf("%d A/A comparisons in a run give no verdict in at least 9 of 10 runs", len(againSizes)*len(againFootprints)),
		Measured: fmt.Sprintf("%d of %d runs", silent, v.effort.againRuns),
		Reached:  v.ifLong(10*silent >= 9*v.effort.againRuns),
	}}
	return c
}

func largest(values []float64) (most float64) {
	for _, f := range values {
		most = max(most, f)
	}
	return most
}

// ifLong is reached or not, unless this is the short form.
func (v *validation) ifLong(ok bool) reached {
	if v.effort.short {
		return briefly
	}
	return reachedIf(ok)
}

// same makes the same run twice, and compares the two.
func (v *validation) same() chapter {
	c := chapter{
		Title: "The same run twice",
		Intro: "The default sweep, as `sendbench run` makes it, and once more right after; `sendbench compare` of the two records.",
	}
	sweep, options := runner.Sweep{Strategies: v.shipped()}, runner.Options{Budget: 120 * time.Second, Warmup: runner.DefaultWarmup}
	if v.effort.short {
		c.Intro = "A small sweep, and once more right after; `sendbench compare` of the two records."
		sweep.Sizes, sweep.Footprints, sweep.Fills, sweep.Profiles = []int{1400, 64000}, []int64{runner.Hot}, []string{results.FillStamp}, v.onDefault()
		options = runner.Options{Trial: v.effort.trial, Warmup: v.effort.warmup}
	}
	old, new := v.run("same-1", sweep, options), v.run("same-2", sweep, options)
	compared, err := results.Compare(old, new)
	if err != nil {
		v.t.Fatal(err)
	}
	t := figures{Head: []string{"figure", "rows", "with a verdict", "share", "median change", "largest change", "median floor"}}
	for _, metric := range []string{results.MetricRatio, results.UnitRate, results.UnitCPU} {
		var changes, floors []float64
		var verdicts []string
		for _, ch := range compared.Changes {
			if ch.Metric != metric {
				continue
			}
			changes, floors = append(changes, max(ch.Ratio.Center, 1/ch.Ratio.Center)-1), append(floors, ch.Floor)
			if said(ch.Verdict) {
				verdicts = append(verdicts, fmt.Sprintf("%s %d B, %s, %s, %s: %s (%s)", ch.Cell.Strategy, ch.Cell.Size, ch.Cell.NIC,
					results.FormatBytes(ch.Cell.Footprint), ch.Cell.Fill, ch.Verdict, span(ch.Ratio)))
			}
		}
		share := float64(len(verdicts)) / float64(len(changes))
		t.add(metric, len(changes), len(verdicts), fmt.Sprintf("%.1f %%", 100*share),
			percent(results.MedianInterval(changes).Center), percent(largest(changes)), percent(results.MedianInterval(floors).Center))
		c.Claims = append(c.Claims, claim{
			Asked:    metric + " of the same binary, run twice: at most 5 % of rows with a verdict",
			Measured: fmt.Sprintf("%d of %d rows", len(verdicts), len(changes)),
			Reached:  v.ifLong(share <= 0.05),
		})
		if len(verdicts) > 0 {
			c.Notes = append(c.Notes, fmt.Sprintf("Verdicts on %s: %s.", metric, strings.Join(verdicts, "; ")))
		}
	}
	c.Tables = []figures{t}
	return c
}

// shipped are the ways of sending of the default sweep on this machine, without those
// that are planted here.
func (v *validation) shipped() (names []string) {
	planted := map[string]bool{spinsStrategy: true}
	for _, name := range doubles {
		planted[name] = true
	}
	for _, s := range strategies.All() {
		if !planted[s.Name] && s.CPUs <= v.cpus {
			names = append(names, s.Name)
		}
	}
	return names
}
