package report

import (
	"cmp"
	"fmt"
	"slices"

	"sendbench/runner/results"
)

// Reasons for which a cell has no figures. whyInvalid is the fourth.
const (
	whyUnsupported = "unsupported"
	whyOmitted     = "left out of the sweep"
	whyUnmeasured  = "not measured" // the run ended before, or was killed
)

// blank is a cell without figures, and why it has none.
type blank struct {
	cell results.Cell
	why  string
}

// blanks are the cells, planned or tried, that have no valid trial, in the order of the
// plan. The baseline's second visit isn't a cell of its own.
func blanks(s *results.Summary) []blank {
	rounds := make(map[results.Cell]int) // valid ones, of each that was tried
	var tried []results.Cell
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			c := g.Cell
			c.Strategy = r.Strategy
			rounds[c] = r.Rounds
			tried = append(tried, c)
		}
	}
	refused := make(map[results.Cell]string)
	var cells []results.Cell
	for _, u := range s.Unsupported {
		refused[u.Cell] = whyUnsupported
		if u.Omitted {
			refused[u.Cell] = whyOmitted
		}
		cells = append(cells, u.Cell)
	}
	var out []blank
	seen := make(map[results.Cell]bool)
	for _, c := range slices.Concat(s.Run.Plan.Cells, cells, tried) {
		if c.AA || seen[c] || rounds[c] > 0 {
			continue
		}
		seen[c] = true
		_, invalid := rounds[c]
		switch why := refused[c]; {
		case invalid:
			out = append(out, blank{c, whyInvalid})
		case why != "":
			out = append(out, blank{c, why})
		default:
			out = append(out, blank{c, whyUnmeasured})
		}
	}
	return out
}

// coverage counts the cells of a sweep that can be measured here, and weren't left out.
type coverage struct {
	cells     int
	invalid   int // of these, without a valid trial
	unreached int // without any: the run ended before, or was killed
}

func covered(s *results.Summary) coverage {
	var c coverage
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			if r.Rounds > 0 {
				c.cells++
			}
		}
	}
	for _, b := range blanks(s) {
		switch b.why {
		case whyInvalid:
			c.invalid++
		case whyUnmeasured:
			c.unreached++
		}
	}
	c.cells += c.invalid + c.unreached
	return c
}

// words say how many cells have no figures; "" where all have.
func (c coverage) words() string {
	var parts []string
	if c.invalid > 0 {
		parts = append(parts, count(c.invalid, "has no valid trial", "have no valid trial"))
	}
	if c.unreached > 0 {
		parts = append(parts, count(c.unreached, "was not reached by the run", "were not reached by the run"))
	}
	if parts == nil {
		return ""
	}
	return fmt.Sprintf("Of %s that can be measured here %s.", count(c.cells, "cell", "cells"), join(parts, "and"))
}

// blank is why a strategy has no figures at a size; ok is false where it has some, or
// nothing is known of it.
func (w walk) blank(strategy string, size int) (why string, ok bool) {
	why, ok = w.blanks[strategyAt{strategy, size}]
	return why, ok
}

// strategyAt is a cell of a walk.
type strategyAt struct {
	strategy string
	size     int
}

// gap is a size that was planned and at which nothing was measured.
type gap struct {
	size int
	why  string
}

// addBlanks notes those cells that are the walk's, once all of its groups are there.
func (w *walk) addBlanks(list []blank) {
	measured := make(map[int]bool)
	for _, g := range w.groups {
		measured[g.Cell.Size] = true
	}
	w.blanks = make(map[strategyAt]string)
	at := make(map[int]int) // of gaps, by size
	for _, b := range list {
		size := b.cell.Size
		w.blanks[strategyAt{b.cell.Strategy, size}] = b.why
		if measured[size] || b.why == whyOmitted {
			continue
		}
		i, ok := at[size]
		if !ok {
			i, at[size] = len(w.gaps), len(w.gaps)
			w.gaps = append(w.gaps, gap{size, whyUnsupported})
		}
		if b.why != whyUnsupported {
			w.gaps[i].why = whyUnmeasured
		}
	}
	slices.SortFunc(w.gaps, func(a, b gap) int { return cmp.Compare(a.size, b.size) })
}

// gapBetween reports whether one lies between two sizes.
func (w walk) gapBetween(low, high int) bool {
	i, _ := slices.BinarySearchFunc(w.gaps, low, func(g gap, size int) int { return cmp.Compare(g.size, size) })
	return i < len(w.gaps) && w.gaps[i].size < high
}

// planned are the walk's sizes, ascending, measured or not.
func (w walk) planned() []int {
	sizes := w.sizes()
	for _, g := range w.gaps {
		sizes = append(sizes, g.size)
	}
	slices.Sort(sizes)
	return sizes
}

// withGaps is a curve that ascends by size with the walk's gaps in their places.
func (w walk) withGaps(curve []ratioAt) []ratioAt {
	for _, g := range w.gaps {
		curve = append(curve, ratioAt{size: g.size, standing: uncompared, why: g.why})
	}
	slices.SortStableFunc(curve, func(a, b ratioAt) int { return cmp.Compare(a.size, b.size) })
	return curve
}
