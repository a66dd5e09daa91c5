//go:build linux

package runner

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sendbench/runner/results"
)

func TestLooks(t *testing.T) {
	for least, want := range map[int]string{
		12:   "[12 16 24 32 48 64 96 128 192 256 384 512 768 1024]",
		14:   "[14 16 24 32 48 64 96 128 192 256 384 512 768 1024]",
		768:  "[768 1024]",
		1024: "[1024]",
		2000: "[2000]",
	} {
		if got := fmt.Sprint(looks(least)); got != want {
			t.Errorf("from %d: %s, want %s", least, got, want)
		}
	}
}

// plant is a plan of groups of two ways and the A/A cell, a group for each size on
// each profile.
func plant(asked float64, sizes []int, profiles ...string) results.Plan {
	p := results.Plan{Baseline: "write", Strategies: []string{"write", "sendmmsg"}, Profiles: profiles,
		Rounds: 12, SuperRounds: 12, Precision: asked, Looks: looks(12)}
	for _, profile := range profiles {
		for _, size := range sizes {
			c := results.Cell{NIC: profile, Size: size, Strategy: "write"}
			again, other := c, c
			again.AA, other.Strategy = true, "sendmmsg"
			p.Cells = append(p.Cells, c, again, other)
		}
	}
	return p
}

// spread gives cells a round in which their ratio is off by at most so much, up
// and down in turn: the interval of the ratio is as wide as that.
func spread(p *precision, rounds []Round, width func(results.Cell) float64) {
	for _, r := range rounds {
		for _, c := range r.Cells {
			log := 0.0
			if c.Strategy != "write" {
				log = math.Log1p(width(c)) * float64(1-2*(r.Round%2))
			}
			p.observe(c, r.Round, log)
		}
		p.super = max(p.super, r.SuperRound+1) // as add does
	}
}

// extra is the rounds that a precision asks for next.
func extra(p *precision) []Round {
	l, ok := p.next()
	if !ok {
		return nil
	}
	return slices.Collect(l.rounds())
}

func sizesOf(rounds []Round) (sizes []int) {
	for _, c := range rounds[0].Cells {
		sizes = append(sizes, c.Size)
	}
	slices.Sort(sizes)
	return slices.Compact(sizes)
}

// TestNext: groups that are wide get rounds up to the next look, all of them
// before any gets more, the widest first; groups of one profile share.
func TestNext(t *testing.T) {
	plan := plant(0.03, []int{1, 2, 3}, "default", "mtu=9000")
	p := newPrecision(plan, 42, nil)
	width := func(c results.Cell) float64 {
		switch {
		case c.NIC == "default" && c.Size == 1:
			return 0.01
		case c.NIC == "default":
			return 0.05
		case c.Size == 3:
			return 0.2 // never narrow
		}
		return 0.029
	}
	spread(p, slices.Collect(Rounds(plan, 42, nil)), width)
	type step struct {
		profile         string
		sizes           []int
		super, from, to int
	}
	want := []step{
		{"mtu=9000", []int{3}, 12, 12, 16},
		{"default", []int{2, 3}, 13, 12, 16},
		{"mtu=9000", []int{3}, 14, 16, 24},
		{"default", []int{2, 3}, 15, 16, 24},
		{"mtu=9000", []int{3}, 16, 24, 32},
	}
	for i, w := range want {
		rounds := extra(p)
		if len(rounds) == 0 {
			t.Fatalf("step %d is missing", i)
		}
		last := rounds[len(rounds)-1]
		got := step{rounds[0].Profile, sizesOf(rounds), rounds[0].SuperRound, rounds[0].Round, last.Round + 1}
		if diff := cmp.Diff(w, got, cmp.AllowUnexported(step{})); diff != "" {
			t.Errorf("step %d (-want +got):\n%s", i, diff)
		}
		if n := len(rounds[0].Cells); n != 3*len(w.sizes) || len(rounds) != w.to-w.from {
			t.Errorf("step %d: %d rounds of %d cells", i, len(rounds), n)
		}
		if diff := cmp.Diff(rounds, extra(p)); diff != "" {
			t.Errorf("step %d: asked again it is another (-first +second):\n%s", i, diff)
		}
		if i == 3 {
			width = func(c results.Cell) float64 { return map[bool]float64{true: 0, false: 0.2}[c.NIC == "default"] }
		}
		spread(p, rounds, width)
	}
	for range len(ladder) {
		if rounds := extra(p); rounds != nil {
			spread(p, rounds, width)
		}
	}
	if rounds := extra(p); rounds != nil || p.groups[len(p.groups)-1].rounds != 1024 {
		t.Errorf("after the last look: %v, %d rounds of the widest", rounds, p.groups[len(p.groups)-1].rounds)
	}
}

