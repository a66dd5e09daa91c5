//go:build linux

package runner

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"sendbench/runner/results"
)

// ladder is the numbers of rounds at which a run that has a precision to reach
// looks at the widths of its intervals: each a third or a half above the one
// before. That is often enough to stop with few rounds too many, and seldom enough
// that intervals which stop because they happen to be narrow still hold the truth
// as often as they say (TestCoverage).
var ladder = []int{12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024}

// looks is the ladder from a least number of rounds on, which is the first look.
func looks(least int) []int {
	list := []int{least}
	for _, n := range ladder {
		if n > least {
			list = append(list, n)
		}
	}
	return list
}

// sharers is the most groups that have their extra rounds in one worker: so many
// that its start takes little of the time, so few that the widest come first.
const sharers = 8

// precision is how wide the intervals of a run's ratios are so far, and says which
// groups need more rounds. It looks at widths alone, never at where an interval
// lies, and all that it knows is in the record: a resumed run goes on as the first
// would have.
type precision struct {
	plan   results.Plan
	seed   uint64
	groups []*group // in the plan's order
	tracks map[results.Cell]*track
	super  int // the next super-round
}

// group is the cells that are compared with each other.
type group struct {
	tracks []*track // in the plan's order
	base   *track   // the baseline's; nil where that can't be measured
	rounds int
	looked int     // rounds at the last look
	width  float64 // and the widest interval's relative half-width then
	until  int     // rounds at the next look, 0 if it needs none
}

// track is one cell.
type track struct {
	cell  results.Cell
	group *group
	rates []float64 // logarithms, by round; NaN where there is no valid trial
}

func newPrecision(p results.Plan, seed uint64, without map[results.Cell]bool) *precision {
	all := &precision{plan: p, seed: seed, tracks: map[results.Cell]*track{}, super: p.SuperRounds}
	groups := map[results.Cell]*group{} // by what their cells have in common
	for _, c := range p.Cells {
		if without[c] {
			continue
		}
		g := groups[c.Group()]
		if g == nil {
			g = &group{width: math.Inf(1)}
			groups[c.Group()] = g
			all.groups = append(all.groups, g)
		}
		t := &track{cell: c, group: g}
		if c.Strategy == p.Baseline && !c.AA {
			g.base = t
		}
		g.tracks = append(g.tracks, t)
		all.tracks[c] = t
	}
	return all
}

// add takes a trial into account.
func (p *precision) add(t results.Trial) {
	rate := math.NaN()
	if t.Valid() {
		rate = math.Log(t.Rate())
	}
	p.observe(t.Cell, t.Round, rate)
	p.super = max(p.super, t.SuperRound+1)
}

// observe takes the logarithm of a cell's rate in a round, NaN if it has none. A
// cell that isn't in the plan is passed over.
func (p *precision) observe(c results.Cell, round int, rate float64) {
	t := p.tracks[c]
	if t == nil {
		return
	}
	for len(t.rates) <= round {
		t.rates = append(t.rates, math.NaN())
	}
	t.rates[round] = rate
	t.group.rounds = max(t.group.rounds, round+1)
}

// next returns extra rounds: those that take some groups to their next look, nil
// if none needs one. All groups come to a look before any goes on to the one after
// it, the widest first, so that one that never gets narrow doesn't keep the others
// from it. The rounds are one super-round, and what is added in between must be of
// these rounds.
func (p *precision) next() (rounds []Round) {
	var wide []*group
	for _, g := range p.groups {
		if p.look(g); g.until > 0 {
			wide = append(wide, g)
		}
	}
	if len(wide) == 0 {
		return nil
	}
	slices.SortStableFunc(wide, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.until, b.until), cmp.Compare(b.width, a.width))
	})
	first, profile := wide[0], wide[0].profile()
	var cells []results.Cell
	shared := 0
	for _, g := range wide {
		if g.profile() != profile || g.rounds != first.rounds || shared == sharers {
			continue
		}
		for _, t := range g.tracks {
			cells = append(cells, t.cell)
		}
		shared++
	}
	for round := first.rounds; round < first.until; round++ {
		rounds = append(rounds, Round{
			SuperRound: p.super, Round: round, Profile: profile,
			Cells: shuffled(cells, p.seed, fmt.Sprintf("%s/extra/%d", profile, p.super), round),
		})
	}
	return rounds
}

// look finds how wide a group's intervals were at its last look, and when the next
// is due. Rounds since then, as an interruption leaves them, are not looked at:
// the number of rounds of a look may not depend on anything.
func (p *precision) look(g *group) {
	g.until = 0
	last := 0
	for _, n := range p.plan.Looks {
		if n > g.rounds {
			g.until = n
			break
		}
		last = n
	}
	if last != g.looked {
		g.looked, g.width = last, g.widest(last)
	}
	if g.width <= p.plan.Precision {
		g.until = 0
	}
}

// widest is the relative half-width of the widest of a group's intervals over its
// first rounds. A ratio of which more than half the rounds failed has no say: more
// of them wouldn't help.
func (g *group) widest(rounds int) (width float64) {
	for _, t := range g.tracks {
		if ratio := t.ratio(rounds); t != g.base && 2*ratio.N >= rounds {
			width = max(width, ratio.RelativeHalfWidth())
		}
	}
	return width
}

func (g *group) profile() string { return g.tracks[0].cell.NIC }

// ratio is that of the cell's rate to the baseline's over its first rounds.
func (t *track) ratio(rounds int) results.Interval {
	var logs []float64
	if base := t.group.base; base != nil {
		for i := range min(rounds, len(t.rates), len(base.rates)) {
			if d := t.rates[i] - base.rates[i]; !math.IsNaN(d) {
				logs = append(logs, d)
			}
		}
	}
	return results.RatioInterval(logs)
}

// missed returns an *ImpreciseError if some ratios are less precise than the plan
// asks for, nil if none is. stop is what ended the run before its last look, or
// nil.
func (p *precision) missed(stop error) error {
	e := &ImpreciseError{Asked: p.plan.Precision, Stop: stop}
	for _, g := range p.groups {
		for _, t := range g.tracks {
			if t == g.base {
				continue
			}
			e.Ratios++
			width := t.ratio(g.rounds).RelativeHalfWidth()
			if width <= e.Asked {
				continue
			}
			if e.Missed++; width > e.HalfWidth {
				e.HalfWidth, e.Widest = width, t.cell
			}
		}
	}
	if e.Missed == 0 {
		return nil
	}
	return e
}
