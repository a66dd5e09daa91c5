package report

import (
	"fmt"
	"slices"

	"sendbench/runner/results"
)

// Advice is a Decision in words. Each sentence is made from claims and says nothing
// beyond their intervals or within the noise floor.
type Advice struct {
	// Short answers the question in a few lines for the first NIC profile, which is the
	// one that changes nothing, unless the sweep left it out.
	Short    []Sentence      `json:"short"`
	Settings []SettingAdvice `json:"settings"` // one a NIC profile, in the order of the plan
}

// SettingAdvice is the advice for one NIC profile (and one value of the other
// axes, where a sweep has several).
type SettingAdvice struct {
	Name    string     `json:"name"` // of the profile
	Choices []Choice   `json:"choices"`
	Lines   []Sentence `json:"lines"` // what Short says already is not said again
}

// Sentence is one finding, under a word or two that say what it is about, and the
// claims that it is made from. One that only gives figures has none.
type Sentence struct {
	Topic  string  `json:"topic"`
	Text   string  `json:"text"`
	Claims []Claim `json:"claims"`
}

func (s Sentence) String() string { return s.Topic + ": " + s.Text }

// Advise puts a summary's decision in words.
func Advise(s *results.Summary) Advice { return Decide(s).Words }

// advise makes the words.
func (d Decision) advise(s *results.Summary) Advice {
	a := Advice{Short: []Sentence{}, Settings: []SettingAdvice{}}
	v := voice{decision: d, summary: s, baseline: printable(d.Run.Baseline), lines: []Sentence{}}
	if len(d.Settings) == 0 {
		v.sayEnd()
		v.sayNothing()
	}
	for i, st := range d.Settings {
		if i == 0 {
			v.sayShort(st)
			a.Short, v.lines = v.lines, []Sentence{}
		}
		if text := applied(s.Run.Environment.Link, st.NIC); text != "" {
			v.say("As read back", nil, "%s", text)
		}
		v.sayDetails(st, i == 0)
		advice := SettingAdvice{Name: st.Name, Choices: []Choice{}, Lines: v.lines}
		if !st.paced() {
			advice.Choices = choices(st, v.baseline)
		}
		a.Settings = append(a.Settings, advice)
		v.lines = []Sentence{}
	}
	if len(d.Settings) == 0 {
		a.Short = v.lines
	}
	return a
}

// voice puts sentences together.
type voice struct {
	decision Decision
	summary  *results.Summary
	baseline string
	lines    []Sentence
}

func (v *voice) say(topic string, claims []Claim, format string, args ...any) {
	if claims == nil {
		claims = []Claim{}
	}
	v.lines = append(v.lines, Sentence{topic, fmt.Sprintf(format, args...), claims})
}

// sayShort answers for the first setting, and the first use of buffers in it. That the
// kernel copied comes ahead of all that zero copy might be thought to do.
func (v *voice) sayShort(st SettingDecision) {
	v.sayEnd()
	v.sayCopied(st)
	switch b := st.Buffers[0]; {
	case b.NoVerdict != "":
		v.sayNoVerdict(st)
	case st.paced():
		v.sayLatency(st)
		v.sayMissed(st)
	default:
		v.sayLeads(st)
		v.sayZeroCopy(st)
		if len(st.Buffers) > 1 {
			v.sayLargest(st)
		}
		v.sayHeld(b)
	}
	v.sayEffects()
	v.sayFlows()
	if !st.paced() && st.Buffers[0].NoVerdict == "" {
		v.sayUnshown(st)
	}
	v.sayGaps(st)
}

// sayDetails says the rest of a setting, and all of one that sayShort wasn't about.
func (v *voice) sayDetails(st SettingDecision, saidShort bool) {
	if !saidShort {
		v.sayCopied(st)
	}
	b := st.Buffers[0]
	switch {
	case b.NoVerdict != "" && saidShort:
	case b.NoVerdict != "":
		v.sayNoVerdict(st)
	case st.paced() && !saidShort:
		v.sayLatency(st)
		v.sayMissed(st)
	case st.paced():
	default:
		if !saidShort {
			v.sayZeroCopy(st)
		}
		v.sayTwins(st)
		if !saidShort || len(st.Buffers) == 1 {
			v.sayLargest(st)
		}
		if !saidShort {
			v.sayUnshown(st)
		}
	}
}

// sayNothing says why nothing was measured.
func (v *voice) sayNothing() {
	if !slices.ContainsFunc(v.decision.NotMeasured, func(n NotMeasured) bool { return !n.Omitted }) {
		v.say("Nothing was measured", nil, "the run ended before its first trial.")
		return
	}
	most := slices.MaxFunc(v.decision.NotMeasured, func(a, b NotMeasured) int { return a.Cells - b.Cells })
	v.say("Nothing was measured", nil, "%s can't be sent here. Mostly: %s",
		count(most.Cells, "cell of the sweep", "cells of the sweep"), sentence(most.Reason))
}

// sayNoVerdict says why there is no answer, and gives what there is.
func (v *voice) sayNoVerdict(st SettingDecision) {
	b := st.Buffers[0]
	v.say("No verdict", nil, "%s.", b.NoVerdict)
	if st.paced() {
		v.sayMissed(st)
		for _, p := range b.Paced {
			if p99 := p.P99NS.interval(); p.Strategy == v.decision.Run.Baseline && positive(p99.Center) {
				v.say(v.baseline+" at "+sizeText(p.SizeBytes), nil, "p99 %s at %s, with %s buffers.", withBounds(p99, duration), rateName(st.Rate), b.walk.kind())
				return
			}
		}
		return
	}
	g := b.walk.groups[len(b.walk.groups)-1]
	if r, ok := rowOf(g, v.decision.Run.Baseline); ok && positive(r.Rate.Center) {
		v.say(v.baseline+" at "+sizeText(g.Cell.Size), nil, "%s Gbit/s%s at %s ns of CPU time a byte%s, with %s buffers.",
			figure(gigabits(r.Rate.Center)), inParentheses(bounds(scaled(r.Rate, 1e-9), figure)),
			figure(r.CPUPerByte.Center), inParentheses(bounds(r.CPUPerByte, figure)), b.walk.kind())
	}
}

// withBounds is a figure with its interval, or without one that is as narrow as the digits.
func withBounds(iv results.Interval, format func(float64) string) string {
	text := format(iv.Center)
	if format(iv.Low) == text && format(iv.High) == text {
		return text
	}
	return text + inParentheses(bounds(iv, format))
}

// inParentheses is nothing where there is no interval.
func inParentheses(text string) string {
	if text == none {
		return ""
	}
	return " (" + text + ")"
}