// TestNextShares: a worker has no more groups than sharers, the widest.
func TestNextShares(t *testing.T) {
	var sizes []int
	for i := range sharers + 3 {
		sizes = append(sizes, i+1)
	}
	plan := plant(0.03, sizes, "default")
	p := newPrecision(plan, 1, nil)
	spread(p, slices.Collect(Rounds(plan, 1, nil)), func(c results.Cell) float64 { return 0.1 * float64(c.Size) })
	rounds := extra(p)
	if diff := cmp.Diff(sizes[3:], sizesOf(rounds)); diff != "" {
		t.Errorf("first the widest (-want +got):\n%s", diff)
	}
	if slices.Equal(rounds[0].Cells, rounds[1].Cells) {
		t.Error("two rounds have their cells in the same order")
	}
	spread(p, rounds, func(results.Cell) float64 { return 0 })
	if diff := cmp.Diff(sizes[:3], sizesOf(extra(p))); diff != "" {
		t.Errorf("then the rest (-want +got):\n%s", diff)
	}
}

// TestNextBetweenLooks: what an interruption left between two looks isn't looked
// at, and is gone on with.
func TestNextBetweenLooks(t *testing.T) {
	plan := plant(0.03, []int{1}, "default")
	p := newPrecision(plan, 1, nil)
	spread(p, slices.Collect(Rounds(plan, 1, nil)), func(results.Cell) float64 { return 0.05 })
	spread(p, extra(p)[:2], func(results.Cell) float64 { return 0 }) // two of four
	rounds := extra(p)
	if len(rounds) != 2 || rounds[0].Round != 14 || rounds[0].SuperRound != 13 {
		t.Fatalf("goes on with %+v", rounds)
	}
	if g := p.groups[0]; g.looked != 12 || math.Abs(g.width-0.05) > 1e-12 {
		t.Errorf("width %v at %d rounds, want that at the look before", g.width, g.looked)
	}
	spread(p, rounds, func(results.Cell) float64 { return 0 })
	if extra(p); p.groups[0].looked != 16 {
		t.Errorf("looked last at %d rounds", p.groups[0].looked)
	}
}

// TestPrecisionLooksAtWidthsAlone: planted ratios that differ by a factor come to
// the same decisions.
func TestPrecisionLooksAtWidthsAlone(t *testing.T) {
	steps := func(factor float64) (text string) {
		plan := plant(0.03, []int{1, 2}, "default")
		p := newPrecision(plan, 7, nil)
		noise := noiseOf("normal", 9)
		for rounds := slices.Collect(Rounds(plan, 7, nil)); rounds != nil; rounds = extra(p) {
			text += fmt.Sprintln(len(rounds), sizesOf(rounds))
			for _, r := range rounds {
				for _, c := range plan.Cells {
					log := 0.05 * noise() // the same draws whatever the order of cells
					if c.Strategy != "write" {
						log += math.Log(factor)
					}
					if slices.Contains(r.Cells, c) {
						p.observe(c, r.Round, log)
					}
				}
				p.super = r.SuperRound + 1
			}
		}
		return text
	}
	one := steps(1)
	for _, factor := range []float64{1.02, 0.3, 40} {
		if other := steps(factor); other != one {
			t.Errorf("at a ratio of %v:\n%s\nat one of 1:\n%s", factor, other, one)
		}
	}
}

// plantFailures measures a group's twelve rounds, and those up to the looks after,
// where the trials of some cells fail.
func plantFailures(t *testing.T, fails func(c results.Cell, round int) bool) (p *precision, rec *results.Record) {
	t.Helper()
	plan := plant(0.03, []int{1400}, "default")
	p, rec = newPrecision(plan, 1, nil), &results.Record{Run: results.Run{Plan: plan}}
	for rounds := slices.Collect(Rounds(plan, 1, nil)); rounds != nil; rounds = extra(p) {
		for _, r := range rounds {
			for _, c := range r.Cells {
				trial := results.Trial{Cell: c, Round: r.Round, SuperRound: r.SuperRound, ElapsedNS: 1e6, Messages: 1e3, Bytes: 1e6 + int64(r.Round%2)}
				if fails(c, r.Round) {
					trial.Error = "no such call"
				}
				p.add(trial)
				rec.Trials = append(rec.Trials, trial)
			}
		}
	}
	return p, rec
}

