package results

import (
	"cmp"
	"math"
	"slices"

	"github.com/montanaflynn/stats"
)

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

// byCell sorts trials into the series of their cells.
func byCell(trials []*Trial) map[Cell]series {
	cells := make(map[Cell][]*Trial)
	for _, t := range trials {
		cells[t.Cell] = append(cells[t.Cell], t)
	}
	visits := make(map[Cell]series, len(cells))
	for c, ts := range cells {
		visits[c] = newSeries(ts)
	}
	return visits
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
// figure is zero or +Inf.
func logRatios(pairs []pair, f func(*Trial) float64) []float64 {
	var out []float64
	for _, p := range pairs {
		if num, den := f(p.own), f(p.base); proper(num) && proper(den) {
			out = append(out, math.Log(num)-math.Log(den))
		}
	}
	return out
}

// ratio is f(own)/f(base), NaN where either is zero or +Inf.
func (p pair) ratio(f func(*Trial) float64) float64 {
	if num, den := f(p.own), f(p.base); proper(num) && proper(den) {
		return num / den
	}
	return math.NaN()
}

// proper reports whether a figure can be part of a ratio.
func proper(v float64) bool { return v > 0 && !math.IsInf(v, 1) }

// median is NaN where there are no samples.
func median(samples []float64) float64 {
	m, err := stats.Median(samples)
	if err != nil { // only for no samples
		return math.NaN()
	}
	return m
}
