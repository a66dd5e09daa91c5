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
			if !st.paced() {
				v.sayZeroCopy(st)
			}
			v.sayEffects()
			v.sayGaps(st)
			a.Short, v.lines = v.lines, nil
		}
		if text := applied(s.Run.Environment.Link, st.cell.NIC); text != "" {
			v.say("As read back", "%s", text)
		}
		v.judge(st, i == 0)
		advice := SettingAdvice{Name: st.name, Lines: v.lines}
		if !st.paced() {
			advice.Choices = choices(st, v.baseline)
		}
		a.Settings = append(a.Settings, advice)
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
		n := comparisons(w)
		v.say("No verdict", "too few rounds: %d. With %s corrected together a verdict takes %d at least.",
			mostRounds(w), count(n, "comparison", "comparisons"), results.RoundsFor(n))
		v.sayCopied(st)
		return
	}
	if st.paced() {
		if !saidShort {
			v.sayLatency(st)
		}
		v.sayBehind(st)
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

// comparisons is how many of a walk are corrected together.
func comparisons(w walk) int {
	n := 0
	for _, g := range w.groups {
		for _, r := range g.Rows {
			if r.Verdict != results.Baseline && r.Ratio.N > 0 {
				n++
			}
		}
	}
	return n
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

// sayShort names who is fastest and who is cheapest in a setting's first walk. At
// a set rate nobody is faster or cheaper, since the sender spins until the next
// message is due, and what counts is the slowest of the messages.
func (v *voice) sayShort(st setting) {
	w := st.walks[0]
	if st.paced() {
		v.sayLatency(st)
		return
	}
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
				return c.Strategy == name && c.NIC == st.cell.NIC && w.holds(c) && !strings.HasPrefix(u.Reason, leftOut)
			}) {
				walks = append(walks, w.kind())
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

// lead runs through stretches: sendmmsg (≈ uring-send at 64 B) from 64 B to 8 KiB, … .
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
		who := strings.Join(printables(s.names), " ≈ ")
		if ties := s.tiesIn(s.groups); ties != "" {
			who += " (" + ties + ")"
		}
		if len(s.names) == 0 {
			who = otherwise
		}
		parts[i] = fmt.Sprintf("%s %s %s", who, at, sizeRun(s.from(), s.to()))
	}
	return strings.Join(parts, ", ")
}
