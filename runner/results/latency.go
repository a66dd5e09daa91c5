package results

import (
	"maps"
	"slices"
)

// latency sums up the rounds that were measured at a set rate; nil without any.
// Each percentile is exact within its round, so that its interval over rounds says
// how far it is repeated.
func (s series) latency() *LatencySummary {
	var rounds []*Latency
	buckets := make(map[int64]int64)
	for _, t := range s.valid {
		if t.Latency == nil {
			continue
		}
		rounds = append(rounds, t.Latency)
		for _, b := range t.Latency.Buckets {
			buckets[b[0]] += b[1]
		}
	}
	if rounds == nil {
		return nil
	}
	over := func(f func(*Latency) int64) Interval {
		samples := make([]float64, len(rounds))
		for i, l := range rounds {
			samples[i] = float64(f(l))
		}
		return MedianInterval(samples)
	}
	sum := &LatencySummary{
		P50:  over(func(l *Latency) int64 { return l.P50NS }),
		P90:  over(func(l *Latency) int64 { return l.P90NS }),
		P99:  over(func(l *Latency) int64 { return l.P99NS }),
		P999: over(func(l *Latency) int64 { return l.P999NS }),
		Max:  over(func(l *Latency) int64 { return l.MaxNS }),
	}
	for _, bound := range slices.Sorted(maps.Keys(buckets)) {
		sum.Buckets = append(sum.Buckets, [2]int64{bound, buckets[bound]})
	}
	return sum
}
