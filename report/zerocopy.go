package report

import (
	"slices"
	"strings"

	"sendbench/runner/results"
)

// zeroCopySides divides a group's strategies into those that sent without a
// copy, by the kernel's notifications, and those that ask for none. A strategy
// that asks and is copied all the same, or isn't told, is on neither side.
func zeroCopySides(g results.Group) (zero, copying []gain) {
	for _, one := range gains(g, inThroughput) {
		r, _ := rowOf(g, one.strategy)
		switch {
		case !zeroCopy(r):
			copying = append(copying, one)
		case r.Copied == 0 && r.Unreported == 0:
			zero = append(zero, one)
		}
	}
	return zero, copying
}

// contest is zero copy against copying in one group. It isn't fought where a side
// is empty.
type contest struct {
	fought        bool
	zero, copying gain // the best of either side
	standing      standing
	p             float64 // of the side that is shown ahead or, of neither, came closest to it
}

// over is the rate of zero copy as a ratio to that of copying.
func (c contest) over() results.Interval { return over(c.zero, c.copying) }

// contests holds the contest of each group of a walk: zero copy is in front where one
// of its strategies is ahead of every way that copies, and behind where some way that
// copies is ahead of every zero copy. To beat the baseline alone isn't enough:
// batching does that without zero copy. All strategies of all groups are judged as
// one family.
func contests(w walk) []contest {
	out := make([]contest, len(w.groups))
	type entrant struct {
		group int
		gain
		standing standing // of zero copy, should it win
	}
	var entrants []entrant
	var family []results.Contest
	for i, g := range w.groups {
		zero, copying := zeroCopySides(g)
		if len(zero) == 0 || len(copying) == 0 {
			continue
		}
		out[i] = contest{fought: true, zero: zero[0], copying: copying[0], p: 1}
		for _, z := range zero {
			entrants, family = append(entrants, entrant{i, z, inFront}), append(family, versus(z, copying...))
		}
		for _, c := range copying {
			entrants, family = append(entrants, entrant{i, c, behind}), append(family, versus(c, zero...))
		}
	}
	for k, outcome := range results.JudgeContests(family) {
		e := entrants[k]
		c := &out[e.group]
		if c.standing == undecided {
			c.p = min(c.p, outcome.P)
		}
		switch {
		case outcome.Verdict != results.Faster || c.standing != undecided:
			continue
		case e.standing == inFront:
			c.zero = e.gain
		default:
			c.copying = e.gain
		}
		c.standing, c.p = e.standing, outcome.P
	}
	return out
}

// versus asks whether one strategy is ahead of all the others.
func versus(one gain, others ...gain) results.Contest {
	c := results.Contest{Floor: one.floor}
	for _, o := range others {
		c.Over = append(c.Over, logRatios(one, o))
	}
	return c
}

// counterpart is the strategy that sends in the same way but for zero copy, told
// by its name: sendmmsg for sendmmsg-zc, uring-send for uring-sendzc.
func counterpart(name string, w walk) (string, bool) {
	stem, ok := strings.CutSuffix(name, "zc")
	if stem = strings.TrimSuffix(stem, "-"); !ok || stem == "" {
		return "", false
	}
	return stem, slices.ContainsFunc(w.groups, func(g results.Group) bool {
		r, ok := rowOf(g, stem)
		return ok && !zeroCopy(r)
	})
}

// twins are zero copy against the same call that copies.
type twins struct {
	zero, copying string
	curve         []ratioAt // where both were measured, and nothing was copied
	claims        []Claim   // of each
}

// allTwins compares each strategy's zero copy with its counterpart's copying, at
// all sizes of a walk, as one family.
func allTwins(w walk) []twins {
	type entrant struct{ pair, at int }
	var out []twins
	var entrants []entrant
	var family []results.Contest // two for each entrant: the one ahead, the other ahead
	for _, name := range zeroCopyNames(w) {
		other, ok := counterpart(name, w)
		if !ok {
			continue
		}
		pair := len(out)
		out = append(out, twins{zero: name, copying: other})
		for _, g := range w.groups {
			z, okZ := rowOf(g, name)
			c, okC := rowOf(g, other)
			if !okZ || !okC || z.Copied > 0 || z.Unreported > 0 || !zeroCopy(z) {
				continue
			}
			a, okA := inThroughput(g, z)
			b, okB := inThroughput(g, c)
			if !okA || !okB {
				continue
			}
			entrants, family = append(entrants, entrant{pair, len(out[pair].curve)}), append(family, versus(a, b), versus(b, a))
			cell, ratio := g.Cell, over(a, b)
			cell.Strategy = name
			out[pair].curve = append(out[pair].curve, ratioAt{size: cell.Size, ratio: ratio, floor: a.floor})
			out[pair].claims = append(out[pair].claims, Claim{MetricThroughput, cell, other, figureOf(ratio), nil, known(a.floor), results.NoDifference})
		}
	}
	outcomes := results.JudgeContests(family)
	for k, e := range entrants {
		won, lost := outcomes[2*k], outcomes[2*k+1]
		at, claim := &out[e.pair].curve[e.at], &out[e.pair].claims[e.at]
		claim.P = known(min(won.P, lost.P))
		switch results.Faster {
		case won.Verdict:
			at.standing, claim.Verdict = inFront, results.Faster
		case lost.Verdict:
			at.standing, claim.Verdict = behind, results.Slower
		}
	}
	return out
}

// zeroCopyNames are the strategies that were notified of zero-copy sends, of
// which none was copied.
func zeroCopyNames(w walk) []string {
	var names, copied []string
	for _, g := range w.groups {
		for _, r := range g.Rows {
			if zeroCopy(r) {
				names = addOnce(names, r.Strategy)
			}
			if r.Copied > 0 {
				copied = append(copied, r.Strategy)
			}
		}
	}
	return without(names, func(n string) bool { return slices.Contains(copied, n) })
}
