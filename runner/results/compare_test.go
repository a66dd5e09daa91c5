package results

import (
	"math"
	"math/rand/v2"
	"testing"
)

// day is what a machine is like in the course of one run, or two: the logarithm
// of its speed in each round.
type day func(rng *rand.Rand) []float64

const dayRounds = 24 // of two runs of 12

var days = []struct {
	name string
	day  day
}{
	{"calm", func(*rand.Rand) []float64 { return make([]float64, dayRounds) }},
	{"every round another speed", func(rng *rand.Rand) []float64 {
		out := normal(rng, dayRounds)
		for i := range out {
			out[i] *= 0.03
		}
		return out
	}},
	{"random walk", func(rng *rand.Rand) []float64 {
		out := normal(rng, dayRounds)
		at := 0.0
		for i := range out {
			at += 0.02 * out[i]
			out[i] = at
		}
		return out
	}},
	{"trend", func(rng *rand.Rand) []float64 {
		out := make([]float64, dayRounds)
		for i := range out {
			out[i] = 0.1 * float64(i) / dayRounds
		}
		return out
	}},
}

// runOn is a record of twelve rounds of four ways of sending and A/A at four sizes,
// each trial with 2 % of noise of its own. change is by strategy, of the logarithm
// of time.
func runOn(rng *rand.Rand, speed []float64, change map[string]float64) *Record {
	rec := &Record{Run: Run{Plan: Plan{
		Baseline: "write", Strategies: []string{"write", "a", "b", "c"}, Profiles: []string{ProfileDefault},
	}}}
	for round, logSpeed := range speed {
		for _, size := range []int{64, 1400, 9000, 64000} {
			for i, strategy := range []string{"write", "a", "b", "c", "write"} {
				ns := 25e6 * math.Exp(change[strategy]-logSpeed+0.02*rng.NormFloat64())
				rec.Trials = append(rec.Trials, Trial{
					Round: round, SuperRound: round,
					Cell: Cell{
						Link: "sink", Proto: "udp", Family: 4, Connected: true, NIC: ProfileDefault, Flows: 1,
						Footprint: 1 << 20, Fill: FillStamp, Segment: 1472, Size: size, Batch: 32,
						Strategy: strategy, AA: i == 4,
					},
					Messages: 10000, Bytes: 10000 * int64(size), ElapsedNS: int64(ns), CPUThreadNS: int64(0.97 * ns),
				})
			}
		}
	}
	return rec
}

// verdictShare is how many of the changes by a metric have a verdict.
func verdictShare(t *testing.T, c *Comparison, metric string, of Verdict) float64 {
	t.Helper()
	found, all := 0, 0
	for _, ch := range c.Changes {
		if ch.Metric == metric {
			all++
			if ch.Verdict == of {
				found++
			}
		}
	}
	if all == 0 {
		t.Fatalf("no changes by %s", metric)
	}
	return float64(found) / float64(all)
}

// TestCompareOfTheSameUnderDrift compares runs between which nothing was changed,
// on machines that drift by the same for all cells, on from the first to the second.
func TestCompareOfTheSameUnderDrift(t *testing.T) {
	const pairs = 100
	for _, d := range days {
		t.Run(d.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			wrong := make(map[string]float64)
			for range pairs {
				speed := d.day(rng)
				c, err := Compare(runOn(rng, speed[:12], nil), runOn(rng, speed[12:], nil))
				if err != nil {
					t.Fatal(err)
				}
				for _, metric := range []string{MetricRatio, UnitRate, UnitCPU} {
					wrong[metric] += (verdictShare(t, c, metric, Faster) + verdictShare(t, c, metric, Slower)) / pairs
				}
			}
			for metric, share := range wrong {
				t.Logf("%s: %.4f of rows have a verdict", metric, share)
				if share > 0.05 {
					t.Errorf("%s: %.4f of rows have a verdict, want 0.05 at most", metric, share)
				}
			}
		})
	}
}

// TestCompareFindsWhatChanged plants ways of sending that take 5 % longer, four rows
// of each. Single trials scatter by 2 % and ratios by 2.8 %.
func TestCompareFindsWhatChanged(t *testing.T) {
	const pairs = 100
	slower := math.Log(1.05)
	one := map[string]float64{"b": slower}
	all := map[string]float64{"write": slower, "a": slower, "b": slower, "c": slower}
	for _, tt := range []struct {
		name     string
		day      day
		change   map[string]float64
		metric   string
		affected float64 // share of all rows that are slower
		least    float64 // share of these that is found
	}{
		{"one way of sending, on a calm machine", days[0].day, one, MetricRatio, 1.0 / 3, 0.75},
		{"one way of sending, in a random walk", days[2].day, one, MetricRatio, 1.0 / 3, 0.75},
		{"one way of sending, in bit/s", days[0].day, one, UnitRate, 1.0 / 4, 0.85},
		{"all of them", days[0].day, all, UnitRate, 1, 0.85},
		{"their cost", days[0].day, all, UnitCPU, 1, 0.85},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			var found, wrong float64
			missed := 0 // pairs of runs in which no row is found
			for range pairs {
				speed := tt.day(rng)
				c, err := Compare(runOn(rng, speed[:12], nil), runOn(rng, speed[12:], tt.change))
				if err != nil {
					t.Fatal(err)
				}
				share := verdictShare(t, c, tt.metric, Slower) / tt.affected
				if share == 0 {
					missed++
				}
				found += share / pairs
				wrong += verdictShare(t, c, tt.metric, Faster) / pairs
			}
			t.Logf("found in %.3f of rows, and nowhere in %d of %d pairs of runs", found, missed, pairs)
			if found < tt.least || missed > 2 {
				t.Errorf("want %.2f at least, and nowhere in 2 at most", tt.least)
			}
			if wrong > 0.01 {
				t.Errorf("%.3f of rows are said to be faster", wrong)
			}
		})
	}
}

