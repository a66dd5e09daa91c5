package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// sayLeads names what to send most with and what takes least CPU time, in one sentence
// where that is the same.
func (v *voice) sayLeads(st SettingDecision) {
	b := st.Buffers[0]
	where := fmt.Sprintf(" Measured with NIC profile %s and %s.", st.Name, b.walk.title())
	fast, cheap := picks(b.Throughput, MetricThroughput), picks(b.CPU, MetricCPU)
	if samePicks(fast, cheap) {
		v.say("Fastest, and cheapest in CPU time", evidence(fast, cheap), "%s%s", v.pickText(MetricThroughput, fast, cheap), where)
		return
	}
	v.say("Fastest", evidence(fast, nil), "%s%s", v.pickText(MetricThroughput, fast, nil), where)
	v.say("Cheapest in CPU time", evidence(nil, cheap), "%s", v.pickText(MetricCPU, cheap, nil))
}

// evidence is what leads by throughput and by CPU time rest on.
func evidence(fast, cheap []Lead) (claims []Claim) {
	for _, l := range fast {
		claims = append(claims, l.evidence(MetricThroughput)...)
	}
	for _, l := range cheap {
		claims = append(claims, l.evidence(MetricCPU)...)
	}
	return claims
}

// pickText runs through picks: sendmmsg from 64 B to 8 KiB, 1.04 to 1.10 times the rate of
// write at 0.91 to 0.96 times its CPU time; … . Then it says who wasn't told apart from
// them. too are the same picks in another respect, nil if there are none: what isn't shown
// in either is said.
func (v *voice) pickText(metric string, list, too []Lead) string {
	otherwise := v.none(metric)
	if len(list) == 1 && list[0].Why != "" {
		return list[0].Why + " at any size measured."
	}
	if len(list) == 1 && len(list[0].Strategies) == 0 {
		return otherwise + " at any size measured" + hullText(list[0].groups, metric) + "."
	}
	parts := make([]string, len(list))
	unit, cost := " times the rate of "+v.baseline, " times its CPU time"
	if metric == MetricCPU {
		unit = " times that of " + v.baseline
	}
	for i, l := range list {
		who := cmp.Or(l.Why, otherwise)
		if len(l.Strategies) == 0 {
			parts[i] = who + " " + l.where()
			continue
		}
		parts[i] = printable(l.Strategies[0]) + " " + l.where()
		if gained := l.gained(metric, unit); gained != "" {
			parts[i] += ", " + gained
			if spent := l.gained(MetricCPU, cost); metric == MetricThroughput && spent != "" {
				parts[i] += " at " + spent
			}
			unit, cost = " times", "" // once is enough
		}
		sizes := l.unshown(metric)
		if too != nil {
			for _, size := range too[i].unshown(MetricCPU) {
				sizes = addOnce(sizes, size)
			}
			slices.Sort(sizes)
		}
		if len(sizes) > 0 {
			parts[i] += " (not shown at " + sizeList(sizes) + ")"
		}
		if text := l.TakesOver.words(); text != "" {
			parts[i] += ", passing " + printable(l.TakesOver.From) + " " + text
		}
	}
	text := strings.Join(parts, "; ") + "."
	if ties := allTies(slices.Concat(list, too)); ties != "" {
		text += " Not told apart from that: " + ties + "."
	}
	return text
}

// unshown are the sizes at which the first of those that lead isn't shown ahead of the
// baseline.
func (l Lead) unshown(metric string) (sizes []int) {
	for _, c := range l.claims(metric) {
		if c.Cell.Strategy == l.Strategies[0] && c.Verdict != results.Faster {
			sizes = append(sizes, c.Cell.Size)
		}
	}
	return sizes
}

