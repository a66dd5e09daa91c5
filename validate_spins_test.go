//go:build linux

package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"
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
	var plan results.Plan
	sweep := runner.Sweep{
		Strategies: []string{spinsStrategy}, Sizes: []int{1400, 64000}, Footprints: []int64{runner.Hot}, Fills: []string{results.FillStamp}, Profiles: v.onDefault(),
	}
	options := runner.Options{Precision: spinsPrecision, Budget: spinsBudget, Warmup: runner.DefaultWarmup}
	if v.effort.short {
		options = runner.Options{Precision: 0.2, Budget: 3 * time.Second, Trial: v.effort.trial, Warmup: v.effort.warmup}
	}
	c := chapter{
		Title: "A/B",
		Intro: fmt.Sprintf("`%s` is `write`, which after each batch of calls spins %v %% of the time since it last did, and measures that. The true\n"+
			"ratio of a trial is its time without the spinning over its time, and that of a run the median of those. Runs of both, to\n"+
			"`--precision %v` within `--budget %v`.", spinsStrategy, 100*spinPart, options.Precision, options.Budget),
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
		plan = rec.Run.Plan
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
	if v.recorded != nil {
		c.Claims = append(c.Claims, v.stopped(plan))
	}
	return c
}

// stopped draws runs from recorded noise that end when their intervals are narrow
// enough, as these do.
func (v *validation) stopped(plan results.Plan) claim {
	const least = 0.93
	runs := v.effort.panels
	held, rounds := v.recorded.stop(runs, plan, plantedShift)
	share := float64(held) / float64(runs)
	if share < least {
		v.t.Errorf("%.3f of intervals of runs that stop when they are narrow hold the planted ratio, want %v or more", share, least)
	}
	return claim{
		Asked:    fmt.Sprintf("the interval holds a planted ratio in at least 93 %% of %d simulated runs that stop by `--precision`", runs),
		Measured: fmt.Sprintf("%.1f %%, after %d rounds on average", 100*share, rounds/runs),
		Reached:  reachedIf(share >= least),
	}
}

// stop draws runs of a way of sending with a ratio to the baseline, which have rounds
// until both its interval and the A/A one are as narrow as the plan asks for at one of
// its looks, or its looks are over. It returns how many hold the ratio, and the rounds
// of all.
func (n *recordedNoise) stop(runs int, plan results.Plan, ratio float64) (held, rounds int) {
	r := rand.New(rand.NewPCG(4, 0))
	for run := range runs {
		g := run % len(n.groups)
		var own, again []float64 // log ratios
		var interval results.Interval
		for _, look := range plan.Looks {
			for len(own) < look {
				visits := n.rounds[r.IntN(len(n.rounds))][g]
				at := r.Perm(len(visits))
				base := math.Log(visits[at[0]].Rate())
				own = append(own, math.Log(ratio*visits[at[1]].Rate())-base)
				again = append(again, math.Log(visits[at[2]].Rate())-base)
			}
			interval = results.RatioInterval(own)
			if max(interval.RelativeHalfWidth(), results.RatioInterval(again).RelativeHalfWidth()) <= plan.Precision {
				break
			}
		}
		held += one(holds(interval, ratio))
		rounds += len(own)
	}
	return held, rounds
}

// TestStop: the noisier, the more rounds; and the intervals hold what they should.
func TestStop(t *testing.T) {
	n, err := newNoise(plantNoise(t))
	if err != nil {
		t.Fatal(err)
	}
	const runs = 300
	last := 0
	for _, precision := range []float64{0.5, 0.02, 0.01} {
		held, rounds := n.stop(runs, results.Plan{Precision: precision, Looks: []int{12, 24, 48, 96, 192}}, plantedShift)
		if held < runs*93/100 || rounds <= last {
			t.Errorf("to ±%v: %d of %d hold the ratio, after %d rounds; want 93 %%, and more than the %d rounds before", precision, held, runs, rounds, last)
		}
		last = rounds
	}
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