func TestCompareMatches(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	still := make([]float64, 12)
	old, new := runOn(rng, still, nil), runOn(rng, still, nil)
	keep := func(rec *Record, keep func(Cell) bool) {
		var kept []Trial
		for _, tr := range rec.Trials {
			if keep(tr.Cell) {
				kept = append(kept, tr)
			}
		}
		rec.Trials = kept
	}
	keep(old, func(c Cell) bool { return c.Size != 64 })
	keep(new, func(c Cell) bool { return c.Strategy != "b" || c.Size != 64000 })
	gone := old.Trials[0].Cell.of("b", false)
	gone.Size = 64000
	new.Unsupported = []Unsupported{{Cell: gone, Reason: "not any more"}}

	c, err := Compare(old, new)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Unmatched) != 5 {
		t.Fatalf("%d unmatched cells, want 5: %+v", len(c.Unmatched), c.Unmatched)
	}
	for i, u := range c.Unmatched {
		want := Unmatched{Cell: gone, Side: Old, Reason: "not any more"}
		if i < 4 {
			want = Unmatched{Cell: gone.of(old.Run.Plan.Strategies[i], false), Side: New}
			want.Cell.Size = 64
		}
		if u != want {
			t.Errorf("unmatched %d is %+v, want %+v", i, u, want)
		}
	}
	// Three sizes less the cell that is gone; the baseline has no ratio to itself.
	count := make(map[string]int)
	for i, ch := range c.Changes {
		count[ch.Metric]++
		if ch.Cell.AA || ch.Metric == MetricRatio && ch.Cell.Strategy == "write" {
			t.Errorf("change %d is of %+v by %s", i, ch.Cell, ch.Metric)
		}
	}
	if count[MetricRatio] != 8 || count[UnitRate] != 11 || count[UnitCPU] != 11 {
		t.Errorf("changes by metric: %v; want 8, 11 and 11", count)
	}

	new.Run.Plan.Baseline = "a"
	c, err = Compare(old, new)
	if err != nil || len(c.Changes) != 22 {
		t.Errorf("%d changes with another baseline, %v; want 22, without a ratio", len(c.Changes), err)
	}
	keep(new, func(c Cell) bool { return c.Size == 64 })
	if c, err := Compare(old, new); err != ErrNothingInCommon {
		t.Errorf("without a cell in common: %+v, %v", c, err)
	}
}

// TestCompareFewRounds goes through small numbers of rounds, of which none may
// panic, and invalid ones.
func TestCompareFewRounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	still := make([]float64, 12)
	for n := range 6 {
		for m := range 6 {
			old, new := runOn(rng, still[:n], nil), runOn(rng, still[:m], map[string]float64{"a": 1})
			c, err := Compare(old, new)
			if n*m == 0 {
				if err != ErrNothingInCommon {
					t.Errorf("%d and %d rounds: %v", n, m, err)
				}
				continue
			}
			for _, ch := range c.Changes {
				// A family of 12 or 16 needs 2/C(n+m,n) times as much.
				if ch.Verdict != TooFew {
					t.Errorf("%d and %d rounds: %+v", n, m, ch)
				}
			}
		}
	}
	old, new := runOn(rng, still, nil), runOn(rng, still, nil)
	for i := range new.Trials {
		new.Trials[i].Error = "planted"
	}
	c, err := Compare(old, new)
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range c.Changes {
		if ch.Verdict != TooFew || !math.IsNaN(ch.New) || ch.NewRounds != 0 || !math.IsNaN(ch.P) || math.IsNaN(ch.Old) {
			t.Errorf("all new trials are invalid: %+v", ch)
		}
	}
}

// TestCompareWithItself finds nothing, and no difference of environments.
func TestCompareWithItself(t *testing.T) {
	rec := runOn(rand.New(rand.NewPCG(1, 2)), make([]float64, 12), map[string]float64{"a": 1})
	c, err := Compare(rec, rec)
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range c.Changes {
		if ch.Ratio.Center != 1 || ch.Verdict != NoDifference || ch.P != 1 || ch.Old != ch.New {
			t.Errorf("%+v, want no difference", ch)
		}
	}
	if len(c.Environment) != 0 || len(c.Unmatched) != 0 {
		t.Errorf("%+v and %+v differ", c.Environment, c.Unmatched)
	}
}
