package report

import (
	"fmt"
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
	return bounds(iv, duration)
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

// mostBehind is the share of the set rate that a strategy may stay below it and
// still be said to keep up: the ends of a trial cost about that.
const mostBehind = 0.02

// sayLatency names who has the lowest p99 at which sizes of each use of buffers, and
// what that is.
func (v *voice) sayLatency(st SettingDecision) {
	for _, b := range st.Buffers {
		var parts []string
		var claims []Claim
		for _, l := range b.P99 {
			who, within := "no strategy is shown below the others", ", all intervals within "
			if len(l.Strategies) > 0 {
				who, within = l.who(), ", "
				claims = append(claims, l.RunnersUp...)
			}
			part := who + " " + l.where()
			if span := b.latencies(l); span != "" {
				part += within + span
			}
			parts = append(parts, part)
		}
		v.say("Lowest p99 at "+rateName(st.Rate), claims, "%s. Measured with NIC profile %s and %s.", strings.Join(parts, "; "), st.Name, b.walk.title())
	}
}

// latencies are what the intervals of the p99 of those that lead cover, or of all where
// nobody leads.
func (b BufferDecision) latencies(l Lead) string {
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range b.Paced {
		if p.SizeBytes < l.FromBytes || p.SizeBytes > l.ToBytes || len(l.Strategies) > 0 && !slices.Contains(l.Strategies, p.Strategy) {
			continue
		}
		iv := p.P99NS.interval()
		if !iv.Finite() {
			return ""
		}
		low, high = math.Min(low, iv.Low), math.Max(high, iv.High)
	}
	if !finite(low) {
		return ""
	}
	return sizeSpan(duration(low), duration(high), "to")
}

// sayMissed names who is shown to stay below the set rate, whose latency then grows for
// as long as a trial goes on.
func (v *voice) sayMissed(st SettingDecision) {
	var parts []string
	for _, b := range st.Buffers {
		for _, name := range strategiesOf(b.walk.groups) {
			if sizes, least := missed(b.Paced, name); len(sizes) > 0 {
				parts = append(parts, fmt.Sprintf("%s sends %s of it at %s with %s buffers", printable(name), percent(least), sizeList(sizes), b.walk.kind()))
			}
		}
	}
	if len(parts) > 0 {
		v.say("Behind the set rate", nil, "%s: there, latency is that of a queue that grows while a trial lasts.", someOf(parts, "; "))
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
