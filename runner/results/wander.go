package results

import (
	"math"
	"slices"
)

// stretchesOfARun is how many stretches of time a run is cut into to see how far
// the machine strays: few enough that each has trials of many cells and the
// scatter of single trials cancels, enough that the range of their medians tells.
const stretchesOfARun = 8

// wander is how far a run strays from itself, as a part of 1: the ratio of the
// machine's speed, or cost, in the best of its stretches to that in the worst, less
// 1. A stretch's is the median, over all its trials, of how far each lies from the
// median of its own cell, so that it doesn't matter which cells are in which
// stretch. It is 0 for a run of a single stretch.
//
// Absolute figures of two runs differ even if nothing was changed: clocks, caches
// and neighbours on a shared host drift, and by the same for all cells, so that no
// number of rounds and no test over rounds takes it out. A run's own stretches are
// all there is to learn its size from. They are not divided by anything for there
// being eight of them, as they would be if they were independent, because drift is
// as large between hours as between minutes, or larger: what moves a run by so much
// within itself may have moved the whole of it by as much. Two runs are off by such
// an error each, so that the difference may be by the root of the sum of squares.
// That holds for stretches that are independent, and for a random walk that goes on
// from one run to the next (TestCompareOfTheSameUnderDrift). A change of 5 % is then
// found in absolute figures where the machine strays by less than about 2 %, and in
// the ratio to the baseline, in which drift cancels, elsewhere too.
func (s sample) wander(f func(*Trial) float64) float64 {
	usual := make(map[Cell]float64, len(s.visits))
	for c, visits := range s.visits {
		usual[c] = math.Log(median(visits.each(f)))
	}
	type visit struct {
		nic          string
		super, round int
	}
	var order []visit // in time
	strays := make(map[visit][]float64)
	for _, t := range s.trials {
		if !t.Valid() || f(t) <= 0 || math.IsInf(f(t), 1) || math.IsInf(usual[t.Cell], 0) {
			continue
		}
		v := visit{t.Cell.NIC, t.SuperRound, t.Round}
		if strays[v] == nil {
			order = append(order, v)
		}
		strays[v] = append(strays[v], math.Log(f(t))-usual[t.Cell])
	}
	n := min(stretchesOfARun, len(order))
	medians := make([]float64, n)
	for i := range medians {
		var stretch []float64
		for _, v := range order[i*len(order)/n : (i+1)*len(order)/n] {
			stretch = append(stretch, strays[v]...)
		}
		medians[i] = median(stretch)
	}
	if n == 0 {
		return 0
	}
	return math.Expm1(slices.Max(medians) - slices.Min(medians))
}