// allTies says at which sizes of several runs who else shares the lead, those at most
// sizes first, and together those that do so at the same ones.
func allTies(list []Lead) string {
	var all []int
	var names []string
	sizes := make(map[string][]int)
	for _, l := range list {
		for _, g := range l.groups {
			all = addOnce(all, g.Cell.Size)
		}
		for _, t := range l.Ties {
			names = addOnce(names, t.Strategy)
			for _, size := range t.SizesBytes {
				sizes[t.Strategy] = addOnce(sizes[t.Strategy], size)
			}
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(len(sizes[b]), len(sizes[a])) })
	var places []string
	who := make(map[string][]string)
	for _, name := range names {
		slices.Sort(sizes[name])
		place := sizeList(sizes[name])
		switch n := len(sizes[name]); {
		case n == len(all) && n > 1:
			place = "every size"
		case n > mostNamed:
			place = fmt.Sprintf("%d of the %d sizes", n, len(all))
		}
		places = addOnce(places, place)
		who[place] = append(who[place], printable(name))
	}
	parts := make([]string, len(places))
	for i, place := range places {
		parts[i] = join(fewNames(who[place]), "and") + " at " + place
	}
	return someOf(parts, "; ")
}

// none says that there is no lead.
func (v *voice) none(metric string) string {
	if metric == MetricCPU {
		return "no strategy is shown below " + v.baseline
	}
	return "no strategy is shown ahead of " + v.baseline
}

// where is at which sizes: at 64 B, from 256 B to 16 KiB.
func (l Lead) where() string {
	if l.FromBytes == l.ToBytes {
		return "at " + sizeText(l.ToBytes)
	}
	return "from " + sizeRun(l.FromBytes, l.ToBytes)
}

// who names those that lead, and those that share the lead at some sizes: sendmmsg or
// uring-send (or uring-sendzc at 64 B).
func (l Lead) who() string {
	who := either(l.Strategies)
	if ties := l.tied("or"); ties != "" {
		who += " (" + ties + ")"
	}
	return who
}

// either joins in a sentence the names of those that were not told apart, alike in a table.
func either(names []string) string { return join(fewNames(printables(names)), "or") }

func alike(names []string) string { return strings.Join(fewNames(printables(names)), " ≈ ") }

// mostAlike is how many names a sentence has of those that weren't told apart.
const mostAlike = 4

// fewNames are the first few, and how many there are besides.
func fewNames(names []string) []string {
	if n := len(names) - mostAlike; n > 0 {
		return append(slices.Clone(names[:mostAlike]), fmt.Sprintf("%d more", n))
	}
	return names
}

// tied names, after a sign, those that share the lead at some of the sizes, together those
// that do so at the same ones.
func (l Lead) tied(sign string) string {
	var sizes []string
	who, counts := make(map[string][]string), make(map[string]int)
	for _, t := range l.Ties {
		key := sizeList(t.SizesBytes)
		sizes, counts[key] = addOnce(sizes, key), len(t.SizesBytes)
		who[key] = append(who[key], printable(t.Strategy))
	}
	parts := make([]string, len(sizes))
	for i, key := range sizes {
		parts[i] = sign + " " + strings.Join(fewNames(who[key]), ", ")
		if n := len(l.groups); n > 1 && n != counts[key] {
			parts[i] += " at " + key
		}
	}
	return someOf(parts, "; ")
}

// hullText says what the intervals of all ratios to the baseline cover, where none is
// shown: no more than that is known.
func hullText(groups []results.Group, metric string) string {
	var claims []Claim
	for _, g := range groups {
		for _, r := range g.Rows {
			throughput, cpu := againstBaseline(g, r, baselineOf(g))
			switch {
			case r.Verdict == results.Baseline:
			case metric == MetricCPU:
				claims = append(claims, cpu)
			default:
				claims = append(claims, throughput)
			}
		}
	}
	low, high, ok := span(claims)
	if !ok || !positive(low) || !finite(high) {
		return ""
	}
	return ": the intervals of all ratios to it lie within " + figureSpan(low, high)
}
