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
		} else if len(t.Warnings) > 0 {
			s.Warned++
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
	valid, invalid []*Trial
}

func newSeries(trials []*Trial) series {
	slices.SortFunc(trials, func(a, b *Trial) int { return cmp.Compare(a.Round, b.Round) })
	var s series
	for _, t := range trials {
		if t.Valid() {
			s.valid = append(s.valid, t)
		} else {
			s.invalid = append(s.invalid, t)
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

// pair is two trials of one round.
type pair struct{ own, base *Trial }

// pairs are the rounds that both series have, in their order.
func (s series) pairs(base series) []pair {
	var out []pair
	rest := base.valid
	for _, t := range s.valid {
		for len(rest) > 0 && rest[0].Round < t.Round {
			rest = rest[1:]
		}
		if len(rest) == 0 {
			break
		}
		if rest[0].Round == t.Round {
			out = append(out, pair{t, rest[0]})
		}
	}
	return out
}

// logRatios are log(f(own)/f(base)) of the pairs, without those of which either
// figure is zero.
func logRatios(pairs []pair, f func(*Trial) float64) []float64 {
	var out []float64
	for _, p := range pairs {
		if num, den := f(p.own), f(p.base); num > 0 && den > 0 {
			out = append(out, math.Log(num)-math.Log(den))
		}
	}
	return out
}

// ratio is f(own)/f(base), NaN where either is zero.
func (p pair) ratio(f func(*Trial) float64) float64 {
	if num, den := f(p.own), f(p.base); num > 0 && den > 0 {
		return num / den
	}
	return math.NaN()
}

func newGroup(cell Cell, visits map[Cell]series, plan Plan, tick float64) Group {
	at := func(strategy string, aa bool) series {
		c := cell
		c.Strategy, c.AA = strategy, aa
		return visits[c]
	}
	base := at(plan.Baseline, false)
	g := Group{Cell: cell}
	again := at(plan.Baseline, true).pairs(base)
	g.AA = MedianInterval(logRatios(again, (*Trial).Rate)).exp()
	g.NoiseFloor = g.AA.HalfWidth()
	g.CPUNoiseFloor = MedianInterval(logRatios(again, (*Trial).CPUPerByte)).exp().HalfWidth()

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
			pairs := one.pairs(base)
			row.Ratio = MedianInterval(logRatios(pairs, (*Trial).Rate)).exp()
			row.CPURatio = MedianInterval(logRatios(pairs, (*Trial).CPUPerByte)).exp()
			for _, p := range pairs {
				row.RatioRounds = append(row.RatioRounds, p.own.Round)
				row.RatioSamples = append(row.RatioSamples, p.ratio((*Trial).Rate))
				row.CPURatioSamples = append(row.CPURatioSamples, p.ratio((*Trial).CPUPerByte))
			}
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
		Invalid:     len(s.invalid),
		RateSamples: s.each((*Trial).Rate),
		MsgRate:     MedianInterval(s.each((*Trial).MsgRate)),
		CPUPerByte:  MedianInterval(s.each((*Trial).CPUPerByte)),
	}
	row.Rate = MedianInterval(row.RateSamples)

	var machine, bytes float64
	var p50, p99 []float64
	for i, t := range s.valid {
		if i == 0 || t.TouchedBytes < row.TouchedBytes {
			row.TouchedBytes = t.TouchedBytes
		}
		row.Notifications += t.Notifications
		row.Copied += t.Copied
		row.Unreported += t.Unreported
		row.Syscalls += t.Syscalls
		row.Messages += t.Messages
		machine += t.machineNS(tick)
		bytes += float64(t.Bytes)
		if t.Notifications > 0 {
			p50 = append(p50, float64(t.ReleaseP50NS))
			p99 = append(p99, float64(t.ReleaseP99NS))
		}
		row.Warnings = append(row.Warnings, t.Warnings...)
		if len(t.Warnings) > 0 {
			row.Warned++
		}
	}
	for _, t := range s.invalid {
		if t.Error != "" {
			row.Errors = append(row.Errors, t.Error)
		}
	}
	row.Warnings, row.Errors = distinct(row.Warnings), distinct(row.Errors)
	row.MachineCPUPerByte = machine / bytes // 0/0 without rounds: NaN
	row.ReleaseP50NS, row.ReleaseP99NS = median(p50), median(p99)
	return row
}

// distinct leaves the first of each text, in their order.
func distinct(texts []string) []string {
	seen := make(map[string]bool, len(texts))
	return slices.DeleteFunc(texts, func(s string) bool {
		again := seen[s]
		seen[s] = true
		return again
	})
}

// median is NaN where there are no samples.
func median(samples []float64) float64 {
	m, err := stats.Median(samples)
	if err != nil { // only for no samples
		return math.NaN()
	}
	return m
}
