package report

import (
	"math"

	"sendbench/runner/results"
)

// releaseColumns are what zero copy costs of its own: buffers that are lent, for
// how long and how much memory that is, and the kernel's word that they are back.
var releaseColumns = []tableColumn{
	figureColumn("Release p50", duration, func(r results.Row) float64 { return r.ReleaseP50NS }),
	figureColumn("Release p99", duration, func(r results.Row) float64 { return r.ReleaseP99NS }),
	figureColumn("Release max", duration, func(r results.Row) float64 { return r.ReleaseMaxNS }),
	figureColumn("Memory held", memory, func(r results.Row) float64 { return r.HeldBytes }),
	figureColumn("Most held", memory, func(r results.Row) float64 { return r.HeldMaxBytes }),
	copiedColumn,
	figureColumn("Notices/message", figure, noticesPerMessage),
}

// noticesPerMessage is NaN where the record has none.
func noticesPerMessage(r results.Row) float64 {
	if r.Messages < 1 || r.Notices < 1 {
		return math.NaN()
	}
	return float64(r.Notices) / float64(r.Messages)
}

// releaseBody shows how long buffers are lent, by size: p50 beside p99.
func releaseBody(w walk, styles map[string]look) (linesBody, bool) {
	at := func(heading string, ns func(results.Row) float64) panel {
		return panel{heading: heading, xs: w.sizes(), curves: curves(w.groups, bySize, styles, true, func(r results.Row) results.Interval {
			if !zeroCopy(r) {
				return bare(math.NaN())
			}
			return bare(ns(r) / 1e3)
		})}
	}
	b := linesBody{shared: true}
	var row []panel
	for _, p := range []panel{
		at("Half are released within, µs (p50)", func(r results.Row) float64 { return r.ReleaseP50NS }),
		at("99 of 100 within, µs (p99)", func(r results.Row) float64 { return r.ReleaseP99NS }),
	} {
		if len(p.curves) > 0 {
			row = append(row, p)
		}
	}
	b.rows = [][]panel{row}
	return b, len(row) > 0
}

// bare is a figure that has no interval.
func bare(v float64) results.Interval {
	return results.Interval{Center: v, Low: math.Inf(-1), High: math.Inf(1)}
}
