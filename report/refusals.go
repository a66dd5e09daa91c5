package report

import (
	"fmt"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// refusal is one reason for which cells are unsupported, with what it hits.
type refusal struct {
	reason     string
	cells      int
	strategies []string
	profiles   []string
	footprints []string
	sizes      []int
	omitted    bool // by the sweep, though they could be measured
}

// refusals groups the unsupported cells by reason, in the order of the record.
// The baseline's second visit isn't a cell of its own.
func refusals(s *results.Summary) []refusal {
	var out []refusal
	index := make(map[string]int)
	for _, u := range s.Unsupported {
		if u.Cell.AA {
			continue
		}
		i, ok := index[u.Reason]
		if !ok {
			i = len(out)
			index[u.Reason] = i
			out = append(out, refusal{reason: printableText(u.Reason), omitted: u.Omitted})
		}
		r := &out[i]
		r.cells++
		r.strategies = addOnce(r.strategies, printable(u.Cell.Strategy))
		r.profiles = addOnce(r.profiles, printable(u.Cell.NIC))
		r.footprints = addOnce(r.footprints, bytesLabel(u.Cell.Footprint))
		r.sizes = addOnce(r.sizes, u.Cell.Size)
	}
	for i := range out {
		slices.Sort(out[i].sizes)
	}
	return out
}

func addOnce[T comparable](list []T, v T) []T {
	if slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}

// extent says which cells a refusal hits.
func (r refusal) extent() string {
	sizes := sizeRun(r.sizes[0], r.sizes[len(r.sizes)-1])
	return fmt.Sprintf("%s (%s, footprint %s, %s)", count(r.cells, "cell", "cells"),
		strings.Join(r.profiles, "; "), strings.Join(r.footprints, " and "), sizes)
}

// unsupported are the refusals of what can't be measured here, and left those of
// what the sweep did without.
func unsupported(s *results.Summary) (refused, left []refusal) {
	for _, r := range refusals(s) {
		if r.omitted {
			left = append(left, r)
		} else {
			refused = append(refused, r)
		}
	}
	return refused, left
}

// sentence says who was left out and why.
func (r refusal) sentence() string {
	return join(r.strategies, "and") + ": " + sentence(r.reason)
}
