//go:build linux

package main

import (
	"fmt"
	"math"
	"os"
	"time"

	"sendbench/runner"
	"sendbench/runner/results"
)

// What an A/B run may take, and how precise it is asked to be.
const (
	spinsBudget    = 60 * time.Second
	spinsPrecision = 0.01
)

// spins looks for a difference that is there, and known.
func (v *validation) spins() chapter {
	c := chapter{
		Title: "A/B",
		Intro: fmt.Sprintf("`%s` does what `write` does and then spins %v %% of each call's time, which it measures: the true ratio of a\n"+
			"trial is its time without the spinning over its time, and that of a run the median of those. Runs of both, to `--precision %v`\n"+
			"within `--budget %v`.", spinsStrategy, 100*spinPart, spinsPrecision, spinsBudget),
	}
	sweep := runner.Sweep{
		Strategies: []string{spinsStrategy}, Sizes: []int{1400, 64000}, Footprints: []int64{runner.Hot}, Fills: []string{results.FillStamp}, Profiles: v.onDefault(),
	}
	options := runner.Options{Precision: spinsPrecision, Budget: spinsBudget, Warmup: runner.DefaultWarmup}
	if v.effort.short {
		options = runner.Options{Rounds: runner.MinRounds, Trial: v.effort.trial, Warmup: v.effort.warmup}
	}
	t := figures{Head: []string{"run", "size", "rounds", "took", "true ratio", "ratio", "interval", "holds the truth", "noise floor", "verdict"}}
	found, inTime := 0, 0
	held, rows := 0, 0
	for i := range v.effort.spinsRuns {
		earlier := len(v.spells())
		begun := time.Now()
		rec := v.run(fmt.Sprintf("spins-%d", i+1), sweep, options)
		took := time.Since(begun)
		inTime += one(took <= spinsBudget)
		spells, all := v.spells()[earlier:], true
		for _, g := range results.Summarize(rec).Groups {
			truth := v.truth(rec, g.Cell.Size, spells)
			for _, row := range g.Rows {
				if row.Strategy != spinsStrategy {
					continue
				}
				all = all && row.Verdict == results.Slower
				holds := row.Ratio.Low <= truth && truth <= row.Ratio.High
				held, rows = held+one(holds), rows+1
				t.add(i+1, g.Cell.Size, row.Rounds, took.Round(100*time.Millisecond), fmt.Sprintf("%.4f", truth), fmt.Sprintf("%.4f", row.Ratio.Center),
					fmt.Sprintf("%.4f to %.4f", row.Ratio.Low, row.Ratio.High), reachedIf(holds), percent(g.NoiseFloor), row.Verdict)
			}
		}
		found += one(all && took <= spinsBudget)
	}
	c.Tables = []figures{t}
	runs := v.effort.spinsRuns
	c.Claims = []claim{
		{
			Asked:    "3 % of spinning is found at both sizes, within 60 s, in at least 9 of 10 runs",
			Measured: fmt.Sprintf("%d of %d runs (%d within 60 s)", found, runs, inTime),
			Reached:  v.ifLong(10*found >= 9*runs),
		},
		{
			Asked:    "its interval holds the truth (no figure is asked of so few runs)",
			Measured: fmt.Sprintf("%d of %d", held, rows),
		},
	}
	return c
}

// spells is all that the planted strategy wrote down so far.
func (v *validation) spells() []spell {
	spells, err := readSpells(os.Getenv(plantedEnv))
	if err != nil {
		v.t.Fatal(err)
	}
	return spells
}

// truth is the true ratio of a run at a size.
func (v *validation) truth(rec *results.Record, size int, spells []spell) float64 {
	var trials []results.Trial
	for _, t := range rec.Trials {
		if t.Cell.Size == size {
			trials = append(trials, t)
		}
	}
	shares, err := spunShares(trials, spells)
	if err != nil {
		v.t.Fatal(err)
	}
	logs := make([]float64, len(shares))
	for i, share := range shares {
		logs[i] = math.Log1p(-share)
	}
	return math.Exp(results.MedianInterval(logs).Center)
}
