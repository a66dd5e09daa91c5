package results_test

import (
	"math"
	"slices"
	"testing"

	"sendbench/runner/results"
)

// plantedCell is the point that planted series are measured at.
var plantedCell = results.Cell{
	Link: "sink", Proto: "udp", Family: 4, Connected: true, NIC: "default", Flows: 1,
	Footprint: 1 << 20, Fill: results.FillStamp, Segment: 1472, Size: 1000, Batch: 32,
}

// visit is one strategy's trials: what a message took in ns in each round, NaN
// for an invalid trial and 0 for none.
type visit struct {
	strategy string
	aa       bool
	ns       []float64
}

func planted(visits ...visit) *results.Record {
	rec := &results.Record{Run: results.Run{Plan: results.Plan{
		Baseline: "write", Strategies: []string{"write", "b", "a"}, Profiles: []string{"default"},
	}}}
	for _, v := range visits {
		for round, ns := range v.ns {
			if ns == 0 {
				continue
			}
			c := plantedCell
			c.Strategy, c.AA = v.strategy, v.aa
			t := results.Trial{Round: round, Cell: c}
			if math.IsNaN(ns) {
				t.Error = "planted"
			} else {
				t.Messages, t.Bytes = 1e6, 1e9
				t.ElapsedNS = int64(1e6 * ns)
				t.CPUThreadNS = t.ElapsedNS / 2
			}
			rec.Trials = append(rec.Trials, t)
		}
	}
	return rec
}

func group(t *testing.T, s *results.Summary) results.Group {
	t.Helper()
	if len(s.Groups) != 1 {
		t.Fatalf("%d groups, want 1", len(s.Groups))
	}
	return s.Groups[0]
}

func row(t *testing.T, g results.Group, strategy string) results.Row {
	t.Helper()
	i := slices.IndexFunc(g.Rows, func(r results.Row) bool { return r.Strategy == strategy })
	if i < 0 {
		t.Fatalf("no row for %s", strategy)
	}
	return g.Rows[i]
}

func times(f float64, in []float64) []float64 {
	out := make([]float64, len(in))
	for i, v := range in {
		out[i] = f * v
	}
	return out
}
