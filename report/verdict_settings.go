package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// sayEffects names the NIC setting that matters most, and by how much.
func (v *voice) sayEffects() {
	d := v.decision.NIC
	switch {
	case d == nil:
		return
	case !slices.ContainsFunc(d.Effects, func(c Claim) bool { return c.Ratio.Rounds > 0 }):
		v.say("NIC settings", nil, "no visit of a profile is paired with one of %s, so that nothing is compared.", printable(d.Reference))
		return
	case d.MattersMost == "" && slices.ContainsFunc(d.Effects, decided):
		v.say("NIC settings", d.Effects, "none is shown to change the throughput at %s.", sizeText(d.SizeBytes))
		return
	case d.MattersMost == "":
		v.say("NIC settings", d.Effects, "too few visits of each profile for a verdict: %d. With so many comparisons corrected together it takes %d at least.", d.visits, d.needed)
		return
	}
	shown := d.shown(d.MattersMost)
	most := strongest(shown)
	text := fmt.Sprintf("%s matters most: at %s it makes %s %s times (%s) as fast as %s does",
		printable(d.MattersMost), sizeText(d.SizeBytes), printable(most.Cell.Strategy), ratioFigure(most.Ratio.interval().Center), between(most.Ratio.interval(), ratioFigure), printable(d.Reference))
	if low, high, ok := span(shown); ok && len(shown) > 1 {
		text += fmt.Sprintf(", and the %d strategies with a difference that is shown %s times", len(shown), figureSpan(low, high))
	}
	var others []string
	for _, profile := range d.profiles() {
		of := d.shown(profile)
		switch {
		case profile == d.MattersMost:
		case len(of) > 0:
			one := strongest(of)
			others = append(others, fmt.Sprintf("%s %s times (%s, %s)", printable(profile), ratioFigure(*one.Ratio.Center), between(one.Ratio.interval(), ratioFigure), printable(one.Cell.Strategy)))
		case slices.ContainsFunc(d.Effects, func(c Claim) bool { return c.Cell.NIC == profile && decided(c) }):
			others = append(others, printable(profile)+" nothing that is shown")
		}
	}
	if len(others) > 0 {
		text += ". Next: " + someOf(others, "; ")
	}
	v.say("NIC settings", d.Effects, "%s.", text)
}

// decided reports whether a claim had rounds enough for a verdict.
func decided(c Claim) bool { return c.Verdict != results.TooFew && c.Verdict != "" }

// stray is how far a claim's ratio is from 1, one above as much as its inverse.
func (c Claim) stray() float64 { return math.Abs(math.Log(c.Ratio.interval().Center)) }

// strongest is the claim with the ratio furthest from 1.
func strongest(claims []Claim) Claim {
	return slices.MaxFunc(claims, func(a, b Claim) int { return cmp.Compare(a.stray(), b.stray()) })
}

// shown are a profile's effects with a claim.
func (d NICDecision) shown(profile string) []Claim {
	return slices.DeleteFunc(slices.Clone(d.Effects), func(c Claim) bool {
		return c.Cell.NIC != profile || !c.Shown() || c.Ratio.Center == nil || *c.Ratio.Center <= 0
	})
}

// profiles are those with effects, the one with the greatest first; those without a
// claim come last.
func (d NICDecision) profiles() []string {
	var names []string
	for _, c := range d.Effects {
		names = addOnce(names, c.Cell.NIC)
	}
	weight := func(profile string) float64 {
		if of := d.shown(profile); len(of) > 0 {
			return strongest(of).stray()
		}
		return -1
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(weight(b), weight(a)) })
	return names
}

// sayFlows says what more flows bring the fastest with the most of them, and the
// baseline, in the first setting that has several.
func (v *voice) sayFlows() {
	if len(v.decision.Flows) == 0 {
		return
	}
	d := v.decision.Flows[0]
	most, fewest := d.Scaling[0].Flows, d.Scaling[0].Flows
	for _, f := range d.Scaling {
		most, fewest = max(most, f.Flows), min(fewest, f.Flows)
	}
	last := slices.DeleteFunc(slices.Clone(d.Scaling), func(f FlowScaling) bool { return f.Flows != most || f.OverFewest.Center == nil })
	slices.SortStableFunc(last, func(a, b FlowScaling) int {
		return cmp.Compare(b.BitsPerSecond.interval().Center, a.BitsPerSecond.interval().Center)
	})
	var parts []string
	for i, f := range last {
		if i == 0 || f.Strategy == v.decision.Run.Baseline {
			over, ideal := f.OverFewest.interval(), f.OfIdeal.interval()
			parts = append(parts, fmt.Sprintf("%s %s times%s as much, %s of ideal", printable(f.Strategy), ratioFigure(over.Center), inParentheses(between(over, ratioFigure)), percent(ideal.Center)))
		}
	}
	if len(parts) > 0 {
		v.say("Flows", nil, "with %d at once instead of %d, at %s: %s. Measured with NIC profile %s and %s buffers.", most, fewest, sizeText(d.SizeBytes), strings.Join(parts, "; "), d.Setting, d.Buffers)
	}
}
