package report

import (
	"math"
	"slices"

	"sendbench/runner/results"
)

// settle replaces what tests and counters decide by figures that are planted, so
// that goldens hold what this package makes of a summary and not how the summary
// came about.
func settle(s *results.Summary) *results.Summary {
	for i := range s.Groups {
		g := &s.Groups[i]
		g.AAVerdict = results.NoDifference
		for j := range g.Rows {
			r := &g.Rows[j]
			baseline := r.Strategy == s.Run.Plan.Baseline
			r.Verdict, r.P = settleRatio(r.Ratio, g.NoiseFloor, baseline)
			r.CPUVerdict, r.CPUP = settleRatio(inverse(r.CPURatio), g.CPUNoiseFloor, baseline)
			settleCosts(r, float64(g.Cell.Size))
		}
	}
	s.Effects = settleEffects(s)
	return s
}

func settleRatio(ratio results.Interval, floor float64, baseline bool) (results.Verdict, float64) {
	switch {
	case baseline:
		return results.Baseline, math.NaN()
	case !ratio.Finite():
		return results.TooFew, 1
	case ratio.Low > 1 && ratio.Center-1 > floor:
		return results.Faster, 0.0034
	case ratio.High < 1 && 1-ratio.Center > floor:
		return results.Slower, 0.0005
	}
	return results.NoDifference, 0.62
}

func settleCosts(r *results.Row, size float64) {
	cpu := r.CPUPerByte.Center
	r.CPUPerMessage = scaled(r.CPUPerByte, size)
	r.ProcessCPUPerByte, r.SoftirqCPUPerByte = scaled(r.CPUPerByte, 1.02), scaled(r.CPUPerByte, 0.03)
	r.MachineCPUPerByte, r.MachineTicks = 1.15*cpu, 144
	unknown := bare(math.NaN())
	r.InstructionsPerByte, r.CyclesPerByte, r.CacheMissesPerMessage = unknown, unknown, unknown
	r.Drifting, r.Unsteady, r.FlowRates, r.Latency = 0, false, nil, nil
	r.Notices, r.ReleaseMaxNS, r.Held, r.HeldMaxBytes = 0, math.NaN(), unknown, math.NaN()
	if zeroCopy(*r) {
		r.Notices = r.Notifications / 4
		r.ReleaseMaxNS, r.Held, r.HeldMaxBytes = 6*r.ReleaseP99.Center, about(7.5*size, 0.05), 16*size
	}
}

// settleEffects compares each group with that of the default profile.
func settleEffects(s *results.Summary) []results.Effect {
	var out []results.Effect
	for _, g := range s.Groups {
		base := slices.IndexFunc(s.Groups, func(o results.Group) bool {
			a, b := o.Cell, g.Cell
			a.NIC, a.Segment, b.NIC, b.Segment = "", 0, "", 0
			return o.Cell.NIC == results.ProfileDefault && g.Cell.NIC != results.ProfileDefault && a == b
		})
		if base < 0 {
			continue
		}
		for _, r := range g.Rows {
			beside, ok := rowOf(s.Groups[base], r.Strategy)
			if !ok {
				continue
			}
			ratio := about(r.Rate.Center/beside.Rate.Center, 0.03)
			e := results.Effect{Cell: g.Cell, Reference: results.ProfileDefault, Ratio: ratio, Floor: 0.01, CPURatio: inverse(ratio)}
			e.Cell.Strategy = r.Strategy
			e.Verdict, e.P = settleRatio(ratio, 0, false)
			out = append(out, e)
		}
	}
	return out
}

// about is an interval around a value.
func about(center, part float64) results.Interval {
	return results.Interval{Center: center, Low: center * (1 - part), High: center * (1 + part), Confidence: 0.96, N: 12}
}

// flowing is a summary with more flows: each group as often as there are numbers,
// scaled less than in proportion, and unevenly shared.
func flowing(s *results.Summary, numbers ...int) *results.Summary {
	var groups []results.Group
	for _, g := range s.Groups {
		for _, n := range numbers {
			more := g
			more.Cell.Flows = n
			more.Rows = slices.Clone(g.Rows)
			for i := range more.Rows {
				r := &more.Rows[i]
				by := math.Pow(float64(n), 0.95-0.05*float64(i))
				r.Rate, r.MsgRate = scaled(r.Rate, by), scaled(r.MsgRate, by)
				r.RateSamples = slices.Clone(r.RateSamples)
				for k := range r.RateSamples {
					r.RateSamples[k] *= by
				}
				if n == 1 {
					continue
				}
				for flow := range n {
					r.FlowRates = append(r.FlowRates, r.Rate.Center/float64(n)*(0.9+0.2*float64(flow)/float64(n-1)))
				}
			}
			groups = append(groups, more)
		}
	}
	s.Groups = groups
	return s
}

// pacing is a summary at a set rate, with latencies. The last strategy has the
// lowest, the next two can't be told apart, and the baseline can't keep up.
func pacing(s *results.Summary, rate int64) *results.Summary {
	s.Effects = nil
	for i := range s.Run.Plan.Cells {
		s.Run.Plan.Cells[i].Rate = rate
	}
	for i := range s.Groups {
		g := &s.Groups[i]
		g.Cell.Rate, g.P99NoiseFloor = rate, 0.01
		for j := range g.Rows {
			r := &g.Rows[j]
			part := 1.0
			if r.Strategy == s.Run.Plan.Baseline {
				part = 0.81
			}
			r.MsgRate = about(float64(rate)*part, 0.001)
			r.Latency = latencyOf(20e3 / (1 + float64(max(0, j-1))) * (1 + float64(g.Cell.Size)/64000))
		}
	}
	return s
}

// latencyOf is a distribution about a median in ns with a tail that falls as the
// cube of the time.
func latencyOf(median float64) *results.LatencySummary {
	quantile := func(slower float64) float64 { return median * math.Cbrt(0.5/slower) }
	l := &results.LatencySummary{
		P50: about(median, 0.02), P90: about(quantile(0.1), 0.04), P99: about(quantile(0.01), 0.06),
		P999: about(quantile(0.001), 0.2), Max: about(quantile(1e-5), 0.5),
	}
	l.P99Rounds, l.P99Samples = rounds(12, l.P99.Center, 1)
	const messages = 1e5
	before := 1.0
	for k := range 14 {
		bound := median * math.Pow(2, float64(k)/2-0.5)
		slower := math.Min(1, 0.5*math.Pow(median/bound, 3))
		l.Buckets = append(l.Buckets, [2]int64{int64(bound), int64(math.Round((before - slower) * messages))})
		before = slower
	}
	return l
}
