package results_test

import (
	"math"
	"testing"

	"sendbench/runner/results"
)

// profiled are trials of two ways of sending and A/A under a profile that makes
// messages take that many times as long, two rounds in each super-round.
func profiled(rec *results.Record, nic string, segment int, supers int, factor float64) {
	jitter := []float64{1, 1.01, 0.99, 1.005, 0.995, 1.002, 0.998}
	for round := range 2 * supers {
		for i, strategy := range []string{"write", "b", "write"} {
			c := plantedCell
			c.NIC, c.Segment, c.Strategy, c.AA = nic, segment, strategy, i == 2
			day := 1 + 0.3*float64(round/2) // drift from super-round to super-round
			ns := 1000 * factor * day * jitter[(3*round+i)%len(jitter)]
			rec.Trials = append(rec.Trials, results.Trial{
				Round: round, SuperRound: round / 2, Cell: c,
				Messages: 1e6, Bytes: 1e9, ElapsedNS: int64(1e6 * ns), CPUThreadNS: int64(5e5 * ns),
			})
		}
	}
}

func effectOf(t *testing.T, s *results.Summary, nic, strategy string) results.Effect {
	t.Helper()
	for _, e := range s.Effects {
		if e.Cell.NIC == nic && e.Cell.Strategy == strategy {
			return e
		}
	}
	t.Fatalf("no effect of %s on %s among %+v", nic, strategy, s.Effects)
	return results.Effect{}
}

func TestEffects(t *testing.T) {
	rec := planted()
	rec.Run.Plan.Profiles = []string{"default", "mtu=9000", "tso=off", "same"}
	profiled(rec, "default", 1472, 12, 1)
	profiled(rec, "mtu=9000", 8972, 12, 0.5)
	profiled(rec, "tso=off", 1472, 12, 4)
	profiled(rec, "same", 1472, 12, 1)
	s := results.Summarize(rec)
	if len(s.Effects) != 6 {
		t.Fatalf("%d effects, want 6: two ways of sending under three profiles", len(s.Effects))
	}
	for _, tt := range []struct {
		nic     string
		ratio   float64
		verdict results.Verdict
	}{{"mtu=9000", 2, results.Faster}, {"tso=off", 0.25, results.Slower}, {"same", 1, results.NoDifference}} {
		for _, strategy := range []string{"write", "b"} {
			e := effectOf(t, s, tt.nic, strategy)
			if math.Abs(e.Ratio.Center/tt.ratio-1) > 0.02 || e.Verdict != tt.verdict || e.Reference != "default" {
				t.Errorf("%s on %s: %+v, want %v, %s", tt.nic, strategy, e, tt.ratio, tt.verdict)
			}
			if !(e.Floor > 0 && e.Floor < 0.1) {
				t.Errorf("%s on %s: a floor of %v", tt.nic, strategy, e.Floor)
			}
			if e.Ratio.N != 12 || math.Abs(e.CPURatio.Center*e.Ratio.Center-1) > 0.01 || e.Cell.AA {
				t.Errorf("%s on %s: %+v, want 12 super-rounds and the inverse ratio in CPU time", tt.nic, strategy, e)
			}
			// Two comparisons a family, all alike: each is corrected by two at most.
			if tt.ratio != 1 && math.Abs(e.P-4.0/4096) > 1e-12 {
				t.Errorf("%s on %s: p = %v, want twice the smallest, %v", tt.nic, strategy, e.P, 4.0/4096)
			}
		}
	}
}

func TestEffectsOfFewSuperRounds(t *testing.T) {
	rec := planted()
	profiled(rec, "default", 1472, 4, 1)
	profiled(rec, "mtu=9000", 8972, 4, 0.5)
	if e := effectOf(t, results.Summarize(rec), "mtu=9000", "b"); e.Verdict != results.TooFew || e.Ratio.N != 4 {
		t.Errorf("%+v, want too few rounds, of four super-rounds", e)
	}
}

func TestEffectsMatch(t *testing.T) {
	t.Run("without the default profile the plan's first is the reference", func(t *testing.T) {
		rec := planted()
		rec.Run.Plan.Profiles = []string{"z=1", "a=1"}
		profiled(rec, "a=1", 1472, 12, 2)
		profiled(rec, "z=1", 1472, 12, 1)
		if e := effectOf(t, results.Summarize(rec), "a=1", "b"); e.Reference != "z=1" || e.Verdict != results.Slower {
			t.Errorf("%+v, want slower than z=1", e)
		}
	})
	t.Run("the same segment before another", func(t *testing.T) {
		rec := planted()
		profiled(rec, "default", 1472, 12, 1)
		profiled(rec, "default", 0, 12, 10)
		profiled(rec, "mtu=9000", 8972, 12, 0.5)
		profiled(rec, "mtu=9000", 0, 12, 10)
		for _, e := range results.Summarize(rec).Effects {
			want := 2.0
			if e.Cell.Segment == 0 {
				want = 1
			}
			if math.Abs(e.Ratio.Center/want-1) > 0.02 {
				t.Errorf("segment %d: %v, want %v", e.Cell.Segment, e.Ratio.Center, want)
			}
		}
	})
	t.Run("what the reference has no match for is left out", func(t *testing.T) {
		rec := planted()
		profiled(rec, "default", 1472, 12, 1)
		profiled(rec, "default", 1200, 12, 1)
		profiled(rec, "mtu=9000", 8972, 12, 0.5)
		profiled(rec, "mtu=9000", 0, 12, 0.5)
		if effects := results.Summarize(rec).Effects; len(effects) != 0 {
			t.Errorf("%+v, want none", effects)
		}
	})
}
