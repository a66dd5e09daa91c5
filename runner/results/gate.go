package results

import (
	"math"
	"slices"
)

// Gate is what a comparison comes to where it decides whether something passes.
type Gate struct {
	Fired     []Change // with a verdict asked for, P and Verdict corrected over all changes
	Lost      []Lost   // what can't be measured any more can't be let pass
	Undecided int      // changes that no verdict could be had on: too few rounds, or an unknown floor
	Changes   int      // all
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
	ps, judged := judgeAll(claims, Significance)
	for i, ch := range c.Changes {
		ch.settle(ps[i], judged[i])
		if slices.Contains(verdicts, ch.Verdict) {
			g.Fired = append(g.Fired, ch)
		}
		if ch.Verdict == TooFew || math.IsInf(ch.Floor, 1) {
			g.Undecided++
		}
	}
	return g
}

// Decided reports whether the gate could have found anything.
func (g Gate) Decided() bool { return g.Undecided < g.Changes }

// Passes reports whether the gate could have found something, and found nothing.
func (g Gate) Passes() bool { return g.Decided() && len(g.Fired) == 0 && len(g.Lost) == 0 }
