package report

import (
	"slices"

	"sendbench/runner/results"
)

// NICDecision says which NIC profile matters most, at the largest size and with the
// buffers that the short answer is about.
type NICDecision struct {
	SizeBytes int    `json:"size_bytes"`
	Buffers   string `json:"buffers"`
	Reference string `json:"reference"` // the profile that the others are compared with
	// MattersMost is the profile with the change furthest from 1 of those that are
	// shown; "" where none is.
	MattersMost string  `json:"matters_most"`
	Effects     []Claim `json:"effects"` // of each profile on each strategy's throughput

	visits, needed int // of a profile, that are paired with one of the reference, and that a verdict takes
}

// decideNIC is nil where there are no profiles to compare.
func decideNIC(s *results.Summary, list []setting) *NICDecision {
	size, effects := largestEffects(s)
	if len(effects) == 0 {
		return nil
	}
	d := &NICDecision{
		SizeBytes: size, Buffers: list[0].walks[0].name(), Reference: effects[0].reference,
		needed: results.RoundsFor(corrected(s.Effects, effects[0].effects[0])),
	}
	for _, e := range effects {
		for _, one := range e.effects {
			d.visits = max(d.visits, one.Ratio.N)
			d.Effects = append(d.Effects, Claim{MetricThroughput, one.Cell, one.Reference, figureOf(one.Ratio), known(one.P), known(one.Floor), one.Verdict})
		}
	}
	if ranked := rank(effects); ranked[0].weight() >= 0 {
		d.MattersMost = ranked[0].profile
	}
	return d
}

// FlowDecision says what more flows bring, at the largest size that several numbers of
// them were measured at.
type FlowDecision struct {
	Setting   string        `json:"setting"` // without flows
	Buffers   string        `json:"buffers"`
	SizeBytes int           `json:"size_bytes"`
	Scaling   []FlowScaling `json:"scaling"` // by strategy, then flows
}

// FlowScaling is what all flows of one strategy send together.
type FlowScaling struct {
	Strategy      string `json:"strategy"`
	Flows         int    `json:"flows"`
	BitsPerSecond Figure `json:"bits_per_second"`
	// OverFewest is that as a ratio to what the fewest flows send, taken inside rounds,
	// and OfIdeal as a ratio to that in proportion to the number of flows.
	OverFewest Figure `json:"over_fewest"`
	OfIdeal    Figure `json:"of_ideal"`
}

func decideFlows(list []setting) []FlowDecision {
	out := []FlowDecision{}
	for _, sc := range scalings(list) {
		walks := sc.walks(list)
		if len(walks) == 0 {
			continue
		}
		w := walks[0]
		sizes := sc.sizes(list, w)
		d := FlowDecision{Setting: sc.name, Buffers: w.name(), SizeBytes: sizes[len(sizes)-1], Scaling: []FlowScaling{}}
		groups := sc.at(list, w, d.SizeBytes)
		for _, name := range strategiesOf(groups) {
			d.Scaling = append(d.Scaling, scalingOf(name, groups)...)
		}
		if len(d.Scaling) > 0 {
			out = append(out, d)
		}
	}
	return out
}

// scalingOf is one strategy's, in groups that ascend by flows.
func scalingOf(name string, groups []results.Group) (out []FlowScaling) {
	var fewest results.Row
	flows := 0
	for _, g := range groups {
		r, ok := rowOf(g, name)
		if !ok || !positive(r.Rate.Center) {
			continue
		}
		one := FlowScaling{Strategy: name, Flows: g.Cell.Flows, BitsPerSecond: figureOf(r.Rate)}
		if flows == 0 {
			fewest, flows = r, g.Cell.Flows
		} else {
			over := over(gain{rounds: r.RateRounds, samples: r.RateSamples}, gain{rounds: fewest.RateRounds, samples: fewest.RateSamples})
			one.OverFewest = figureOf(over)
			one.OfIdeal = figureOf(scaled(over, float64(flows)/float64(g.Cell.Flows)))
		}
		out = append(out, one)
	}
	return out
}

// Paced is how a strategy did at a set rate, at one size.
type Paced struct {
	Strategy          string   `json:"strategy"`
	SizeBytes         int      `json:"size_bytes"`
	MessagesPerSecond Figure   `json:"messages_per_second"`
	OfRate            *float64 `json:"of_rate"` // share of the set rate
	Missed            bool     `json:"missed"`  // it is shown to stay below the set rate
	P50NS             Figure   `json:"p50_ns"`
	P99NS             Figure   `json:"p99_ns"`
}

// pacedRows are all of a walk.
func pacedRows(w walk) []Paced {
	out := []Paced{}
	for _, name := range strategiesOf(w.groups) {
		for _, g := range w.groups {
			r, ok := rowOf(g, name)
			if !ok || r.Rounds == 0 {
				continue
			}
			rate := float64(g.Cell.Rate)
			p := Paced{
				Strategy: name, SizeBytes: g.Cell.Size, MessagesPerSecond: figureOf(r.MsgRate), OfRate: known(r.MsgRate.Center / rate),
				Missed: r.MsgRate.Finite() && r.MsgRate.High < rate*(1-mostBehind),
			}
			if r.Latency != nil {
				p.P50NS, p.P99NS = figureOf(r.Latency.P50), figureOf(r.Latency.P99)
			}
			out = append(out, p)
		}
	}
	return out
}

// missed are the sizes at which a strategy stays below the set rate, and the least share
// of it that it sends.
func missed(list []Paced, strategy string) (sizes []int, least float64) {
	least = 1
	for _, p := range list {
		if p.Strategy == strategy && p.Missed {
			sizes, least = append(sizes, p.SizeBytes), min(least, *p.OfRate)
		}
	}
	slices.Sort(sizes)
	return sizes, least
}
