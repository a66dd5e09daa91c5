package report

import (
	"fmt"
	"slices"
	"strings"
)

// standing is how one side of a comparison was shown to do at a size.
type standing int

const (
	behind     standing = -1
	undecided  standing = 0
	inFront    standing = 1
	uncompared standing = 2 // there is nothing to compare
)

// ahead is the first place from which on a curve is in front at every size; its length
// where it isn't at the last.
func ahead(curve []ratioAt) int {
	from := len(curve)
	for from > 0 && curve[from-1].standing == inFront {
		from--
	}
	return from
}

// crossing says from which size on the one side of a comparison is in front for good,
// and where it comes there, or what was shown just below; both are empty where no size
// was compared.
func crossing(curve []ratioAt) (where, below string) {
	n := len(curve)
	if !slices.ContainsFunc(curve, func(r ratioAt) bool { return r.standing != uncompared }) {
		return "", ""
	}
	from := ahead(curve)
	switch {
	case from == n:
		return "not shown", notForGood(curve)
	case from == 0 && n == 1:
		return "at " + sizeText(curve[0].size), ""
	case from == 0:
		return "at every size from " + sizeText(curve[0].size) + " on", ""
	case from == n-1:
		where = "at " + sizeText(curve[from].size)
	default:
		where = "from " + sizeText(curve[from].size) + " on"
	}
	if text := findCrossover(curve).words(); text != "" {
		return where, "break-even " + text
	}
	open := from // first of the sizes just below at which neither side is shown ahead
	for open > 0 && (curve[open-1].standing == undecided || curve[open-1].standing == uncompared) {
		open--
	}
	return where, standings(curve[open:from])
}

// notForGood says how a side that isn't in front at the last size stands there, and
// where it was in front all the same.
func notForGood(curve []ratioAt) string {
	last := len(curve) - 1
	from := last // of the sizes to be told
	for from > 0 && curve[from].standing == uncompared && curve[from-1].standing == uncompared {
		from--
	}
	text := standings(curve[from:])
	if from > 0 && curve[from].standing == uncompared && curve[from-1].standing != inFront {
		text += ", " + standings(curve[from-1:from])
	}
	if slices.ContainsFunc(curve, isInFront) {
		text += ", though ahead at " + curveWhere(curve, isInFront)
	}
	return text
}

func isInFront(r ratioAt) bool { return r.standing == inFront }

// standings says how a side stands, or why it isn't compared, together for the sizes of
// which that is the same: undecided at 4 KiB, copied at 16 KiB and 64000 B.
func standings(curve []ratioAt) string {
	var said, parts []string
	for _, r := range curve {
		how := r.how()
		if !slices.Contains(said, how) {
			said = append(said, how)
			parts = append(parts, how+" at "+curveWhere(curve, func(o ratioAt) bool { return o.how() == how }))
		}
	}
	return strings.Join(parts, ", ")
}

// how is that of one size.
func (r ratioAt) how() string {
	switch r.standing {
	case behind:
		return "behind"
	case inFront:
		return "ahead"
	case uncompared:
		return printable(r.why)
	}
	return "undecided"
}

// sizesWhere lists those of some sizes that are picked by index, more than two in a row by
// the first and the last: 64 B to 4 KiB and 64000 B.
func sizesWhere(sizes []int, pick func(i int) bool) string {
	var picked []int
	var runs []string
	long := false
	for i := 0; i < len(sizes); i++ {
		to := i
		for to < len(sizes) && pick(to) {
			to++
		}
		run := sizes[i:to]
		picked = append(picked, run...)
		if len(run) > 2 {
			long = true
			runs = append(runs, sizeRun(run[0], run[len(run)-1]))
		} else {
			for _, size := range run {
				runs = append(runs, sizeText(size))
			}
		}
		i = max(i, to-1)
	}
	if !long {
		return sizeList(picked)
	}
	return join(runs, "and")
}

// curveWhere lists those sizes of a curve.
func curveWhere(curve []ratioAt, pick func(ratioAt) bool) string {
	sizes := make([]int, len(curve))
	for i, r := range curve {
		sizes[i] = r.size
	}
	return sizesWhere(sizes, func(i int) bool { return pick(curve[i]) })
}

// crossings says so of each use of buffers, of those together that agree: from 16 KiB on
// with hot stamped and hot filled buffers, … .
func crossings(list []BufferDecision, of func(BufferDecision) []ratioAt) string {
	type answer struct{ where, below string }
	var answers []answer
	who := make(map[answer][]string)
	for _, b := range list {
		where, below := crossing(of(b))
		if where == "" {
			continue
		}
		a := answer{where, below}
		answers = addOnce(answers, a)
		who[a] = append(who[a], b.walk.kind())
	}
	parts := make([]string, len(answers))
	for i, a := range answers {
		parts[i] = fmt.Sprintf("%s with %s buffers", a.where, join(who[a], "and"))
		if n := len(who[a]); n > 1 && n == len(list) {
			parts[i] = a.where + ", however buffers are used"
		}
		if a.below != "" {
			parts[i] += ", " + a.below
		}
	}
	return strings.Join(parts, "; ")
}
