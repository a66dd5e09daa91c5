package results

import (
	"maps"
	"math"
	"slices"
)

// latency sums up the rounds that were measured at a set rate; nil without any.
// Each percentile is taken within its round, where it is right to 1.6 %, the width of
// the buckets that messages were counted in, so that its interval over rounds says how
// far it is repeated.
func (s series) latency() *LatencySummary {
	sum := new(LatencySummary)
	var trials []*Trial
	buckets := make(map[int64]int64)
	for _, t := range s.valid {
		if t.Latency == nil {
			continue
		}
		trials = append(trials, t)
		sum.Unsent += t.Latency.unsent()
		for _, b := range t.Latency.Buckets {
			buckets[b[0]] += b[1]
		}
	}
	if trials == nil {
		return nil
	}
	over := func(q float64, sent func(*Latency) int64) Interval {
		var samples []float64
		for _, t := range trials {
			if ns := t.Latency.percentile(q, sent(t.Latency)); !math.IsNaN(ns) {
				samples = append(samples, ns)
			}
		}
		return MedianInterval(samples)
	}
	for _, t := range trials {
		if ns := t.latencyP99(); !math.IsNaN(ns) {
			sum.P99Rounds, sum.P99Samples = append(sum.P99Rounds, t.Round), append(sum.P99Samples, ns)
		}
	}
	sum.P50 = over(0.5, func(l *Latency) int64 { return l.P50NS })
	sum.P90 = over(0.9, func(l *Latency) int64 { return l.P90NS })
	sum.P99 = over(0.99, func(l *Latency) int64 { return l.P99NS })
	sum.P999 = over(0.999, func(l *Latency) int64 { return l.P999NS })
	sum.Max = over(1, func(l *Latency) int64 { return l.MaxNS })
	for _, bound := range slices.Sorted(maps.Keys(buckets)) {
		sum.Buckets = append(sum.Buckets, [2]int64{bound, buckets[bound]})
	}
	return sum
}

// percentile is the time in ns that a share q of the messages that were due didn't
// exceed, where sent is what the record says of those that were sent. The others are
// later than all of these, so that it is a higher percentile of the sent ones, to
// their bucket's upper bound, and +Inf where too few were sent to reach it.
//
// A percentile that less than one message of a round lies beyond would be its slowest
// message by another name: it is NaN.
func (l *Latency) percentile(q float64, sent int64) float64 {
	if all := max(l.Due, l.sent()); q < 1 && float64(all)*(1-q) < 1 {
		return math.NaN()
	}
	if l.unsent() == 0 {
		return float64(sent)
	}
	rank := int64(q * float64(l.Due))
	for _, b := range l.Buckets {
		if rank -= b[1]; rank < 0 {
			return float64(b[0])
		}
	}
	return math.Inf(1)
}

// unsent is how many messages were due and never sent; 0 where it isn't known how many
// were due.
func (l *Latency) unsent() int64 { return max(0, l.Due-l.sent()) }

func (l *Latency) sent() (n int64) {
	for _, b := range l.Buckets {
		n += b[1]
	}
	return n
}
