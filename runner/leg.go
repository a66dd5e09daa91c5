//go:build linux

package runner

import (
	"iter"

	"sendbench/runner/results"
)

// leg is rounds of the same cells of one NIC profile, one after the other: a
// super-round's visit of the profile, or what takes some groups to their next look.
type leg struct {
	super      int
	profile    string
	first, end int            // its rounds, without the last
	cells      []results.Cell // in the plan's order
	seed       uint64
	stream     string // of the shuffling
}

// rounds are the leg's, each with its cells in an order of its own.
func (l leg) rounds() iter.Seq[Round] {
	return func(yield func(Round) bool) {
		for n := l.first; n < l.end; n++ {
			if !yield(Round{SuperRound: l.super, Round: n, Profile: l.profile, Cells: shuffled(l.cells, l.seed, l.stream, n)}) {
				return
			}
		}
	}
}

// trials is how many the leg has.
func (l leg) trials() int { return (l.end - l.first) * len(l.cells) }
