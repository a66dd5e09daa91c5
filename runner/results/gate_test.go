package results

import (
	"math"
	"math/rand/v2"
	"testing"
)

// panelsOn is a run of twelve rounds of two ways of sending, at two sizes of each of
// so many NIC profiles. Its A/A is the same to the nanosecond, so that the noise floor
// takes no part in what is shown.
func panelsOn(rng *rand.Rand, profiles int, change float64) *Record {
	rec := &Record{Run: Run{Plan: Plan{Baseline: "write", Strategies: []string{"write", "a"}}}}
	for profile := range profiles {
		for round := range 12 {
			for _, size := range []int{1400, 64000} {
				var base int64
				for i, strategy := range []string{"write", "a", "write"} {
					ns := int64(25e6 * math.Exp(0.02*rng.NormFloat64()))
					switch {
					case i == 0:
						base = ns
					case i == 1:
						ns = int64(float64(ns) * (1 + change))
					case i == 2:
						ns = base
					}
					rec.Trials = append(rec.Trials, Trial{
						Round: round, SuperRound: round,
						Cell: Cell{
							Link: "sink", Proto: "udp", Family: 4, NIC: string(rune('a' + profile)), Flows: 1, Footprint: 1 << 20,
							Fill: FillStamp, Size: size, Batch: 32, Strategy: strategy, AA: i == 2,
						},
						Messages: 10000, Bytes: 10000 * int64(size), ElapsedNS: ns, CPUThreadNS: ns,
					})
				}
			}
		}
	}
	return rec
}

// TestGateOfTheSame compares pairs of runs between which nothing was changed, in
// eight panels, without floors: some row has a verdict in many of them, the gate may
// fire in 5 %.
func TestGateOfTheSame(t *testing.T) {
	const pairs = 200
	rng := rand.New(rand.NewPCG(1, 2))
	var rows, gates int
	for range pairs {
		c, err := Compare(panelsOn(rng, 8, 0), panelsOn(rng, 8, 0))
		if err != nil {
			t.Fatal(err)
		}
		for _, ch := range c.Changes {
			if ch.Verdict == Slower || ch.Verdict == Faster {
				rows++
				break
			}
		}
		g := c.Gate(Slower, Faster)
		if g.Undecided > 0 || len(g.Lost) > 0 {
			t.Fatalf("%d of %d changes are undecided, %d cells lost", g.Undecided, g.Changes, len(g.Lost))
		}
		if !g.Passes() {
			gates++
		}
	}
	t.Logf("of %d comparisons %d have a verdict, and the gate fires in %d", pairs, rows, gates)
	if share := float64(gates) / pairs; share > binomialBound(0.05, pairs) {
		t.Errorf("the gate fires for nothing in %.3f of comparisons", share)
	}
	if share := float64(rows) / pairs; share < 0.15 {
		t.Errorf("only %.3f of comparisons have a verdict: it needs no gate of its own", share)
	}
}

func TestGateFires(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	c, err := Compare(panelsOn(rng, 8, 0), panelsOn(rng, 8, 0.1))
	if err != nil {
		t.Fatal(err)
	}
	before := c.Changes[0]
	for _, tt := range []struct {
		kind  []Verdict
		fires bool
	}{{[]Verdict{Slower}, true}, {[]Verdict{Faster}, false}, {[]Verdict{Slower, Faster}, true}} {
		g := c.Gate(tt.kind...)
		if (len(g.Fired) > 0) != tt.fires || g.Passes() == tt.fires {
			t.Errorf("%v: %d changes fire", tt.kind, len(g.Fired))
		}
		for _, ch := range g.Fired {
			if ch.Cell.Strategy != "a" || ch.Verdict != Slower || !(ch.P <= Significance) {
				t.Errorf("fired: %+v", ch)
			}
		}
	}
	if c.Changes[0].P != before.P || c.Changes[0].Verdict != before.Verdict {
		t.Errorf("the gate changed %+v to %+v", before, c.Changes[0])
	}
}

