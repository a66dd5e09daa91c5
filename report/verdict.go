package report

import (
	"fmt"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// Advice is what a summary lets one say, in words. Each sentence is made from
// the data and claims nothing beyond the intervals or within the noise floor.
type Advice struct {
	// Short answers the question in a few lines for the first NIC profile,
	// which is the one that changes nothing, unless the sweep left it out.
	Short    []Sentence
	Settings []SettingAdvice // one a NIC profile, in the order of the plan
}

// SettingAdvice is the advice for one NIC profile (and one value of the other
// axes, where a sweep has several).
type SettingAdvice struct {
	Name    string // of the profile
	Choices []Choice
	Lines   []Sentence // what Short says already is not said again
}

// Sentence is one finding, under a word or two that say what it is about.
type Sentence struct{ Topic, Text string }

func (s Sentence) String() string { return s.Topic + ": " + s.Text }

// Advise makes the advice. A summary without a measured cell gives none.
func Advise(s *results.Summary) Advice {
	var a Advice
	for i, st := range settings(s) {
		v := voice{s: s, baseline: printable(s.Run.Plan.Baseline)}
		if i == 0 && !tooFew(st.walks[0]) {
			v.sayShort(st)
			v.sayZeroCopy(st)
			v.sayGaps(st)
			a.Short, v.lines = v.lines, nil
		}
		v.judge(st, i == 0)
		a.Settings = append(a.Settings, SettingAdvice{Name: st.name, Choices: choices(st, v.baseline), Lines: v.lines})
	}
	return a
}

// voice puts sentences together.
type voice struct {
	s        *results.Summary
	baseline string
	lines    []Sentence
}

func (v *voice) say(topic, format string, args ...any) {
	v.lines = append(v.lines, Sentence{topic, fmt.Sprintf(format, args...)})
}

func (v *voice) judge(st setting, saidShort bool) {
	w := st.walks[0]
	if tooFew(w) {
		v.say("No verdict", "too few rounds: %d. An interval at %.0f %% takes 6 rounds at least.", mostRounds(w), results.Confidence*100)
		v.sayCopied(st)
		return
	}
	if !saidShort {
		v.sayZeroCopy(st)
	}
	v.sayCounterparts(st)
	v.sayLargest(st)
	v.sayCopied(st)
}

// tooFew reports whether no strategy has rounds enough to be compared.
func tooFew(w walk) bool {
	compared := false
	for _, g := range w.groups {
		for _, r := range g.Rows {
			switch r.Verdict {
			case results.Baseline:
			case results.TooFew:
				compared = true
			default:
				return false
			}
		}
	}
	return compared
}

func mostRounds(w walk) int {
	most := 0
	for _, g := range w.groups {
		for _, r := range g.Rows {
			most = max(most, r.Rounds)
		}
	}
	return most
}

// sayShort names who is fastest and who is cheapest in a setting's first walk.
func (v *voice) sayShort(st setting) {
	w := st.walks[0]
	fastest := lead(stretches(w.groups, inThroughput), "no strategy is shown ahead of "+v.baseline)
	cheapest := lead(stretches(w.groups, inCPU), "no strategy is shown below "+v.baseline)
	topic := "Fastest"
	if fastest == cheapest {
		topic = "Fastest, and cheapest in CPU time"
	}
	v.say(topic, "%s (NIC profile %s, %s).", fastest, st.name, w.title())
	if fastest != cheapest {
		v.say("Cheapest in CPU time", "%s (with the same buffers).", cheapest)
	}
}

// sayGaps names what this machine couldn't measure in a setting, since the
// answers above are silent on it.
func (v *voice) sayGaps(st setting) {
	var parts []string
	for _, name := range v.s.Run.Plan.Strategies {
		var walks []string
		for _, w := range st.walks {
			if slices.ContainsFunc(v.s.Unsupported, func(u results.Unsupported) bool {
				c := u.Cell
				return c.Strategy == name && c.NIC == st.cell.NIC && c.Footprint == w.footprint && c.Fill == w.fill
			}) {
				walks = append(walks, w.name())
			}
		}
		switch len(walks) {
		case 0:
		case len(st.walks):
			parts = append(parts, printable(name))
		default:
			parts = append(parts, fmt.Sprintf("%s with %s buffers", printable(name), join(walks, "and")))
		}
	}
	if len(parts) > 0 {
		v.say("Not measured here", "%s; the reasons are under Unsupported.", strings.Join(parts, "; "))
	}
}

// lead runs through stretches: sendmmsg from 64 to 8192 B, … . Who else shares
// the lead at single sizes is left to the decision table.
func lead(list []stretch, otherwise string) string {
	if len(list) == 1 && len(list[0].names) == 0 {
		return otherwise + " at any size measured"
	}
	parts := make([]string, len(list))
	for i, s := range list {
		at := "at"
		if len(s.groups) > 1 {
			at = "from"
		}
		who := join(printables(s.names), "or")
		if len(s.names) == 0 {
			who = otherwise
		}
		parts[i] = fmt.Sprintf("%s %s %s B", who, at, sizeRun(s.from(), s.to()))
	}
	return strings.Join(parts, ", ")
}

// sayZeroCopy tells from which size on zero copy is worth it.
func (v *voice) sayZeroCopy(st setting) {
	if text := crossings(st, func(w walk) (string, string) { return crossing(w, zeroCopyWorth) }); text != "" {
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
	var names []string
	for _, w := range st.walks {
		for _, n := range zeroCopyNames(w) {
			names = addOnce(names, n)
		}
	}
	for _, name := range names {
		stem := ""
		text := crossings(st, func(w walk) (string, string) {
			other, ok := counterpart(name, w)
			if !ok {
				return "", ""
			}
			stem = other
			return crossing(w, against(name, other))
		})
		if text != "" {
			v.say(fmt.Sprintf("%s is ahead of %s", printable(name), printable(stem)), "%s.", text)
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
			parts = append(parts, fmt.Sprintf("%s%s (%s) with %s buffers", ratioFigure(r.Ratio.Center), times, claim(r), w.name()))
		}
	}
	v.say(fmt.Sprintf("%s at %d B", printable(name), g.Cell.Size), "%s.", join(parts, "and"))
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
