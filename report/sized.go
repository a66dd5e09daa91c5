package report

import (
	"fmt"
	"slices"

	"sendbench/runner/results"
)

// sizedBody is a chart's body of figures by message size, which says how it is read.
type sizedBody interface {
	body
	explain() string
}

// wanted is a panel that a chart is to have.
type wanted struct {
	heading string
	walk    walk
	from    metric
}

// arrangement is how panels of a chart are laid out.
type arrangement struct {
	across int  // panels side by side
	shared bool // one scale for all
}

// sized makes the panels that have something to show: lines over sizes or, where
// there is one size only, a row a strategy. ok is false where there is none.
func sized(list []wanted, styles map[string]look, a arrangement) (b sizedBody, ok bool) {
	if !slices.ContainsFunc(list, func(w wanted) bool { return len(w.walk.groups) > 1 }) {
		return sizedDots(list, styles, a)
	}
	var panels []panel
	for _, w := range list {
		if p := newPanel(w.heading, w.walk, styles, w.from); len(p.curves) > 0 {
			panels = append(panels, p)
		}
	}
	lines := inRows(panels, a.across)
	lines.shared = a.shared
	return lines, len(panels) > 0
}

func sizedDots(list []wanted, styles map[string]look, a arrangement) (sizedBody, bool) {
	b := dotsBody{across: a.across}
	for _, w := range list {
		if p := groupDots(w.heading, w.walk.groups[0], styles, w.from); len(p.dots) > 0 {
			b.panels = append(b.panels, p)
		}
	}
	if a.shared {
		b.share()
	}
	return b, len(b.panels) > 0
}

// throughputBody shows rates above and their ratio to the baseline below. Rates
// span three decades, so their axis is logarithmic, and on it a factor of 1.5 is
// a small step: the ratio is what tells strategies apart.
func throughputBody(w walk, styles map[string]look, baseline string) (sizedBody, bool) {
	return sized([]wanted{{"Gbit/s of payload", w, rateMetric}, {"Ratio to " + baseline + ": above 1 is faster", w, ratioMetric}}, styles, arrangement{across: 1})
}

// cpuBody shows CPU time a byte and its ratio to the baseline.
func cpuBody(w walk, styles map[string]look, baseline string) (sizedBody, bool) {
	return sized([]wanted{{"CPU time a byte, ns", w, cpuMetric}, {"Ratio to " + baseline + ": below 1 is cheaper", w, cpuRatioMetric}}, styles, arrangement{across: 1})
}

// releaseBody shows how long buffers are lent: p50 beside p99.
func releaseBody(w walk, styles map[string]look) (sizedBody, bool) {
	return sized([]wanted{{"Half are released within, µs (p50)", w, releaseP50Metric}, {"99 of 100 within, µs (p99)", w, releaseP99Metric}},
		styles, arrangement{across: 2, shared: true})
}

// footprintBody shows the ratio to the baseline in each of a setting's walks, at
// the sizes that they share: over other ranges of size their slopes would differ
// for no reason of the buffers'.
func footprintBody(st setting, styles map[string]look) (sizedBody, bool) {
	var list []wanted
	for _, w := range sharedSizes(st.walks) {
		list = append(list, wanted{fmt.Sprintf("%s (%s)", capital(w.name()), bytesLabel(w.footprint)), w, ratioMetric})
	}
	return sized(list, styles, arrangement{across: 2, shared: true})
}

// profilesBody shows throughput under each NIC profile, at the sizes that all share.
func profilesBody(list []setting, styles map[string]look) (sizedBody, bool) {
	var panels []wanted
	for i, w := range sharedSizes(firstWalks(list)) {
		panels = append(panels, wanted{list[i].name + ", Gbit/s", w, metric{of: rateMetric.of}}) // too small for raw points
	}
	return sized(panels, styles, arrangement{across: 2, shared: true})
}

// firstWalks are those that charts of several settings are about.
func firstWalks(list []setting) []walk {
	out := make([]walk, len(list))
	for i, st := range list {
		out[i] = st.walks[0]
	}
	return out
}

// sharedSizes cuts walks down to the sizes that all have, unless there are none.
func sharedSizes(walks []walk) []walk {
	shared := walks[0].sizes()
	for _, w := range walks[1:] {
		shared = slices.DeleteFunc(shared, func(size int) bool { return !slices.Contains(w.sizes(), size) })
	}
	if len(shared) == 0 {
		return walks
	}
	out := slices.Clone(walks)
	for i := range out {
		out[i].groups = slices.DeleteFunc(slices.Clone(out[i].groups), func(g results.Group) bool {
			return !slices.Contains(shared, g.Cell.Size)
		})
	}
	return out
}
