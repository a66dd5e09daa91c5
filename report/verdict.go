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
	Settings []SettingAdvice // one a NIC profile, in the order of the plan
}

// SettingAdvice is the advice for one NIC profile (and one value of the other
// axes, where a sweep has several).
type SettingAdvice struct {
	Name  string // of the profile
	Basis string // the footprint and fill that it is judged by
	Lines []Sentence
}

// Sentence is one finding, under a word or two that say what it is about.
type Sentence struct{ Topic, Text string }

func (s Sentence) String() string { return s.Topic + ": " + s.Text }

// Advise makes the advice. A summary without a measured cell gives none.
func Advise(s *results.Summary) Advice {
	var a Advice
	for _, st := range settings(s) {
		w := st.walks[0]
		v := voice{s: s, baseline: printable(s.Run.Plan.Baseline)}
		v.judge(st)
		a.Settings = append(a.Settings, SettingAdvice{Name: st.name, Basis: w.title(), Lines: v.lines})
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

func (v *voice) judge(st setting) {
	w := st.walks[0]
	if tooFew(w) {
		v.say("No verdict", "too few rounds: %d. Intervals at %.0f %% need 6 rounds, verdicts on many cells at once need 12.",
			mostRounds(w), results.Confidence*100)
		v.sayCopied(w)
		return
	}
	v.sayStretches("Most throughput", "faster", stretches(w.groups, inThroughput), func(s stretch) string {
		return figureSpan(s.low, s.top) + " times that of " + v.baseline
	})
	v.sayStretches("Least CPU time a byte", "cheaper", stretches(w.groups, inCPU), func(s stretch) string {
		return figureSpan(1/s.top, 1/s.low) + " times that of " + v.baseline
	})
	copied := v.sayCopied(w)
	v.sayZeroCopy(w, copied)
	v.sayWalks(st, copied)
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

func (v *voice) sayStretches(what, better string, list []stretch, amount func(stretch) string) {
	var parts []string
	shown := false
	for _, s := range list {
		if len(s.names) == 0 {
			parts = append(parts, fmt.Sprintf("%s no strategy is shown %s than %s", sizeSpan(s.from, s.to), better, v.baseline))
			continue
		}
		shown = true
		who := join(printables(s.names), "and")
		if len(s.names) > 1 {
			who += ", not told apart"
		}
		if len(s.others) > 0 {
			not := ", not told apart at some of these sizes from "
			if len(s.names) > 1 {
				not = ", nor at some of these sizes from "
			}
			who += not + join(printables(s.others), "and")
		}
		parts = append(parts, fmt.Sprintf("%s %s (%s)", sizeSpan(s.from, s.to), who, amount(s)))
	}
	if !shown {
		v.say(what, "no strategy is shown %s than %s at any size measured.", better, v.baseline)
		return
	}
	v.say(what, "%s.", strings.Join(parts, "; "))
}

func printables(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = printable(n)
	}
	return out
}

func sizeSpan(from, to int) string {
	if from == to {
		return fmt.Sprintf("at %d B", from)
	}
	return fmt.Sprintf("from %d to %d B", from, to)
}

func figureSpan(low, high float64) string {
	l, h := ratioFigure(low), ratioFigure(high)
	if l == h {
		return l
	}
	return l + " to " + h
}

// sayCopied tells where zero copy didn't happen, and returns the strategies that
// the kernel copied for at all.
func (v *voice) sayCopied(w walk) (copied []string) {
	type share struct {
		name      string
		low, high float64
	}
	var shares []share
	for _, g := range w.groups {
		for _, r := range g.Rows {
			part, ok := r.CopiedShare()
			if !ok || part == 0 {
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
	var all, some []string
	for _, s := range shares {
		copied = append(copied, s.name)
		if s.low == 1 {
			all = append(all, printable(s.name))
		} else {
			some = append(some, fmt.Sprintf("%s (up to %s)", printable(s.name), percent(s.high)))
		}
	}
	why := ""
	if reason := v.s.Run.Environment.Link.WhyCopied; reason != "" {
		why = " Presumed reason: " + sentence(reason)
	}
	if len(all) > 0 {
		v.say("Copied", "zero copy did not happen with %s: the kernel copied every send. Their figures are those of copying sends that are notified of besides.%s",
			join(all, "and"), why)
		why = ""
	}
	if len(some) > 0 {
		v.say("Copied", "the kernel copied part of the sends of %s: their figures mix both.%s", join(some, "and"), why)
	}
	return copied
}

// sayLargest gives the gains of the best zero-copy strategy at the largest size.
func (v *voice) sayLargest(g results.Group, names []string) {
	r, ok := bestOf(g, names)
	if !ok {
		v.say(fmt.Sprintf("At %d B", g.Cell.Size), "no zero-copy strategy was measured.")
		return
	}
	text := fmt.Sprintf("%s sends at %s times the rate of %s (%s)", printable(r.Strategy),
		ratioFigure(r.Ratio.Center), v.baseline, claim(r))
	if cpu, ok := inCPU(g, r); ok {
		text += fmt.Sprintf(" for %s times its CPU time a byte (%s)", ratioFigure(r.CPURatio.Center), between(r.CPURatio, ratioFigure))
		if !cpu.shown && r.CPURatio.Low <= 1 {
			text += ", where no difference is shown"
		}
	}
	v.say(fmt.Sprintf("At %d B", g.Cell.Size), "%s.", text)
}

// bestOf is the row of the greatest ratio among the names.
func bestOf(g results.Group, names []string) (best results.Row, ok bool) {
	for _, r := range g.Rows {
		if slices.Contains(names, r.Strategy) && positive(r.Ratio.Center) && (!ok || r.Ratio.Center > best.Ratio.Center) {
			best, ok = r, true
		}
	}
	return best, ok
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

// sayWalks tells how the gain of the best zero-copy strategy changes when its
// buffers are cold, and when each is filled before it is sent.
func (v *voice) sayWalks(st setting, copied []string) {
	if len(st.walks) < 2 {
		return
	}
	first := st.walks[0]
	names := without(zeroCopyNames(first), func(n string) bool { return slices.Contains(copied, n) })
	size := first.groups[len(first.groups)-1].Cell.Size
	lead, ok := bestOf(first.groups[len(first.groups)-1], names)
	if !ok {
		return
	}
	row := func(w walk) (results.Row, bool) {
		for _, g := range w.groups {
			if r, ok := rowOf(g, lead.Strategy); ok && g.Cell.Size == size && positive(r.Ratio.Center) {
				return r, true
			}
		}
		return results.Row{}, false
	}
	var parts []string
	for _, w := range st.walks {
		if r, ok := row(w); ok {
			parts = append(parts, fmt.Sprintf("%s (%s) %s", ratioFigure(r.Ratio.Center), claim(r), w.phrase()))
		} else {
			parts = append(parts, "not measured "+w.phrase())
		}
	}
	v.say("What buffers decide", "at %d B %s over %s is %s.", size, printable(lead.Strategy), v.baseline, join(parts, "and"))
	for _, stamp := range st.walks {
		for _, full := range st.walks {
			if stamp.fill != results.FillStamp || full.fill != results.FillFull || stamp.footprint != full.footprint {
				continue
			}
			a, okA := row(stamp)
			b, okB := row(full)
			if okA && okB && a.Ratio.Finite() && b.Ratio.Finite() && a.Ratio.Low > b.Ratio.High {
				v.say("Filling", "writing each buffer whole before it is sent brings %s from %s down to %s when buffers are %s.", printable(lead.Strategy),
					ratioFigure(a.Ratio.Center), ratioFigure(b.Ratio.Center), stamp.temperature)
			}
		}
	}
}
