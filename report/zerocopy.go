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
	zero, copying gain // the best of either side
	standing      standing
}

// over is the rate of zero copy as a ratio to that of copying.
func (c contest) over() results.Interval { return over(c.zero, c.copying) }

// worth holds the contest of a group: zero copy is in front where one of its
// strategies is ahead of every way that copies, and behind where some way that
// copies is ahead of every zero copy. To beat the baseline alone isn't enough:
// batching does that without zero copy. ok is false where a side is empty.
func worth(g results.Group) (c contest, ok bool) {
	zero, copying := zeroCopySides(g)
	if len(zero) == 0 || len(copying) == 0 {
		return contest{}, false
	}
	c = contest{zero: zero[0], copying: copying[0]}
	if i := beatsAll(zero, copying); i >= 0 {
		c.zero, c.standing = zero[i], inFront
	} else if i := beatsAll(copying, zero); i >= 0 {
		c.copying, c.standing = copying[i], behind
	}
	return c, true
}

// zeroCopyWorth is the duel of that.
func zeroCopyWorth(g results.Group) (standing, bool) {
	c, ok := worth(g)
	return c.standing, ok
}

// beatsAll is the index of the first of a that is ahead of all of b, or -1.
func beatsAll(a, b []gain) int {
	return slices.IndexFunc(a, func(one gain) bool {
		return !slices.ContainsFunc(b, func(other gain) bool { return !ahead(one, other) })
	})
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

// against compares one strategy's zero copy with another's copying.
func against(zero, copying string) duel {
	return func(g results.Group) (standing, bool) {
		z, okZ := rowOf(g, zero)
		c, okC := rowOf(g, copying)
		if !okZ || !okC || z.Copied > 0 || z.Unreported > 0 || !zeroCopy(z) {
			return undecided, false
		}
		a, okA := inThroughput(g, z)
		b, okB := inThroughput(g, c)
		switch {
		case !okA || !okB:
			return undecided, false
		case ahead(a, b):
			return inFront, true
		case ahead(b, a):
			return behind, true
		}
		return undecided, true
	}
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
