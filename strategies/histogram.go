package strategies

import "math/bits"

// latencies is a histogram of times in nanoseconds with eight buckets to a
// power of two, so that a quantile is right to about 6 %. It is a fixed array
// since the hot loop writes it.
type latencies struct {
	count   int64
	buckets [64 * 8]int64
}

func (l *latencies) record(ns, n int64) {
	l.count += n
	l.buckets[bucket(ns)] += n
}

func bucket(ns int64) int {
	if ns < 8 {
		return int(max(ns, 0))
	}
	e := bits.Len64(uint64(ns)) - 4 // ns>>e is 8 to 15
	return e<<3 + int(ns>>e)
}

// middle returns the value in the middle of bucket i.
func middle(i int) int64 {
	if i < 16 {
		return int64(i)
	}
	e := i>>3 - 1
	return int64(i&7|8)<<e + int64(1)<<e/2
}

// quantile returns the time that a share q of those recorded don't exceed, 0 if
// there are none.
func (l *latencies) quantile(q float64) int64 {
	rank := int64(q * float64(l.count))
	for i, n := range l.buckets {
		if rank -= n; rank < 0 {
			return middle(i)
		}
	}
	return 0
}
