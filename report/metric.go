package report

import (
	"math"

	"sendbench/runner/results"
)

// metric is where a figure of a strategy is found.
type metric struct {
	of  func(results.Row) results.Interval
	raw func(results.Row) []float64 // the figure of each round; nil where those aren't kept
	// floor is the noise floor of a group, as a part of 1; nil for what isn't a ratio.
	floor func(results.Group) float64
	// verdict is the mark of the comparison that a ratio stands for; nil for what isn't one.
	verdict func(results.Row) mark
}

// The figures that charts and views are made of, in units that people read.
var (
	rateMetric = metric{ // Gbit/s
		of:  func(r results.Row) results.Interval { return scaled(r.Rate, 1e-9) },
		raw: func(r results.Row) []float64 { return times(r.RateSamples, 1e-9) },
	}
	ratioMetric = metric{
		of:    relative(func(r results.Row) results.Interval { return r.Ratio }),
		raw:   func(r results.Row) []float64 { return r.RatioSamples },
		floor: func(g results.Group) float64 { return g.NoiseFloor }, verdict: func(r results.Row) mark { return rateMark(r.Verdict) },
	}
	cpuMetric = metric{ // ns a byte
		of:  func(r results.Row) results.Interval { return r.CPUPerByte },
		raw: func(r results.Row) []float64 { return r.CPUSamples },
	}
	cpuRatioMetric = metric{
		of:    relative(func(r results.Row) results.Interval { return r.CPURatio }),
		raw:   func(r results.Row) []float64 { return r.CPURatioSamples },
		floor: func(g results.Group) float64 { return g.CPUNoiseFloor }, verdict: func(r results.Row) mark { return costMark(r.CPUVerdict) },
	}
	releaseP50Metric = metric{of: released(func(r results.Row) results.Interval { return scaled(r.ReleaseP50, 1e-3) })}   // µs
	releaseP99Metric = metric{of: released(func(r results.Row) results.Interval { return scaled(r.ReleaseP99, 1e-3) })}   // µs
	heldMetric       = metric{of: released(func(r results.Row) results.Interval { return scaled(r.Held, 1.0/1024) })}     // KiB
	latencyP50Metric = metric{of: late(func(l *results.LatencySummary) results.Interval { return scaled(l.P50, 1e-3) })}  // µs
	latencyP99Metric = metric{of: late(func(l *results.LatencySummary) results.Interval { return scaled(l.P99, 1e-3) })}  // µs
	latency999Metric = metric{of: late(func(l *results.LatencySummary) results.Interval { return scaled(l.P999, 1e-3) })} // µs
)

// bare is a figure that has no interval.
func bare(v float64) results.Interval {
	return results.Interval{Center: v, Low: math.Inf(-1), High: math.Inf(1)}
}

// unknown is a figure that there isn't.
var unknown = bare(math.NaN())

// relative is a figure that the baseline, to which it is taken, hasn't got.
func relative(of func(results.Row) results.Interval) func(results.Row) results.Interval {
	return func(r results.Row) results.Interval {
		if r.Verdict == results.Baseline {
			return unknown
		}
		return of(r)
	}
}

// released is a figure that only zero copy has.
func released(of func(results.Row) results.Interval) func(results.Row) results.Interval {
	return func(r results.Row) results.Interval {
		if !zeroCopy(r) {
			return unknown
		}
		return of(r)
	}
}

// late is a figure that there is at a set rate.
func late(of func(*results.LatencySummary) results.Interval) func(results.Row) results.Interval {
	return func(r results.Row) results.Interval {
		if r.Latency == nil {
			return unknown
		}
		return of(r.Latency)
	}
}

func scaled(iv results.Interval, by float64) results.Interval {
	iv.Center, iv.Low, iv.High = iv.Center*by, iv.Low*by, iv.High*by
	return iv
}

func times(samples []float64, by float64) []float64 {
	out := make([]float64, len(samples))
	for i, v := range samples {
		out[i] = v * by
	}
	return out
}
