package report

import (
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
	walk walk
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
	switch {
	case !ok:
		return none
	case v.paced():
		return orUnknown(tailText(g), "not told apart") + " by p99"
	case tooFew(v.walk):
		return "too few rounds"
	}
	lead := leaders(g, inThroughput, rivalries(v.walk.groups))
	if len(lead) == 0 {
		return "none ahead of " + printable(v.summary.Run.Plan.Baseline)
	}
	var who []string
	for _, l := range lead {
		who = append(who, printable(l.strategy))
	}
	first := lead[slices.IndexFunc(lead, func(l gain) bool { return l.shown })]
	return fmt.Sprintf("%s %s (%s)", strings.Join(who, " ≈ "), ratioFigure(first.Center), between(first.Interval, ratioFigure))
}

// fastest and cheapest say who leads over the sizes, worth from which size on zero
// copy is worth it.
func (v view) fastest() string {
	switch {
	case v.paced():
		var parts []string
		for run := range runs(v.walk.groups, tailText) {
			if who := tailText(run[0]); who != "" {
				parts = append(parts, fmt.Sprintf("%s: %s", sizeRun(run[0].Cell.Size, run[len(run)-1].Cell.Size), who))
			}
		}
		return orUnknown(strings.Join(parts, "; "), none) + " (lowest p99 at " + rateName(v.cell.Rate) + ")"
	case tooFew(v.walk):
		return fmt.Sprintf("no verdict: too few rounds, %d of %d", mostRounds(v.walk), results.RoundsFor(comparisons(v.walk)))
	}
	return lead(stretches(v.walk.groups, inThroughput), "none ahead of "+printable(v.summary.Run.Plan.Baseline))
}

func (v view) cheapest() string {
	if v.paced() || tooFew(v.walk) {
		return none
	}
	return lead(stretches(v.walk.groups, inCPU), "none below "+printable(v.summary.Run.Plan.Baseline))
}

func (v view) worth() string {
	if v.paced() || tooFew(v.walk) {
		return none
	}
	where, below := crossing(v.walk, zeroCopyWorth(v.walk))
	switch {
	case where == "" && slices.ContainsFunc(v.walk.groups, func(g results.Group) bool { return slices.ContainsFunc(g.Rows, zeroCopy) }):
		return "the kernel copied"
	case where == "":
		return none
	case below != "":
		where += " (" + below + ")"
	}
	return where
}
