package report

import (
	"fmt"

	"sendbench/runner/results"
)

// resultColumns are what strategies are compared by. At a set rate ratios of
// throughput and CPU time say nothing and are left out.
func resultColumns(baseline string, paced bool) []tableColumn {
	columns := []tableColumn{
		{"Rounds", false, func(_ results.Group, r results.Row) []tableCell {
			text := fmt.Sprint(r.Rounds)
			if r.Invalid > 0 {
				text += fmt.Sprintf(" (%d invalid)", r.Invalid)
			}
			return []tableCell{plain(text)}
		}},
		intervalColumn("Throughput, Gbit/s", figure, func(r results.Row) results.Interval { return scaled(r.Rate, 1e-9) }),
	}
	if paced {
		return append(columns, copiedColumn)
	}
	return append(columns,
		tableColumn{"Ratio to " + baseline, false, func(g results.Group, r results.Row) []tableCell {
			return ratioCells(r.Ratio, r.Verdict, g.NoiseFloor)
		}},
		tableColumn{"Verdict", true, func(g results.Group, r results.Row) []tableCell {
			rate, _ := marksOf(g, r)
			return []tableCell{rate.cell(), beside(probability(r.P))}
		}},
		intervalColumn("CPU, ns/B", figure, func(r results.Row) results.Interval { return r.CPUPerByte }),
		tableColumn{"CPU ratio", false, func(g results.Group, r results.Row) []tableCell {
			return ratioCells(r.CPURatio, r.CPUVerdict, g.CPUNoiseFloor)
		}},
		tableColumn{"CPU verdict", true, func(g results.Group, r results.Row) []tableCell {
			_, cost := marksOf(g, r)
			return []tableCell{cost.cell(), beside(probability(r.CPUP))}
		}},
		copiedColumn)
}

// ratioCells are a ratio and its interval; for the baseline, the noise floor.
func ratioCells(ratio results.Interval, v results.Verdict, floor float64) []tableCell {
	cell := plain(ratioFigure(ratio.Center))
	switch v {
	case results.Baseline:
		return []tableCell{cell, beside("noise " + noise(floor))}
	case results.Faster, results.Slower:
		cell.Class = "v"
	}
	return []tableCell{cell, beside(between(ratio, ratioFigure))}
}

var copiedColumn = tableColumn{"Copied", false, func(_ results.Group, r results.Row) []tableCell {
	if share, ok := r.CopiedShare(); ok {
		return []tableCell{plain(percent(share))}
	}
	return []tableCell{plain(none)}
}}
