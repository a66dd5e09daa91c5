package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"sendbench/runner/results"
)

// settingEffect is what one NIC profile does to each strategy, at one size and use
// of buffers.
type settingEffect struct {
	profile, reference string
	effects            []results.Effect // in the order of strategies
}

// most is the effect furthest from 1 of those that were shown; ok is false where
// none was.
func (e settingEffect) most() (most results.Effect, ok bool) {
	for _, one := range e.shown() {
		if !ok || stray(one) > stray(most) {
			most, ok = one, true
		}
	}
	return most, ok
}

// compared reports whether any ratio could be taken.
func (e settingEffect) compared() bool {
	return slices.ContainsFunc(e.effects, func(one results.Effect) bool { return one.Ratio.N > 0 })
}

// stray is how far a ratio is from 1, one above as much as its inverse.
func stray(e results.Effect) float64 { return math.Abs(math.Log(e.Ratio.Center)) }

// shown are the effects with a claim.
func (e settingEffect) shown() []results.Effect {
	var out []results.Effect
	for _, one := range e.effects {
		if (one.Verdict == results.Faster || one.Verdict == results.Slower) && positive(one.Ratio.Center) {
			out = append(out, one)
		}
	}
	return out
}

// largestEffects are those at the largest size that has any, with the buffers used
// as in the summary's first walk: a profile each, in the order of the record. At a
// set rate a profile can't change the throughput.
func largestEffects(s *results.Summary) (size int, list []settingEffect) {
	settings := settings(s)
	if len(settings) == 0 || settings[0].paced() {
		return 0, nil
	}
	first := settings[0]
	alike := func(c results.Cell) bool {
		key := first.cell
		key.NIC, key.Segment, key.Size, key.Strategy = c.NIC, c.Segment, c.Size, c.Strategy
		key.Footprint, key.Pages, key.Fill = c.Footprint, c.Pages, c.Fill
		return key == c && first.walks[0].holds(c)
	}
	for _, e := range s.Effects {
		if alike(e.Cell) {
			size = max(size, e.Cell.Size)
		}
	}
	for _, e := range s.Effects {
		if !alike(e.Cell) || e.Cell.Size != size {
			continue
		}
		i := slices.IndexFunc(list, func(o settingEffect) bool { return o.profile == e.Cell.NIC })
		if i < 0 {
			i = len(list)
			list = append(list, settingEffect{profile: e.Cell.NIC, reference: e.Reference})
		}
		list[i].effects = append(list[i].effects, e)
	}
	return size, list
}

// rank puts settings in the order of their greatest effect.
func rank(list []settingEffect) []settingEffect {
	return slices.SortedStableFunc(slices.Values(list), func(a, b settingEffect) int { return cmp.Compare(b.weight(), a.weight()) })
}

// weight orders settings by their greatest effect; one without any comes last.
func (e settingEffect) weight() float64 {
	if most, ok := e.most(); ok {
		return stray(most)
	}
	return -1
}

// corrected is how many effects are corrected together with one: those of its
// profile and use of buffers.
func corrected(all []results.Effect, one results.Effect) int {
	family := func(e results.Effect) results.Cell {
		c := e.Cell.Group()
		c.Size = 0
		return c
	}
	n := 0
	for _, e := range all {
		if family(e) == family(one) {
			n++
		}
	}
	return n
}

// effectsTableID is that of the table of all effects.
const effectsTableID = "table-settings"

// effectsTable has every effect.
func effectsTable(s *results.Summary) (t pageTable, ok bool) {
	t = pageTable{ID: effectsTableID, Caption: "NIC settings: throughput and CPU time as ratios to the reference profile", Folded: true, Corner: "NIC profile, buffers, size",
		Notes: []string{"Ratios are taken inside a super-round, in which every profile is visited once, so that drift of the machine cancels."},
		Heads: []tableHead{{"Throughput ratio", 2, false}, {"Verdict", 2, true}, {"CPU ratio", 2, false}}}
	llc := s.Run.Environment.LLCBytes
	for _, e := range s.Effects {
		w := walk{footprint: e.Cell.Footprint, pages: e.Cell.Pages, fill: e.Cell.Fill}
		for _, g := range s.Groups {
			if w.holds(g.Cell) && g.Cell.NIC == e.Cell.NIC {
				w.groups = append(w.groups, g)
			}
		}
		w.temperature = w.warmth(llc)
		label := fmt.Sprintf("%s, %s, %s", printable(e.Cell.NIC), w.name(), sizeText(e.Cell.Size))
		row := tableRow{Name: printable(e.Cell.Strategy)}
		row.Cells = append(row.Cells, ratioCells(e.Ratio, e.Verdict, 0)...)
		row.Cells = append(row.Cells, rateMark(e.Verdict).cell(), beside(probability(e.P)))
		row.Cells = append(row.Cells, plain(ratioFigure(e.CPURatio.Center)), beside(between(e.CPURatio, ratioFigure)))
		if n := len(t.Groups); n == 0 || t.Groups[n-1].Label != label {
			t.Groups = append(t.Groups, tableGroup{Label: label})
		}
		last := &t.Groups[len(t.Groups)-1]
		last.Rows = append(last.Rows, row)
	}
	return t, len(t.Groups) > 0
}