// TestPrecisionOfFailures: a ratio most of whose rounds fail gets no rounds more for
// its own sake, and is told of. Where all of a group do, they get rounds up to one
// look more.
func TestPrecisionOfFailures(t *testing.T) {
	const none = "1 of 2 ratios are less precise than ±3 %; of 1 of them most rounds failed, which more rounds don't mend"
	for _, c := range []struct {
		name   string
		fails  func(c results.Cell, round int) bool
		rounds int
		says   string // "" for nothing
	}{
		{"none", func(results.Cell, int) bool { return false }, 12, ""},
		{"half of one", func(c results.Cell, round int) bool { return c.Strategy == "sendmmsg" && round < 6 }, 12, ""},
		{"most of one", func(c results.Cell, round int) bool { return c.Strategy == "sendmmsg" && round < 7 }, 12, none},
		{"all for a while", func(_ results.Cell, round int) bool { return round < 8 }, 16, ""},
		{"the baseline's for a while", func(c results.Cell, round int) bool { return c.Strategy == "write" && !c.AA && round < 7 }, 16, ""},
		{"all", func(results.Cell, int) bool { return true }, 16, "2 of 2 ratios are less precise than ±3 %; of 2 of them most rounds failed, which more rounds don't mend"},
		{"the baseline's", func(c results.Cell, _ int) bool { return c.Strategy == "write" && !c.AA }, 16,
			"2 of 2 ratios are less precise than ±3 %; of 2 of them most rounds failed, which more rounds don't mend"},
	} {
		p, rec := plantFailures(t, c.fails)
		if got := p.groups[0].rounds; got != c.rounds {
			t.Errorf("%s: %d rounds, want %d", c.name, got, c.rounds)
		}
		says := ""
		if err := p.missed(rec, nil); err != nil {
			says = err.Error()
		}
		if says != c.says {
			t.Errorf("%s: says %q, want %q", c.name, says, c.says)
		}
	}
}

// TestPrecisionWithoutBaseline: where there is nothing to compare with, more rounds
// don't help.
func TestPrecisionWithoutBaseline(t *testing.T) {
	plan := plant(0.03, []int{1400}, "default")
	for name, without := range map[string][]int{"no baseline": {0}, "the baseline alone": {1, 2}} {
		missing := map[results.Cell]bool{}
		for _, i := range without {
			missing[plan.Cells[i]] = true
		}
		p := newPrecision(plan, 1, missing)
		spread(p, slices.Collect(Rounds(plan, 1, missing)), func(results.Cell) float64 { return 0.5 })
		if rounds := extra(p); rounds != nil {
			t.Errorf("%s: %d rounds more", name, len(rounds))
		}
	}
}

func TestImpreciseError(t *testing.T) {
	e := &ImpreciseError{Asked: 0.025, Missed: 3, Ratios: 40, HalfWidth: 0.0713, Stop: ErrBudget}
	const want = "the budget is spent and 3 of 40 ratios are less precise than ±2.5 %; the widest interval is ±7.13 %"
	if e.Error() != want || !errors.Is(e, ErrBudget) {
		t.Errorf("says %v", e)
	}
}

// TestPrecisionOfUnknownCells: trials that the plan doesn't have are passed over.
func TestPrecisionOfUnknownCells(t *testing.T) {
	plan := plant(0.03, []int{1}, "default")
	without := map[results.Cell]bool{plan.Cells[2]: true}
	p := newPrecision(plan, 1, without)
	p.observe(results.Cell{NIC: "other"}, 3, 1)
	p.observe(plan.Cells[2], 3, 1)
	if p.groups[0].rounds != 0 || len(p.groups) != 1 || len(p.groups[0].tracks) != 2 {
		t.Errorf("got %+v", p.groups)
	}
}

// BenchmarkPrecision is what looking at a large sweep costs: 600 cells and 100
// rounds, in which nothing becomes narrow.
func BenchmarkPrecision(b *testing.B) {
	var sizes []int
	for i := range 200 {
		sizes = append(sizes, i+1)
	}
	plan := plant(1e-9, sizes, "default")
	noise := noiseOf("normal", 1)
	for b.Loop() {
		p := newPrecision(plan, 1, nil)
		for rounds := slices.Collect(Rounds(plan, 1, nil)); rounds[0].Round < 96; rounds = extra(p) {
			for _, r := range rounds {
				for _, c := range r.Cells {
					p.observe(c, r.Round, noise())
				}
			}
		}
	}
}
