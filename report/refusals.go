package report

import (
	"fmt"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// NotMeasured are cells that could not be measured, or that the sweep did without.
type NotMeasured struct {
	Reason     string   `json:"reason"`
	Omitted    bool     `json:"omitted"` // they could be measured
	Cells      int      `json:"cells"`
	Strategies []string `json:"strategies"`
	NIC        []string `json:"nic"`
	SizesBytes []int    `json:"sizes_bytes"`

	footprints []string
}

// notMeasured groups the unsupported cells by reason, in the order of the record. The
// baseline's second visit isn't a cell of its own.
func notMeasured(s *results.Summary) []NotMeasured {
	out := []NotMeasured{}
	index := make(map[string]int)
	for _, u := range s.Unsupported {
		if u.Cell.AA {
			continue
		}
		i, ok := index[u.Reason]
		if !ok {
			i = len(out)
			index[u.Reason] = i
			out = append(out, NotMeasured{Reason: u.Reason, Omitted: u.Omitted})
		}
		n := &out[i]
		n.Cells++
		n.Strategies, n.NIC, n.SizesBytes = addOnce(n.Strategies, u.Cell.Strategy), addOnce(n.NIC, u.Cell.NIC), addOnce(n.SizesBytes, u.Cell.Size)
		n.footprints = addOnce(n.footprints, bytesLabel(u.Cell.Footprint))
	}
	for i := range out {
		slices.Sort(out[i].SizesBytes)
	}
	return out
}

func addOnce[T comparable](list []T, v T) []T {
	if slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}

// extent says which cells these are.
func (n NotMeasured) extent() string {
	sizes := sizeRun(n.SizesBytes[0], n.SizesBytes[len(n.SizesBytes)-1])
	return fmt.Sprintf("%s (%s, footprint %s, %s)", count(n.Cells, "cell", "cells"),
		strings.Join(printables(n.NIC), "; "), strings.Join(n.footprints, " and "), sizes)
}

// refusals are what can't be measured here, and left is what the sweep did without.
func refusals(s *results.Summary) (refused, left []NotMeasured) {
	for _, n := range notMeasured(s) {
		if n.Omitted {
			left = append(left, n)
		} else {
			refused = append(refused, n)
		}
	}
	return refused, left
}

// sentence says who was left out and why.
func (n NotMeasured) sentence() string {
	return join(printables(n.Strategies), "and") + ": " + sentence(n.Reason)
}
