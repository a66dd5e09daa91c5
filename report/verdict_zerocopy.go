package report

import (
	"fmt"
	"slices"

	"sendbench/runner/results"
)

// sayZeroCopy tells from which size on zero copy is worth it.
func (v *voice) sayZeroCopy(st SettingDecision) {
	var claims []Claim
	text := crossings(st.Buffers, func(b BufferDecision) []ratioAt {
		if b.ZeroCopy != nil {
			claims = append(claims, b.ZeroCopy.Claims...)
		}
		return b.curve
	})
	first := st.Buffers[0]
	switch {
	case text != "":
		v.say("Zero copy is worth it, ahead of all that copies", claims, "%s.", text)
	case !slices.ContainsFunc(st.Buffers, func(b BufferDecision) bool { return asksForZeroCopy(b.walk) }):
		v.say("Zero copy", nil, "no strategy that asks for it was measured.")
	case slices.ContainsFunc(first.curve, func(r ratioAt) bool { return r.why != whyCopied }): // or else all is said of it
		v.say("Zero copy", nil, "not compared with copying: %s.", standings(first.curve))
	}
}

func asksForZeroCopy(w walk) bool {
	return slices.ContainsFunc(w.groups, func(g results.Group) bool { return slices.ContainsFunc(g.Rows, zeroCopy) })
}

// sayTwins compares each zero copy with the same call that copies.
func (v *voice) sayTwins(st SettingDecision) {
	type pair struct{ zero, copying string }
	var pairs []pair
	all := make([][]twins, len(st.Buffers))
	for i, b := range st.Buffers {
		all[i] = allTwins(b.walk)
		for _, t := range all[i] {
			pairs = addOnce(pairs, pair{t.zero, t.copying})
		}
	}
	for _, p := range pairs {
		var claims []Claim
		i := -1
		text := crossings(st.Buffers, func(BufferDecision) []ratioAt {
			i++
			for _, t := range all[i] {
				if t.zero == p.zero {
					claims = append(claims, t.claims...)
					return t.curve
				}
			}
			return nil
		})
		if text != "" {
			v.say(fmt.Sprintf("%s is ahead of %s", printable(p.zero), printable(p.copying)), claims, "%s.", text)
		}
	}
}

// sayLargest gives the ratios of the fastest zero copy at the largest size with each use
// of buffers: what buffers decide.
func (v *voice) sayLargest(st SettingDecision) {
	first := st.Buffers[0].walk
	g := first.groups[len(first.groups)-1]
	zero, _ := zeroCopySides(g)
	if len(zero) == 0 {
		return
	}
	name := zero[0].strategy // of the greatest median
	var parts []string
	var claims []Claim
	for _, b := range st.Buffers {
		i := slices.IndexFunc(b.walk.groups, func(o results.Group) bool { return o.Cell.Size == g.Cell.Size })
		if i < 0 {
			continue
		}
		if r, ok := rowOf(b.walk.groups[i], name); ok && positive(r.Ratio.Center) {
			times := ""
			if len(parts) == 0 {
				times = " times the rate of " + v.baseline
			}
			parts = append(parts, fmt.Sprintf("%s%s (%s) with %s buffers", ratioFigure(r.Ratio.Center), times, claimText(r), b.walk.kind()))
			throughput, _ := againstBaseline(b.walk.groups[i], r, baselineOf(b.walk.groups[i]))
			claims = append(claims, throughput)
		}
	}
	v.say(printable(name)+" at "+sizeText(g.Cell.Size), claims, "%s.", join(parts, "and"))
}

// claimText is a ratio's interval, with what it fails to show.
func claimText(r results.Row) string {
	text := between(r.Ratio, ratioFigure)
	switch r.Verdict {
	case results.NoDifference:
		text += ", no difference shown"
	case results.TooFew:
		return "too few rounds"
	}
	return text
}

// sayHeld says what lending its buffers costs the strategy that is named for the largest
// size.
func (v *voice) sayHeld(b BufferDecision) {
	list := picks(b.Throughput, MetricThroughput)
	last := list[len(list)-1]
	if len(last.Strategies) == 0 {
		return
	}
	h, ok := heldAt(last.groups[len(last.groups)-1], last.Strategies[0])
	p50, p99 := h.ReleaseP50NS.interval(), h.ReleaseP99NS.interval()
	if !ok || !positive(p50.Center) || !positive(p99.Center) {
		return
	}
	text := fmt.Sprintf("at %s the kernel gives half of the buffers of %s back within %s, 99 of 100 within %s",
		sizeText(h.SizeBytes), printable(h.Strategy), withBounds(p50, duration), withBounds(p99, duration))
	if held := h.HeldBytes.interval(); positive(held.Center) {
		text += ", and meanwhile holds " + withBounds(held, memory) + " on average"
		if h.MostHeldBytes != nil {
			text += ", " + memory(*h.MostHeldBytes) + " at most"
		}
	}
	v.say("What that costs", nil, "%s.", text)
}