// TestGateOfWhatIsBroken leaves the new record without valid rounds of a cell in each
// way there is, and without anything to decide by.
func TestGateOfWhatIsBroken(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	old := panelsOn(rng, 2, 0)
	broken := func(c Cell) bool { return c.Strategy == "a" && c.NIC == "b" && c.Size == 1400 }
	cut := func(rec *Record, keep func(*Trial) bool) {
		var kept []Trial
		for _, tr := range rec.Trials {
			if keep(&tr) {
				kept = append(kept, tr)
			}
		}
		rec.Trials = kept
	}
	for _, tt := range []struct {
		name      string
		edit      func(*Record)
		lost      int
		starved   int
		reason    string
		undecided bool // all of it
	}{
		{"nothing", func(*Record) {}, 0, 0, "", false},
		{"missing", func(r *Record) { cut(r, func(tr *Trial) bool { return !broken(tr.Cell) }) }, 1, 0, "", false},
		{"unsupported", func(r *Record) {
			cut(r, func(tr *Trial) bool { return !broken(tr.Cell) })
			c := old.Trials[0].Cell.of("a", false)
			c.NIC = "b"
			r.Unsupported = []Unsupported{{Cell: c, Reason: "not any more"}}
		}, 1, 0, "not any more", false},
		{"invalid", func(r *Record) {
			cut(r, func(tr *Trial) bool {
				if broken(tr.Cell) {
					tr.Error = "planted"
				}
				return true
			})
		}, 1, 0, "planted", false},
		{"one round is valid", func(r *Record) {
			cut(r, func(tr *Trial) bool {
				if broken(tr.Cell) && tr.Round > 0 {
					tr.Error = "planted"
				}
				return true
			})
		}, 0, 3, "", false},
		{"as many rounds as a verdict needs", func(r *Record) { cut(r, func(tr *Trial) bool { return tr.Round < 8 }) }, 0, 0, "", false},
		{"all but one cell in few rounds", func(r *Record) {
			cut(r, func(tr *Trial) bool {
				return tr.Round < 3 || tr.Cell.NIC == "a" && tr.Cell.Strategy == "write" && tr.Cell.Size == 1400
			})
		}, 0, 18, "", false},
		{"too few rounds", func(r *Record) { cut(r, func(tr *Trial) bool { return tr.Round < 2 }) }, 0, 20, "", true},
		{"the second visit only", func(r *Record) { cut(r, func(tr *Trial) bool { return !tr.Cell.AA }) }, 0, 0, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			new := panelsOn(rand.New(rand.NewPCG(1, 2)), 2, 0)
			tt.edit(new)
			c, err := Compare(old, new)
			if err != nil {
				t.Fatal(err)
			}
			g := c.Gate(Slower, Faster)
			if len(g.Lost) != tt.lost || len(g.Starved) != tt.starved || g.Decided() == tt.undecided || g.Passes() != (tt.lost == 0 && tt.starved == 0 && !tt.undecided) {
				t.Errorf("%d lost, %d starved, %d of %d undecided, passes: %t", len(g.Lost), len(g.Starved), g.Undecided, g.Changes, g.Passes())
			}
			for _, l := range g.Lost {
				if !broken(l.Cell) || l.Reason != tt.reason {
					t.Errorf("lost %+v, want the broken one, %q", l, tt.reason)
				}
			}
		})
	}
	// Where the old record has too few rounds itself, the new one's are no less.
	few := panelsOn(rng, 2, 0)
	cut(few, func(tr *Trial) bool { return tr.Round < 4 || tr.Cell.NIC == "a" })
	fewer := panelsOn(rng, 2, 0)
	cut(fewer, func(tr *Trial) bool { return tr.Round < 3 || tr.Cell.NIC == "a" })
	if c, err := Compare(few, fewer); err != nil {
		t.Error(err)
	} else if g := c.Gate(Slower); !g.Passes() || g.Undecided != 10 {
		t.Errorf("of profile b neither record has enough rounds: %d undecided, %d starved, passes: %t", g.Undecided, len(g.Starved), g.Passes())
	}
	// Without A/A in either there is no floor to hold a claim against.
	cut(old, func(tr *Trial) bool { return !tr.Cell.AA })
	slower := panelsOn(rng, 2, 1)
	cut(slower, func(tr *Trial) bool { return !tr.Cell.AA })
	c, err := Compare(old, slower)
	if err != nil {
		t.Fatal(err)
	}
	if g := c.Gate(Slower); g.Decided() || g.Passes() || len(g.Fired) > 0 {
		t.Errorf("without A/A: %d fire, %d of %d undecided", len(g.Fired), g.Undecided, g.Changes)
	}
	for _, ch := range c.Changes {
		if ch.Verdict != NoDifference || !math.IsInf(ch.Floor, 1) {
			t.Errorf("without A/A: %+v", ch)
		}
	}
}
