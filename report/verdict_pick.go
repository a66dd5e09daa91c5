package report

import (
	"slices"

	"sendbench/runner/results"
)

// picks divide the sizes of leads into as few runs as possible in each of which one
// strategy will do: at none of them is anything shown ahead of it, and at most of them it
// is shown ahead of the baseline. That is for who has to choose: leads name all
// that share one, and change where chance tells one of them apart at a single size. Like
// leads, they end at a size that was planned and not measured.
func picks(list []Lead, metric string) []Lead {
	by := measures[metric]
	var out []Lead
	var shown map[string]int // sizes of the last run at which each of its candidates is
	for _, l := range list {
		for i, g := range l.groups {
			next := joined(shown, l.leading[i])
			apart := i == 0 && l.apart
			if n := len(out); n > 0 && !apart && out[n-1].Why == l.Why {
				last := &out[n-1]
				if likely(next, len(last.groups)+1) || len(shown) == 0 && len(l.leading[i]) == 0 {
					last.groups, last.leading = append(last.groups, g), append(last.leading, l.leading[i])
					shown = next
					continue
				}
			}
			out = append(out, Lead{groups: []results.Group{g}, leading: [][]gain{l.leading[i]}, Why: l.Why, apart: apart})
			shown = joined(nil, l.leading[i])
		}
	}
	most := 0
	for _, l := range list {
		most += rivalries(l.groups)
	}
	for i := range out {
		l := &out[i]
		l.FromBytes, l.ToBytes = l.groups[0].Cell.Size, l.groups[len(l.groups)-1].Cell.Size
		l.Strategies = l.likeliest()
		l.find(by, metric, most)
		if i > 0 {
			l.TakesOver = takeover(out[i-1], *l, by, most)
		}
	}
	return out
}

// joined are the candidates of a run that are among the leaders of another size, too, and
// at how many sizes they are shown ahead of the baseline; of no run all leaders are.
func joined(run map[string]int, leading []gain) map[string]int {
	out := make(map[string]int)
	for _, one := range leading {
		n, ok := run[one.strategy]
		if !ok && run != nil {
			continue
		}
		if one.shown {
			n++
		}
		out[one.strategy] = n
	}
	return out
}

// likely reports whether a candidate is shown ahead of the baseline at most of so many
// sizes.
func likely(shown map[string]int, sizes int) bool {
	for _, n := range shown {
		if 2*n > sizes {
			return true
		}
	}
	return false
}

// likeliest is the candidate of a run that is shown ahead of the baseline at most of its sizes,
// of several the one with the greatest gain at the last; none where nobody leads.
func (l Lead) likeliest() []string {
	var shown map[string]int
	for _, leading := range l.leading {
		shown = joined(shown, leading)
	}
	names := []string{}
	for _, one := range l.leading[len(l.leading)-1] { // the greatest first
		if _, ok := shown[one.strategy]; ok && (len(names) == 0 || shown[one.strategy] > shown[names[0]]) {
			names = []string{one.strategy}
		}
	}
	return names
}

// samePicks reports whether the same strategies are picked at the same sizes.
func samePicks(a, b []Lead) bool {
	return slices.EqualFunc(a, b, func(x, y Lead) bool {
		return x.FromBytes == y.FromBytes && x.ToBytes == y.ToBytes && slices.Equal(x.Strategies, y.Strategies)
	})
}
