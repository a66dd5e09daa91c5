package results

import (
	"math"
	"slices"
)

// Gate is what a comparison comes to where it decides whether something passes.
type Gate struct {
	Fired []Change // with a verdict asked for, P and Verdict corrected over all changes
	Lost  []Lost   // what can't be measured any more can't be let pass
	// Starved are those of the other cells that are undecided for the new record's want of rounds alone: with
	// as many as the old one has there could have been a verdict. To measure less is no
	// way to pass.
	Starved   []Change
	Undecided int // changes that no verdict could be had on: too few rounds, or an unknown floor; Starved among them
	Changes   int // all
}

// Gate looks for changes with one of the verdicts. A comparison has a family of claims
// for each panel and metric, each of which errs in 5 % of cases, since a reader looks
// at one question at a time; a gate is one answer, and one family of all changes, so
// that it fires for nothing in at most 5 % of comparisons (TestGateOfTheSame). The
// changes' own verdicts stay as they are.
func (c *Comparison) Gate(verdicts ...Verdict) Gate {
	claims := make([]claim, len(c.Changes))
	for i, ch := range c.Changes {
		claims[i] = ch.claim
	}
	g := Gate{Lost: c.Lost, Changes: len(c.Changes)}
	lost := make(map[Cell]bool, len(c.Lost))
	for _, l := range c.Lost {
		lost[l.Cell] = true
	}
	ps, judged := judgeAll(claims, Significance)
	for i, ch := range c.Changes {
		ch.settle(ps[i], judged[i])
		if slices.Contains(verdicts, ch.Verdict) {
			g.Fired = append(g.Fired, ch)
		}
		if ch.Verdict == TooFew || math.IsInf(ch.Floor, 1) {
			g.Undecided++
			if !lost[ch.Cell] && ch.starved(len(c.Changes)) {
				g.Starved = append(g.Starved, ch)
			}
		}
	}
	return g
}

// starved reports whether a change without a verdict, in a family of so many, could have
// had one if the new record had as many rounds as the old.
func (ch Change) starved(family int) bool {
	n := ch.OldRounds
	if ch.NewRounds >= n || math.IsInf(ch.Floor, 1) {
		return false
	}
	k, _ := shiftRank(n, n)
	return k > 0 && attainable(smallestRankSum(n, n), family) <= Significance
}

// Decided reports whether the gate could have found anything.
func (g Gate) Decided() bool { return g.Undecided < g.Changes }

// Passes reports whether the gate could have found something wherever the old record
// lets it, and found nothing.
func (g Gate) Passes() bool {
	return g.Decided() && len(g.Fired) == 0 && len(g.Lost) == 0 && len(g.Starved) == 0
}
