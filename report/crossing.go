package report

import (
	"fmt"
	"slices"
	"strings"
)

// standing is how one side of a comparison was shown to do at a size.
type standing int

const (
	behind    standing = -1
	undecided standing = 0
	inFront   standing = 1
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
// and where it comes there, or what was shown just below; both are empty without a size.
func crossing(curve []ratioAt) (where, below string) {
	n := len(curve)
	if n == 0 {
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
	open := from // first of the sizes just below that are undecided
	for open > 0 && curve[open-1].standing == undecided {
		open--
	}
	return where, "undecided at " + sizeRun(curve[open].size, curve[from-1].size)
}

// notForGood says how a side that isn't in front at the last size stands there, and
// where it was in front all the same.
func notForGood(curve []ratioAt) string {
	last := curve[len(curve)-1]
	text := "undecided at " + sizeText(last.size)
	if last.standing == behind {
		text = "behind at " + sizeText(last.size)
	}
	if i := slices.IndexFunc(curve, func(r ratioAt) bool { return r.standing == inFront }); i >= 0 {
		text += ", though ahead at " + sizeText(curve[i].size)
	}
	return text
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
