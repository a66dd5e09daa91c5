package report

import (
	"fmt"
	"slices"

	"sendbench/runner/results"
)

// sayZeroCopy tells from which size on zero copy is worth it.
func (v *voice) sayZeroCopy(st setting) {
	if text := crossings(st, func(w walk) (string, string) { return crossing(w, zeroCopyWorth(w)) }); text != "" {
		v.say("Zero copy is worth it, ahead of all that copies", "%s.", text)
	} else if !slices.ContainsFunc(st.walks, asksForZeroCopy) {
		v.say("Zero copy", "no strategy that asks for it was measured.")
	}
}

func asksForZeroCopy(w walk) bool {
	return slices.ContainsFunc(w.groups, func(g results.Group) bool { return slices.ContainsFunc(g.Rows, zeroCopy) })
}

// sayCounterparts compares each zero copy with the same call that copies.
func (v *voice) sayCounterparts(st setting) {
	type pair struct{ zero, copying string }
	var pairs []pair
	for _, w := range st.walks {
		for _, t := range allTwins(w) {
			pairs = addOnce(pairs, pair{t.zero, t.copying})
		}
	}
	for _, p := range pairs {
		text := crossings(st, func(w walk) (string, string) {
			for _, t := range allTwins(w) {
				if t.zero == p.zero {
					return crossing(w, t.duel)
				}
			}
			return "", ""
		})
		if text != "" {
			v.say(fmt.Sprintf("%s is ahead of %s", printable(p.zero), printable(p.copying)), "%s.", text)
		}
	}
}

// sayLargest gives the ratios of the fastest zero copy at the largest size in
// each walk: what buffers decide.
func (v *voice) sayLargest(st setting) {
	first := st.walks[0]
	g := first.groups[len(first.groups)-1]
	zero, _ := zeroCopySides(g)
	if len(zero) == 0 {
		return
	}
	name := zero[0].strategy // of the greatest median
	var parts []string
	for _, w := range st.walks {
		i := slices.IndexFunc(w.groups, func(o results.Group) bool { return o.Cell.Size == g.Cell.Size })
		if i < 0 {
			continue
		}
		if r, ok := rowOf(w.groups[i], name); ok && positive(r.Ratio.Center) {
			times := ""
			if len(parts) == 0 {
				times = " times the rate of " + v.baseline
			}
			parts = append(parts, fmt.Sprintf("%s%s (%s) with %s buffers", ratioFigure(r.Ratio.Center), times, claim(r), w.kind()))
		}
	}
	v.say(printable(name)+" at "+sizeText(g.Cell.Size), "%s.", join(parts, "and"))
}

// claim is a ratio's interval, with what it fails to show.
func claim(r results.Row) string {
	text := between(r.Ratio, ratioFigure)
	switch r.Verdict {
	case results.NoDifference:
		text += ", no difference shown"
	case results.TooFew:
		return "too few rounds"
	}
	return text
}

// sayCopied tells where zero copy didn't happen.
func (v *voice) sayCopied(st setting) {
	type share struct {
		name string
		low  float64
		high float64
	}
	var shares []share
	for _, w := range st.walks {
		for _, g := range w.groups {
			for _, r := range g.Rows {
				part, ok := r.CopiedShare()
				if !ok {
					continue
				}
				i := slices.IndexFunc(shares, func(s share) bool { return s.name == r.Strategy })
				if i < 0 {
					shares = append(shares, share{r.Strategy, part, part})
					continue
				}
				shares[i].low, shares[i].high = min(shares[i].low, part), max(shares[i].high, part)
			}
		}
	}
	var all, some []string
	for _, s := range shares {
		switch {
		case s.low == 1:
			all = append(all, printable(s.name))
		case s.high > 0:
			some = append(some, fmt.Sprintf("%s (up to %s)", printable(s.name), percent(s.high)))
		}
	}
	why := ""
	if reason := v.s.Run.Environment.Link.WhyCopied; reason != "" {
		why = " Presumed reason: " + sentence(reason)
	}
	if len(all) > 0 {
		v.say("Copied", "zero copy did not happen: the kernel copied every send of %s.%s", join(all, "and"), why)
		why = ""
	}
	if len(some) > 0 {
		v.say("Copied", "the kernel copied part of the sends of %s: their figures mix both.%s", join(some, "and"), why)
	}
}
