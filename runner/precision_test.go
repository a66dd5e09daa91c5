//go:build linux

package runner

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
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
	spread(p, Rounds(plan, 42, nil), width)
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
		rounds := p.next()
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
		if diff := cmp.Diff(rounds, p.next()); diff != "" {
			t.Errorf("step %d: asked again it is another (-first +second):\n%s", i, diff)
		}
		if i == 3 {
			width = func(c results.Cell) float64 { return map[bool]float64{true: 0, false: 0.2}[c.NIC == "default"] }
		}
		spread(p, rounds, width)
	}
	for range len(ladder) {
		if rounds := p.next(); rounds != nil {
			spread(p, rounds, width)
		}
	}
	if rounds := p.next(); rounds != nil || p.groups[len(p.groups)-1].rounds != 1024 {
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
	spread(p, Rounds(plan, 1, nil), func(c results.Cell) float64 { return 0.1 * float64(c.Size) })
	rounds := p.next()
	if diff := cmp.Diff(sizes[3:], sizesOf(rounds)); diff != "" {
		t.Errorf("first the widest (-want +got):\n%s", diff)
	}
	if slices.Equal(rounds[0].Cells, rounds[1].Cells) {
		t.Error("two rounds have their cells in the same order")
	}
	spread(p, rounds, func(results.Cell) float64 { return 0 })
	if diff := cmp.Diff(sizes[:3], sizesOf(p.next())); diff != "" {
		t.Errorf("then the rest (-want +got):\n%s", diff)
	}
}

// TestNextBetweenLooks: what an interruption left between two looks isn't looked
// at, and is gone on with.
func TestNextBetweenLooks(t *testing.T) {
	plan := plant(0.03, []int{1}, "default")
	p := newPrecision(plan, 1, nil)
	spread(p, Rounds(plan, 1, nil), func(results.Cell) float64 { return 0.05 })
	spread(p, p.next()[:2], func(results.Cell) float64 { return 0 }) // two of four
	rounds := p.next()
	if len(rounds) != 2 || rounds[0].Round != 14 || rounds[0].SuperRound != 13 {
		t.Fatalf("goes on with %+v", rounds)
	}
	if g := p.groups[0]; g.looked != 12 || math.Abs(g.width-0.05) > 1e-12 {
		t.Errorf("width %v at %d rounds, want that at the look before", g.width, g.looked)
	}
	spread(p, rounds, func(results.Cell) float64 { return 0 })
	if p.next(); p.groups[0].looked != 16 {
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
		for rounds := Rounds(plan, 7, nil); rounds != nil; rounds = p.next() {
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

// TestPrecisionGivesUp: a ratio most of whose rounds fail gets no rounds more, and
// is told of.
func TestPrecisionGivesUp(t *testing.T) {
	plan := plant(0.03, []int{1400}, "default")
	for i := range plan.Cells {
		plan.Cells[i].Footprint, plan.Cells[i].Fill = Hot, results.FillStamp
	}
	fill := func(failing int) *precision {
		p := newPrecision(plan, 1, nil)
		for _, r := range Rounds(plan, 1, nil) {
			for _, c := range r.Cells {
				trial := results.Trial{Cell: c, Round: r.Round, SuperRound: r.SuperRound, ElapsedNS: 1e6, Messages: 1e3, Bytes: 1e6 + int64(r.Round%2)}
				if c.Strategy == "sendmmsg" && r.Round < failing {
					trial.Error = "no such call"
				}
				p.add(trial)
			}
		}
		return p
	}
	p := fill(7)
	if rounds := p.next(); rounds != nil {
		t.Errorf("with 7 rounds of 12 failed: %d rounds more", len(rounds))
	}
	var missed *ImpreciseError
	const want = "1 of 2 ratios are less precise than ±3 %; too few trials are valid for any interval of sendmmsg at 1400 bytes under profile default, footprint 1Mi, fill stamp"
	if err := p.missed(nil); !errors.As(err, &missed) || err.Error() != want {
		t.Errorf("says %v, want %s", err, want)
	}
	if err := fill(6).missed(nil); err != nil {
		t.Errorf("with 6 rounds of 12 failed: %v", err)
	}
}

func TestImpreciseError(t *testing.T) {
	c := results.Cell{NIC: "mtu=9000", Size: 64000, Footprint: 256 << 20, Fill: results.FillFull, Strategy: "write", AA: true}
	e := &ImpreciseError{Asked: 0.025, Missed: 3, Ratios: 40, Widest: c, HalfWidth: 0.0713, Stop: ErrBudget}
	const want = "the budget is spent and 3 of 40 ratios are less precise than ±2.5 %; the widest interval is ±7.13 %, of write to itself at 64000 bytes under profile mtu=9000, footprint 256Mi, fill full"
	if e.Error() != want || !errors.Is(e, ErrBudget) {
		t.Errorf("says %v", e)
	}
	c.Strategy, c.AA, c.Pages, c.Flows, c.Rate = "uring-send", false, results.PagesHuge, 2, 5000
	if text := describe(c); !strings.HasSuffix(text, ", huge pages, 2 flows, 5000 messages a second") {
		t.Errorf("says %q", text)
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
		for rounds := Rounds(plan, 1, nil); rounds[0].Round < 96; rounds = p.next() {
			for _, r := range rounds {
				for _, c := range r.Cells {
					p.observe(c, r.Round, noise())
				}
			}
		}
	}
}
