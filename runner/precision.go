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
	tracks  []*track // in the plan's order
	base    *track   // the baseline's; nil where that can't be measured
	rounds  int
	looked  int     // rounds at the last look
	width   float64 // and the widest interval's relative half-width then
	givenUp bool    // most rounds failed, then and at the look before
	until   int     // rounds at the next look, 0 if it needs none
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

// next returns extra rounds: those that take some groups to their next look, false
// if none needs one. All groups come to a look before any goes on to the one after
// it, the widest first, so that one that never gets narrow doesn't keep the others
// from it. The rounds are one super-round, and what is added in between must be of
// these rounds.
func (p *precision) next() (l leg, ok bool) {
	var wide []*group
	for _, g := range p.groups {
		if p.look(g); g.until > 0 {
			wide = append(wide, g)
		}
	}
	if len(wide) == 0 {
		return leg{}, false
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
	return leg{
		super: p.super, profile: profile, first: first.rounds, end: first.until,
		cells: cells, seed: p.seed, stream: fmt.Sprintf("%s/extra/%d", profile, p.super),
	}, true
}

// look finds how wide a group's intervals were at its last look, and when the next
// is due. Rounds since then, as an interruption leaves them, are not looked at:
// the number of rounds of a look may not depend on anything.
func (p *precision) look(g *group) {
	g.until = 0
	if g.base == nil || len(g.tracks) == 1 {
		return // nothing to compare
	}
	before, last := 0, 0
	for _, n := range p.plan.Looks {
		if n > g.rounds {
			g.until = n
			break
		}
		before, last = last, n
	}
	if last != g.looked {
		g.looked, g.width = last, g.widest(last)
		g.givenUp = g.fails(last) && g.fails(before)
	}
	if g.givenUp || g.width <= p.plan.Precision {
		g.until = 0
	}
}

// counts tells whether a ratio over so many rounds has a say in how many more there
// are. One of which more than half the rounds failed has none: more of them
// wouldn't help.
func counts(ratio results.Interval, rounds int) bool { return 2*ratio.N >= rounds }

// widest is the relative half-width of the widest of a group's intervals over its
// first rounds, of those that count; +Inf where none does.
func (g *group) widest(rounds int) (width float64) {
	if g.fails(rounds) {
		return math.Inf(1)
	}
	for _, t := range g.tracks {
		if ratio := t.ratio(rounds); t != g.base && counts(ratio, rounds) {
			width = max(width, ratio.RelativeHalfWidth())
		}
	}
	return width
}

// fails tells whether none of a group's ratios counts. What made its rounds fail
// may have passed; at two looks in a row it is taken to stay.
func (g *group) fails(rounds int) bool {
	return !slices.ContainsFunc(g.tracks, func(t *track) bool { return t != g.base && counts(t.ratio(rounds), rounds) })
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

// failing is how many of the ratios given don't count.
func (p *precision) failing(ratios []results.Imprecise) (n int) {
	for _, r := range ratios {
		if t := p.tracks[r.Cell]; t != nil && !counts(r.Ratio, t.group.rounds) {
			n++
		}
	}
	return n
}

// missed returns an *ImpreciseError if some ratios of a record are less precise
// than its plan asks for, nil if none is. stop is what ended the run before its
// last look, or nil.
func (p *precision) missed(rec *results.Record, stop error) error {
	wide, ratios := results.Summarize(rec).Imprecise()
	if len(wide) == 0 {
		return nil
	}
	return &ImpreciseError{
		Asked: p.plan.Precision, Missed: len(wide), Ratios: ratios,
		HalfWidth: wide[0].Ratio.RelativeHalfWidth(), Failing: p.failing(wide), Stop: stop,
	}
}
