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

// duel compares two sides in a walk's i-th group; ok is false where one of them
// wasn't measured.
type duel func(i int) (s standing, ok bool)

// crossing says from which size on the one side of a duel is in front for good,
// and what was shown just below; both are empty where the duel was fought
// nowhere.
func crossing(w walk, d duel) (where, below string) {
	var sizes []int
	var at []standing
	for i, g := range w.groups {
		if s, ok := d(i); ok {
			sizes, at = append(sizes, g.Cell.Size), append(at, s)
		}
	}
	n := len(sizes)
	if n == 0 {
		return "", ""
	}
	from := n
	for from > 0 && at[from-1] == inFront {
		from--
	}
	switch {
	case from == n:
		return "not shown", notForGood(sizes, at)
	case from == n-1:
		where = "at " + sizeText(sizes[from])
	case from == 0:
		return "at every size from " + sizeText(sizes[0]) + " on", ""
	default:
		where = "from " + sizeText(sizes[from]) + " on"
	}
	open := from // first of the sizes just below that are undecided
	for open > 0 && at[open-1] == undecided {
		open--
	}
	var parts []string
	if open > 0 && at[open-1] == behind {
		parts = append(parts, "behind at "+sizeText(sizes[open-1]))
	}
	if open < from {
		parts = append(parts, "undecided at "+sizeRun(sizes[open], sizes[from-1]))
	}
	return where, strings.Join(parts, ", ")
}

// notForGood says how a side that isn't in front at the last size stands there,
// and where it was in front all the same.
func notForGood(sizes []int, at []standing) string {
	last := len(sizes) - 1
	text := "undecided at " + sizeText(sizes[last])
	if at[last] == behind {
		text = "behind at " + sizeText(sizes[last])
	}
	if i := slices.Index(at, inFront); i >= 0 {
		text += ", though ahead at " + sizeText(sizes[i])
	}
	return text
}

// crossings says so of each of a setting's walks, of those together that agree:
// from 16 KiB on with hot stamped and hot filled buffers, … .
func crossings(st setting, of func(walk) (where, below string)) string {
	type answer struct{ where, below string }
	var answers []answer
	who := make(map[answer][]string)
	for _, w := range st.walks {
		where, below := of(w)
		if where == "" {
			continue
		}
		a := answer{where, below}
		answers = addOnce(answers, a)
		who[a] = append(who[a], w.kind())
	}
	parts := make([]string, len(answers))
	for i, a := range answers {
		parts[i] = fmt.Sprintf("%s with %s buffers", a.where, join(who[a], "and"))
		if n := len(who[a]); n > 1 && n == len(st.walks) {
			parts[i] = a.where + ", however buffers are used"
		}
		if a.below != "" {
			parts[i] += " (" + a.below + ")"
		}
	}
	return strings.Join(parts, "; ")
}
