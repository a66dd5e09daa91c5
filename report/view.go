package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// view is the part of a record that is set beside that of others: its first NIC
// profile, with one use of buffers.
type view struct {
	entry
	number int // of the entry, from 1
	setting
	walk    walk
	decided BufferDecision // for the walk
}

// views are those of all entries that measured something, with buffers used as in
// the first one where all have that. note says where they aren't alike.
func (d document) views() (list []view, note string) {
	for i, e := range d.entries {
		if settings := settings(e.summary); len(settings) > 0 {
			list = append(list, view{entry: e, number: i + 1, setting: settings[0], walk: settings[0].walks[0]})
		}
	}
	if len(list) == 0 {
		return nil, ""
	}
	for _, w := range list[0].walks {
		if !slices.ContainsFunc(list, func(v view) bool { return v.find(w) < 0 }) {
			for i := range list {
				list[i].walk = list[i].walks[list[i].find(w)]
			}
			break
		}
	}
	for i := range list {
		list[i].decided = decideBuffers(list[i].walk)
	}
	profiles, uses := "", ""
	for _, v := range list {
		if v.name != list[0].name {
			profiles = "The NIC profiles differ: "
		}
		if v.walk.name() != list[0].walk.name() {
			uses = "No use of buffers is common to all: "
		}
	}
	return list, sentences(listed(profiles, list, func(v view) string { return v.name }), listed(uses, list, func(v view) string { return v.walk.name() }))
}

// find is the index of the setting's walk that uses buffers in the same way, -1 if
// there is none. How many bytes are cold depends on the machine.
func (v view) find(w walk) int {
	return slices.IndexFunc(v.walks, func(o walk) bool { return o.name() == w.name() })
}

// listed says what something is in each view, after an introduction; nothing if that
// is empty.
func listed(intro string, list []view, of func(view) string) string {
	if intro == "" {
		return ""
	}
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = fmt.Sprintf("%s in record %d", of(v), v.number)
	}
	return intro + strings.Join(parts, ", ") + "."
}

// buffers says how they are used in views, by the first.
func buffers(list []view) string {
	return fmt.Sprintf("NIC profile %s, %s buffers", list[0].name, list[0].walk.name())
}

// at is the group of a size; ok is false where it wasn't measured.
func (v view) at(size int) (g results.Group, ok bool) {
	i := slices.IndexFunc(v.walk.groups, func(g results.Group) bool { return g.Cell.Size == size })
	if i < 0 {
		return results.Group{}, false
	}
	return v.walk.groups[i], true
}

// largest is the view's largest size.
func (v view) largest() int {
	sizes := v.walk.sizes()
	return sizes[len(sizes)-1]
}

// sizesOf are those that any of the views has, ascending.
func sizesOf(list []view) []int {
	var sizes []int
	for _, v := range list {
		for _, size := range v.walk.sizes() {
			sizes = addOnce(sizes, size)
		}
	}
	slices.Sort(sizes)
	return sizes
}

// bestText names who leads at a size and by how much; at a set rate, who is below all
// others by p99.
func (v view) bestText(size int) string {
	g, ok := v.at(size)
	if !ok {
		return none
	}
	list, by, suffix, otherwise := v.decided.Throughput, inThroughput, "", "none ahead of "+printable(v.summary.Run.Plan.Baseline)
	switch {
	case v.paced():
		list, by, suffix, otherwise = v.decided.P99, inP99, " by p99", "not told apart by p99"
	case tooFew(v.walk):
		return "too few rounds"
	case v.decided.NoVerdict != "":
		return none
	}
	for _, l := range list {
		if size < l.FromBytes || size > l.ToBytes {
			continue
		}
		if len(l.Strategies) == 0 {
			return cmp.Or(l.Why, otherwise)
		}
		l = l.within(size, size)
		var who []string
		for _, one := range gains(g, by) { // the greatest first
			if slices.Contains(l.Strategies, one.strategy) || slices.ContainsFunc(l.Ties, func(t Tie) bool { return t.Strategy == one.strategy }) {
				who = append(who, one.strategy)
			}
		}
		text := either(who) + suffix
		if len(l.Throughput) > 0 {
			best := strongest(l.Throughput).Ratio.interval()
			text += fmt.Sprintf(" %s (%s)", ratioFigure(best.Center), between(best, ratioFigure))
		}
		return text
	}
	return none
}

// fastest and cheapest say who leads over the sizes, worth from which size on zero
// copy is worth it.
func (v view) fastest() string {
	switch {
	case v.paced():
		return v.lead(v.decided.P99, MetricP99) + " (lowest p99 at " + rateName(v.cell.Rate) + ")"
	case v.decided.NoVerdict != "":
		return "no verdict: " + v.noVerdict()
	}
	return v.lead(v.decided.Throughput, MetricThroughput)
}

// noVerdict is why there is none, in short.
func (v view) noVerdict() string {
	if tooFew(v.walk) {
		return fmt.Sprintf("too few rounds, %d of %d", v.decided.Rounds, v.decided.RoundsNeeded)
	}
	return v.decided.NoVerdict
}

func (v view) cheapest() string {
	if v.paced() || v.decided.NoVerdict != "" {
		return none
	}
	return v.lead(v.decided.CPU, MetricCPU)
}

// lead runs through leads: sendmmsg (or uring-send at 64 B) from 64 B to 8 KiB; … .
func (v view) lead(list []Lead, metric string) string {
	parts := make([]string, len(list))
	for i, l := range list {
		who := map[string]string{MetricThroughput: "none ahead of ", MetricCPU: "none below "}[metric] + printable(v.summary.Run.Plan.Baseline)
		switch {
		case len(l.Strategies) > 0:
			who = l.who()
		case metric == MetricP99:
			who = "not told apart"
		case l.Why != "":
			who = l.Why
		}
		parts[i] = who + " " + l.where()
	}
	return strings.Join(parts, "; ")
}

func (v view) worth() string {
	switch curve := v.decided.curve; {
	case v.paced() || v.decided.NoVerdict != "" || !asksForZeroCopy(v.walk):
		return none
	case v.decided.ZeroCopy == nil:
		return "not compared: " + standings(curve)
	default:
		where, below := crossing(curve)
		if below != "" {
			where += ", " + below
		}
		return where
	}
}
