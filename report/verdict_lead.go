package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// sayLeads names who sends most and who takes least CPU time, in one sentence where
// that is the same.
func (v *voice) sayLeads(st SettingDecision) {
	b := st.Buffers[0]
	where := fmt.Sprintf(" (NIC profile %s, %s)", st.Name, b.walk.title())
	fast, cheap := v.leadText(b.Throughput, MetricThroughput), v.leadText(b.CPU, MetricCPU)
	if sameLeads(b.Throughput, b.CPU) {
		v.say("Most throughput, and least CPU time a byte", evidence(b.Throughput, b.CPU), "%s%s.", fast, where)
		return
	}
	v.say("Most throughput", evidence(b.Throughput, nil), "%s%s.", fast, where)
	v.say("Least CPU time a byte", evidence(nil, b.CPU), "%s (with the same buffers).", cheap)
}

// sameLeads reports whether the same strategies lead at the same sizes.
func sameLeads(a, b []Lead) bool {
	return slices.EqualFunc(a, b, func(x, y Lead) bool {
		return x.FromBytes == y.FromBytes && x.ToBytes == y.ToBytes && slices.Equal(slices.Sorted(slices.Values(x.Strategies)), slices.Sorted(slices.Values(y.Strategies)))
	})
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

// leadText runs through leads: sendmmsg (≈ uring-send at 64 B) from 64 B to 8 KiB, 1.04 to
// 1.10 times write at 0.91 to 0.96 times its CPU time; … .
func (v *voice) leadText(list []Lead, metric string) string {
	otherwise := v.none(metric)
	if len(list) == 1 && list[0].Why != "" {
		return list[0].Why + " at any size measured"
	}
	if len(list) == 1 && len(list[0].Strategies) == 0 {
		return otherwise + " at any size measured" + hullText(list[0].groups, metric)
	}
	parts := make([]string, len(list))
	times := " times " + v.baseline
	for i, l := range list {
		who := cmp.Or(l.Why, otherwise)
		if len(l.Strategies) > 0 {
			who = l.who()
		}
		parts[i] = who + " " + l.where()
		if gained := l.gained(metric, times); gained != "" {
			parts[i] += ", " + gained
			if cost := l.gained(MetricCPU, strings.Replace(times, v.baseline, "its CPU time", 1)); metric == MetricThroughput && cost != "" {
				parts[i] += " at " + cost
			}
			times = "" // once is enough
		}
		if text := l.TakesOver.words(); text != "" {
			parts[i] += ", taking over " + text
		}
	}
	return strings.Join(parts, "; ")
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

// who names those that lead, and those that share the lead at some sizes.
func (l Lead) who() string {
	who := alike(l.Strategies)
	if ties := l.tied(); ties != "" {
		who += " (" + ties + ")"
	}
	return who
}

// alike joins the names of those that were not told apart.
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

// tied names those that share the lead at some of the sizes, together those that do so
// at the same ones.
func (l Lead) tied() string {
	var sizes []string
	who, counts := make(map[string][]string), make(map[string]int)
	for _, t := range l.Ties {
		key := sizeList(t.SizesBytes)
		sizes, counts[key] = addOnce(sizes, key), len(t.SizesBytes)
		who[key] = append(who[key], printable(t.Strategy))
	}
	parts := make([]string, len(sizes))
	for i, key := range sizes {
		parts[i] = "≈ " + strings.Join(fewNames(who[key]), ", ")
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
