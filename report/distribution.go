package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// tail is one strategy's latency: the share of messages that took longer than a
// time, for ascending times, of all rounds together; and the 99th percentile over rounds,
// which is another figure, and apart from the rest.
type tail struct {
	name  string
	look  look
	steps []tailStep
	marks []tailStep // percentiles, which lie on the line through the steps
	p99   results.Interval
}

type tailStep struct{ ns, slower float64 }

// markedShares are those that percentiles leave: p50, p90, p99 and p99.9.
var markedShares = []float64{0.5, 0.1, 0.01, 0.001}

// at is where the line through the steps comes down to a share; ok is false for one that it
// doesn't reach, or begins below.
func (t tail) at(slower float64) (m tailStep, ok bool) {
	i := slices.IndexFunc(t.steps, func(s tailStep) bool { return s.slower <= slower })
	if i < 0 {
		return m, false
	}
	before, after := tailStep{t.steps[0].ns, 1}, t.steps[i]
	if i > 0 {
		before = t.steps[i-1]
	}
	if after.slower <= 0 || after.slower == before.slower {
		return tailStep{after.ns, slower}, true // straight down
	}
	part := math.Log(before.slower/slower) / math.Log(before.slower/after.slower)
	return tailStep{before.ns * math.Pow(after.ns/before.ns, part), slower}, true
}

// tailPanel is the strategies at one size of one use of buffers.
type tailPanel struct {
	heading string
	tails   []tail
}

// distributionBody is a chart of such panels, two a row, on one scale.
type distributionBody struct {
	panels []tailPanel
	lo, hi float64 // ns
	least  float64 // share, a power of ten
}

// latencyBody shows the distribution of a setting's latencies, a panel for each
// use of buffers and size. A tail is what a percentile is asked for, so what it
// shows is the complement of the cumulative distribution, logarithmic both ways.
func latencyBody(st setting, styles map[string]look) (distributionBody, bool) {
	b := distributionBody{lo: math.Inf(1), least: 1}
	for _, w := range st.walks {
		for _, size := range few(w.sizes()) {
			g := w.groups[slices.Index(w.sizes(), size)]
			p := tailPanel{heading: sizeText(size) + ", " + w.name()}
			for _, r := range g.Rows {
				if t, ok := newTail(r, styles[r.Strategy]); ok {
					p.tails = append(p.tails, t)
					b.include(t)
				}
			}
			if len(p.tails) > 0 {
				b.panels = append(b.panels, p)
			}
		}
	}
	b.least = math.Pow10(int(math.Floor(math.Log10(b.least) + 1e-9)))
	b.hi *= math.Pow(b.hi/b.lo, 0.03) // what ends there is seen to end
	if b.hi/b.lo < 2 {
		b.lo, b.hi = b.lo/1.5, b.hi*1.5
	}
	return b, len(b.panels) > 0
}

// newTail is a row's tail; ok is false where it has none.
func newTail(r results.Row, l look) (t tail, ok bool) {
	if r.Latency == nil {
		return tail{}, false
	}
	t = tail{name: r.Strategy, look: l}
	all := float64(r.Latency.Unsent)
	for _, b := range r.Latency.Buckets {
		all += float64(b[1])
	}
	rest := all
	for _, b := range r.Latency.Buckets {
		if b[0] <= 0 || b[1] < 0 {
			continue
		}
		rest -= float64(b[1])
		t.steps = append(t.steps, tailStep{float64(b[0]), max(0, rest/all)})
		if rest <= 0 {
			break // what follows is empty
		}
	}
	for _, slower := range markedShares {
		if m, ok := t.at(slower); ok {
			t.marks = append(t.marks, m)
		}
	}
	t.p99 = r.Latency.P99
	return t, all > 0 && len(t.steps) > 0
}

// include widens the axes by a tail.
func (b *distributionBody) include(t tail) {
	b.lo, b.hi = math.Min(b.lo, t.steps[0].ns), math.Max(b.hi, t.steps[len(t.steps)-1].ns)
	for _, s := range t.steps {
		if s.slower > 0 {
			b.least = math.Min(b.least, s.slower)
		}
	}
	for _, m := range t.marks {
		b.least = math.Min(b.least, m.slower)
	}
	if p := t.p99; positive(p.Center) {
		b.lo, b.hi = math.Min(b.lo, p.Center), math.Max(b.hi, p.Center)
		if p.Finite() && p.Low > 0 {
			b.lo, b.hi = math.Min(b.lo, p.Low), math.Max(b.hi, p.High)
		}
	}
}

func (b distributionBody) values() string {
	var out strings.Builder
	for _, p := range b.panels {
		fmt.Fprintf(&out, "panel %q\n", p.heading)
		for _, t := range p.tails {
			fmt.Fprintf(&out, "  %q %s %s\n", t.name, t.look.hue.name, t.look.glyph.name)
			for _, s := range t.steps {
				fmt.Fprintf(&out, "    %.4g of messages above %.4g ns\n", s.slower, s.ns)
			}
			for _, m := range t.marks {
				fmt.Fprintf(&out, "    mark %.4g: %.4g\n", m.slower, m.ns)
			}
			fmt.Fprintf(&out, "    p99 over rounds: %.4g [%.4g %.4g]\n", t.p99.Center, t.p99.Low, t.p99.High)
		}
	}
	return out.String()
}
