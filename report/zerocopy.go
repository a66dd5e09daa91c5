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

// contest is zero copy against copying in one group.
type contest struct {
	why           string // there is none; "" where there is
	zero, copying gain   // the best of either side
	standing      standing
	p             float64 // of the side that is shown ahead or, of neither, came closest to it
}

func (c contest) fought() bool { return c.why == "" }

// over is the rate of zero copy as a ratio to that of copying.
func (c contest) over() results.Interval { return over(c.zero, c.copying) }

// contests holds the contest of each group of a walk: zero copy is in front where one
// of its strategies is ahead of every way that copies, and behind where some way that
// copies is ahead of every zero copy. To beat the baseline alone isn't enough:
// batching does that without zero copy. Nor is it to beat those that have figures at a
// size, where another that copies at other sizes has none: then there is no contest. All
// strategies of all groups are judged as one family, and where the baseline takes part by
// the summary's verdict on it, too.
func contests(w walk) []contest {
	out := make([]contest, len(w.groups))
	type entrant struct {
		group int
		gain
		standing standing // of zero copy, should it win
		over     []gain
	}
	var entrants []entrant
	var family []results.Contest
	lending, rivals := w.sides()
	for i, g := range w.groups {
		zero, copying := zeroCopySides(g)
		if len(zero) == 0 || len(copying) == 0 {
			out[i] = contest{standing: uncompared, why: w.whyNoContest(g, lending)}
			continue
		}
		out[i] = contest{zero: zero[0], copying: copying[0], p: 1}
		for _, z := range zero {
			entrants, family = append(entrants, entrant{i, z, inFront, copying}), append(family, versus(z, copying...))
		}
		for _, c := range copying {
			entrants, family = append(entrants, entrant{i, c, behind, zero}), append(family, versus(c, zero...))
		}
	}
	for k, outcome := range results.JudgeContests(family) {
		e := entrants[k]
		outcome = e.beats(outcome, e.over...)
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
	for i, g := range w.groups {
		without := ""
		switch out[i].standing {
		case inFront:
			without = w.missing(g, rivals, w.whyAbsent)
		case behind:
			without = w.missing(g, lending, w.whyNoZeroCopy)
		}
		if without != "" {
			out[i] = contest{standing: uncompared, why: whyInvalid + " of " + without}
		}
	}
	return out
}

// whyNoContest is why a group has none.
func (w walk) whyNoContest(g results.Group, lending []string) string {
	if len(lending) == 0 {
		return whyUnasked
	}
	var whys []string
	for _, name := range lending {
		whys = append(whys, w.whyNoZeroCopy(g, name))
	}
	if why := gravest(whys); why != whyInvalid {
		return why
	}
	return whyInvalid + " of zero copy"
}

// curveOf is zero copy over copying by size, those sizes among them at which nothing was
// measured.
func curveOf(w walk, list []contest) []ratioAt {
	curve := make([]ratioAt, len(list))
	for i, c := range list {
		curve[i] = ratioAt{size: w.groups[i].Cell.Size, standing: c.standing, why: c.why}
		if c.fought() {
			curve[i].ratio, curve[i].floor = c.over(), c.zero.floor
		}
	}
	return w.withGaps(curve)
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
	curve         []ratioAt
	claims        []Claim // where both were measured, and nothing was copied
}

// allTwins compares each strategy's zero copy with its counterpart's copying, at
// all sizes of a walk, as one family.
func allTwins(w walk) []twins {
	type entrant struct {
		pair, at, claim int
		zero, copying   gain
	}
	var out []twins
	var entrants []entrant
	var family []results.Contest // two for each entrant: the one ahead, the other ahead
	lending, _ := w.sides()
	for _, name := range lending {
		other, ok := counterpart(name, w)
		if !ok {
			continue
		}
		pair := twins{zero: name, copying: other}
		for _, g := range w.groups {
			at := ratioAt{size: g.Cell.Size, standing: uncompared, why: w.whyNoZeroCopy(g, name)}
			if why := w.whyAbsent(g, other); at.why == "" && why != "" {
				at.why = why + " of " + other
			}
			if at.why == "" {
				z, _ := rowOf(g, name)
				c, _ := rowOf(g, other)
				a, _ := inThroughput(g, z)
				b, _ := inThroughput(g, c)
				entrants, family = append(entrants, entrant{len(out), len(pair.curve), len(pair.claims), a, b}), append(family, versus(a, b), versus(b, a))
				cell, ratio := g.Cell, over(a, b)
				cell.Strategy = name
				at.ratio, at.floor, at.standing = ratio, a.floor, undecided
				pair.claims = append(pair.claims, Claim{MetricThroughput, cell, other, figureOf(ratio), nil, known(a.floor), results.NoDifference})
			}
			pair.curve = append(pair.curve, at)
		}
		if len(pair.claims) > 0 {
			out = append(out, pair)
		}
	}
	outcomes := results.JudgeContests(family)
	for k, e := range entrants {
		won, lost := e.zero.beats(outcomes[2*k], e.copying), e.copying.beats(outcomes[2*k+1], e.zero)
		at, claim := &out[e.pair].curve[e.at], &out[e.pair].claims[e.claim]
		claim.P = known(min(won.P, lost.P))
		switch results.Faster {
		case won.Verdict:
			at.standing, claim.Verdict = inFront, results.Faster
		case lost.Verdict:
			at.standing, claim.Verdict = behind, results.Slower
		}
	}
	for i := range out {
		out[i].curve = w.withGaps(out[i].curve)
	}
	return out
}
