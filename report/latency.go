package report

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// latencyColumns are the percentiles of latency at a set rate.
var latencyColumns = []tableColumn{
	intervalColumn("Sent, messages/s", figure, func(r results.Row) results.Interval { return r.MsgRate }),
	latencyColumn("p50", func(l results.LatencySummary) results.Interval { return l.P50 }),
	latencyColumn("p90", func(l results.LatencySummary) results.Interval { return l.P90 }),
	latencyColumn("p99", func(l results.LatencySummary) results.Interval { return l.P99 }),
	latencyColumn("p99.9", func(l results.LatencySummary) results.Interval { return l.P999 }),
	latencyColumn("max", func(l results.LatencySummary) results.Interval { return l.Max }),
}

func latencyColumn(head string, of func(results.LatencySummary) results.Interval) tableColumn {
	return tableColumn{head, false, func(_ results.Group, r results.Row) []tableCell {
		iv := of(*r.Latency)
		return []tableCell{plain(latencyFigure(r, iv.Center)), beside(latencyBounds(r, iv))}
	}}
}

// latencyFigure prints a time. One that messages are too late for that were never
// sent is over the latest that was.
func latencyFigure(r results.Row, ns float64) string {
	if buckets := r.Latency.Buckets; math.IsInf(ns, 1) && len(buckets) > 0 {
		return "over " + duration(float64(buckets[len(buckets)-1][0]))
	}
	return duration(ns)
}

// latencyBounds prints an interval of times, of which the upper bound may be such a one.
func latencyBounds(r results.Row, iv results.Interval) string {
	if finite(iv.Low) && math.IsInf(iv.High, 1) {
		return duration(iv.Low) + " to " + latencyFigure(r, iv.High)
	}
	low, high, ok := strings.Cut(between(iv, duration), " to ")
	if number, unit, _ := strings.Cut(low, " "); ok && strings.HasSuffix(high, " "+unit) {
		low = number // one unit for both
	}
	if !ok {
		return low
	}
	return low + " to " + high
}

// unsentNote says which messages have no latency.
func unsentNote(w walk) []string {
	var unsent, due int64
	for _, g := range w.groups {
		for _, r := range g.Rows {
			if measuredLatency(r) {
				unsent += r.Latency.Unsent
				due += r.Latency.Unsent + r.Messages
			}
		}
	}
	if unsent == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s of the messages that were due were never sent within their trials. They count as later than all that were.",
		percent(float64(unsent)/float64(due)))}
}

func measuredLatency(r results.Row) bool { return r.Latency != nil }

// tailed are the strategies of a group that have a p99, the lowest first, as far
// as intervals tell: the first and those that it is not shown to be below.
func tailed(g results.Group) (lowest []string, all int) {
	var rows []results.Row
	for _, r := range g.Rows {
		if measuredLatency(r) && r.Latency.P99.Center > 0 && r.Latency.P99.Low > 0 {
			rows = append(rows, r)
		}
	}
	slices.SortStableFunc(rows, func(a, b results.Row) int {
		switch {
		case a.Latency.P99.Center < b.Latency.P99.Center:
			return -1
		case a.Latency.P99.Center > b.Latency.P99.Center:
			return 1
		}
		return 0
	})
	if len(rows) > 0 && !finite(rows[0].Latency.P99.Center) {
		return nil, 0 // reached by none
	}
	for _, r := range rows {
		if r.Latency.P99.Low <= rows[0].Latency.P99.High {
			lowest = append(lowest, r.Strategy)
		}
	}
	return lowest, len(rows)
}

// sayLatency names who has the lowest p99 at which sizes of each use of buffers,
// only beyond the intervals.
func (v *voice) sayLatency(st setting) {
	for _, w := range st.walks {
		var parts []string
		for run := range runs(w.groups, tailText) {
			who := tailText(run[0])
			if who == "" {
				continue
			}
			from, to := run[0].Cell.Size, run[len(run)-1].Cell.Size
			at := "at"
			if from != to {
				at = "from"
			}
			parts = append(parts, fmt.Sprintf("%s %s %s", who, at, sizeRun(from, to)))
		}
		if len(parts) > 0 {
			v.say("Lowest p99 at "+rateName(st.cell.Rate), "%s (NIC profile %s, %s).", strings.Join(parts, "; "), st.name, w.title())
		}
	}
}

// runs divides groups into stretches of the same answer.
func runs(groups []results.Group, answer func(results.Group) string) iter.Seq[[]results.Group] {
	return func(yield func([]results.Group) bool) {
		for from := 0; from < len(groups); {
			to := from + 1
			for to < len(groups) && answer(groups[to]) == answer(groups[from]) {
				to++
			}
			if !yield(groups[from:to]) {
				return
			}
			from = to
		}
	}
}

// tailText says who has the lowest p99 in a group; nothing where fewer than two
// can be compared.
func tailText(g results.Group) string {
	lowest, all := tailed(g)
	switch {
	case all < 2:
		return ""
	case len(lowest) == all:
		return "no strategy is shown below all others"
	case len(lowest) == 1:
		return printable(lowest[0])
	}
	return join(printables(lowest), "and") + " (not told apart)"
}

// mostBehind is the share of the set rate that a strategy may stay below it and
// still be said to keep up: the ends of a trial cost about that.
const mostBehind = 0.02

// sayBehind names who can't keep up with the set rate, whose latency then grows
// for as long as a trial goes on.
func (v *voice) sayBehind(st setting) {
	var parts []string
	for _, w := range st.walks {
		for _, name := range strategiesOf(w.groups) {
			least := 1.0
			var sizes []string
			for _, g := range w.groups {
				r, _ := rowOf(g, name)
				if part := r.MsgRate.Center / float64(g.Cell.Rate); part > 0 && part < 1-mostBehind {
					least = min(least, part)
					sizes = append(sizes, sizeText(g.Cell.Size))
				}
			}
			if len(sizes) > 0 {
				parts = append(parts, fmt.Sprintf("%s sends %s of it at %s with %s buffers", printable(name), percent(least), join(sizes, "and"), w.kind()))
			}
		}
	}
	if len(parts) > 0 {
		v.say("Behind the set rate", "%s: there, latency is that of a queue that grows while a trial lasts.", someOf(parts, "; "))
	}
}

// mostNamed is how many cases a sentence names of those that it counts.
const mostNamed = 3

// someOf lists the first few, and how many there are besides.
func someOf(parts []string, separator string) string {
	if n := len(parts) - mostNamed; n > 0 {
		return fmt.Sprintf("%s%sand %d more", strings.Join(parts[:mostNamed], separator), separator, n)
	}
	return strings.Join(parts, separator)
}
