//go:build linux

package main

import (
	"fmt"

	"sendbench/runner"
	"sendbench/runner/meter"
	"sendbench/runner/results"
)

// The case that zero copy is for: large messages that are not in the cache.
const (
	coldStrategy = "uring-sendzc-fixed"
	coldSize     = 64000
)

// coldGoal is the upper end of what was reported where send_zc came into tokio-uring.
var coldGoal = atLeast(3)

// cold measures it beside write.
func (v *validation) cold() chapter {
	e := meter.Environment(v.cpu)
	footprint := runner.Cold(e.LLCBytes)
	if v.effort.short {
		footprint = 16 << 20 // to see that it goes; that isn't cold
	}
	c := chapter{
		Title: "Cold buffers",
		Intro: fmt.Sprintf("`%s` beside `write`: %d bytes, stamped, footprint %s (the last-level cache has %d MiB), link `sink`, default profile, %s;\n"+
			"%d rounds, trials of %v.", coldStrategy, coldSize, results.FormatBytes(footprint), e.LLCBytes>>20, e.Privileges, v.effort.coldRounds, runner.DefaultTrial),
	}
	rec := v.run("cold", runner.Sweep{
		Strategies: []string{coldStrategy}, Sizes: []int{coldSize}, Footprints: []int64{footprint}, Fills: []string{results.FillStamp}, Profiles: v.onDefault(),
	}, runner.Options{Rounds: v.effort.coldRounds, Trial: runner.DefaultTrial, Warmup: runner.DefaultWarmup})
	for _, u := range rec.Unsupported {
		c.Missing = u.Reason
		return c
	}
	t := figures{Head: []string{"", "Gbit/s", "ratio", "interval", "copied", "payload visited, MiB"}}
	for _, g := range results.Summarize(rec).Groups {
		for _, row := range g.Rows {
			copied := "-"
			if share, ok := row.CopiedShare(); ok {
				copied = percent(share)
			}
			t.add(row.Strategy, fmt.Sprintf("%.4g", row.Rate.Center/1e9), fmt.Sprintf("%.3f", row.Ratio.Center), span(row.Ratio), copied, row.TouchedBytes>>20)
			if row.Strategy == coldStrategy {
				claim := claim{
					Asked:    fmt.Sprintf("`%s` cold and stamped at %d bytes, over write: %v", coldStrategy, coldSize, coldGoal),
					Measured: fmt.Sprintf("%.2f (%s)", row.Ratio.Center, span(row.Ratio)),
					Reached:  coldGoal.met(row.Ratio),
				}
				if v.effort.short {
					claim.Measured, claim.Reached = "not measured", briefly // its buffers aren't cold
				}
				c.Claims = append(c.Claims, claim)
			}
		}
	}
	c.Tables = []figures{t}
	return c
}
