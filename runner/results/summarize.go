package results

import (
	"cmp"
	"math"
	"slices"

	"github.com/montanaflynn/stats"
)

// Summarize boils a record down to medians, intervals and ratios. Trials with
// an error are counted and otherwise left out; those that a resumed run
// measured again are not even counted. The record is not changed.
func Summarize(rec *Record) *Summary {
	s := &Summary{
		Run:         rec.Run,
		Unsupported: slices.Clone(rec.Unsupported),
		End:         rec.End,
	}
	groups := make(map[Cell]map[Cell][]*Trial)
	for _, t := range rec.current() {
		g := groups[t.Cell.Group()]
		if g == nil {
			g = make(map[Cell][]*Trial)
			groups[t.Cell.Group()] = g
		}
		g[t.Cell] = append(g[t.Cell], t)
		s.Trials++
		if !t.Valid() {
			s.Invalid++
		}
	}
	plan := rec.Run.Plan
	tick := machineTick(rec.Run.Environment)
	for cell, trials := range groups {
		visits := make(map[Cell]series, len(trials))
		for c, ts := range trials {
			visits[c] = newSeries(ts)
		}
		s.Groups = append(s.Groups, newGroup(cell, visits, plan, tick))
	}
	slices.SortFunc(s.Groups, func(a, b Group) int { return compareCells(plan, a.Cell, b.Cell) })
	return s
}

// machineTick is the length in ns of the ticks that CPU time of the whole
// machine is counted in, 0 where the environment doesn't say.
func machineTick(env Environment) float64 {
	for _, c := range env.Clocks {
		if c.Field == "cpu_machine_ns" {
			return float64(c.ResolutionNS)
		}
	}
	return 0
}

// series is one cell's trials: one a round, in the order of rounds.
type series struct {
	valid   []*Trial
	invalid int
}

func newSeries(trials []*Trial) series {
	slices.SortFunc(trials, func(a, b *Trial) int { return cmp.Compare(a.Round, b.Round) })
	var s series
	for _, t := range trials {
		if t.Valid() {
			s.valid = append(s.valid, t)
		} else {
			s.invalid++
		}
	}
	return s
}

// each is a figure of every valid trial.
func (s series) each(f func(*Trial) float64) []float64 {
	out := make([]float64, len(s.valid))
	for i, t := range s.valid {
		out[i] = f(t)
	}
	return out
}

// logRatios is log(f(t)/f(b)) for each trial t and the base's trial b of the
// same round, in the order of rounds. Rounds that either lacks, or where either
// figure is zero, are left out.
func (s series) logRatios(base series, f func(*Trial) float64) []float64 {
	var out []float64
	rest := base.valid
	for _, t := range s.valid {
		for len(rest) > 0 && rest[0].Round < t.Round {
			rest = rest[1:]
		}
		if len(rest) == 0 {
			break
		}
		if rest[0].Round != t.Round {
			continue
		}
		if num, den := f(t), f(rest[0]); num > 0 && den > 0 {
			out = append(out, math.Log(num)-math.Log(den))
		}
	}
	return out
}

func newGroup(cell Cell, visits map[Cell]series, plan Plan, tick float64) Group {
	at := func(strategy string, aa bool) series {
		c := cell
		c.Strategy, c.AA = strategy, aa
		return visits[c]
	}
	base := at(plan.Baseline, false)
	g := Group{Cell: cell}
	g.AA = MedianInterval(at(plan.Baseline, true).logRatios(base, (*Trial).Rate)).exp()
	g.NoiseFloor = g.AA.HalfWidth()

	for c, one := range visits {
		if c.AA {
			continue
		}
		row := newRow(c.Strategy, one, tick)
		if c.Strategy == plan.Baseline {
			row.Ratio = Interval{Center: 1, Low: 1, High: 1, Confidence: 1, N: row.Rounds}
			row.CPURatio = row.Ratio
			row.Verdict = Baseline
		} else {
			logs := one.logRatios(base, (*Trial).Rate)
			row.Ratio = MedianInterval(logs).exp()
			for _, l := range logs {
				row.RatioSamples = append(row.RatioSamples, math.Exp(l))
			}
			row.CPURatio = MedianInterval(one.logRatios(base, (*Trial).CPUPerByte)).exp()
			row.Verdict = judge(row.Ratio, g.NoiseFloor)
		}
		g.Rows = append(g.Rows, row)
	}
	slices.SortFunc(g.Rows, func(a, b Row) int { return compareListed(plan.Strategies, a.Strategy, b.Strategy) })
	return g
}

// judge weighs a ratio to the baseline. An interval that excludes 1 is not
// enough: the baseline's ratio to itself strays from 1 by the noise floor, so
// what lies within that is no difference either. An unknown floor is infinite
// and doesn't count.
func judge(ratio Interval, noiseFloor float64) Verdict {
	if !ratio.Finite() {
		return TooFew
	}
	if math.IsInf(noiseFloor, 1) {
		noiseFloor = 0
	}
	switch {
	case ratio.Low > 1 && ratio.Center-1 > noiseFloor:
		return Faster
	case ratio.High < 1 && 1-ratio.Center > noiseFloor:
		return Slower
	}
	return NoDifference
}

func newRow(strategy string, s series, tick float64) Row {
	row := Row{
		Strategy:    strategy,
		Rounds:      len(s.valid),
		Invalid:     s.invalid,
		RateSamples: s.each((*Trial).Rate),
		MsgRate:     MedianInterval(s.each((*Trial).MsgRate)),
		CPUPerByte:  MedianInterval(s.each((*Trial).CPUPerByte)),
	}
	row.Rate = MedianInterval(row.RateSamples)

	var machine, bytes float64
	var p50, p99 []float64
	warned := make(map[string]bool)
	for _, t := range s.valid {
		row.Notifications += t.Notifications
		row.Copied += t.Copied
		row.Syscalls += t.Syscalls
		row.Messages += t.Messages
		machine += t.machineNS(tick)
		bytes += float64(t.Bytes)
		if t.Notifications > 0 {
			p50 = append(p50, float64(t.ReleaseP50NS))
			p99 = append(p99, float64(t.ReleaseP99NS))
		}
		for _, w := range t.Warnings {
			if !warned[w] {
				warned[w] = true
				row.Warnings = append(row.Warnings, w)
			}
		}
	}
	row.MachineCPUPerByte = machine / bytes // 0/0 without rounds: NaN
	row.ReleaseP50NS, row.ReleaseP99NS = median(p50), median(p99)
	return row
}

// median is NaN where there are no samples.
func median(samples []float64) float64 {
	m, err := stats.Median(samples)
	if err != nil { // only for no samples
		return math.NaN()
	}
	return m
}
