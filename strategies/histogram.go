package strategies

import "math/bits"

// Histogram counts times in nanoseconds, with 32 buckets to a power of two, so that a
// quantile is right to 1.6 %; mean and maximum are exact. It is a fixed array since
// the hot loop writes it. The zero value is empty.
type Histogram struct {
	count   int64
	sum     int64
	most    int64
	buckets [(64 - shares) << shares]int64
}

// shares is the logarithm of the number of buckets to a power of two.
const shares = 5

// record counts a time n times. One below 0, of a clock that went back, is 0.
func (h *Histogram) record(ns, n int64) {
	ns = max(ns, 0)
	h.count += n
	h.sum += ns * n
	h.most = max(h.most, ns)
	h.buckets[bucket(ns)] += n
}

// touch has the kernel give it its memory now rather than in the hot loop.
func (h *Histogram) touch() {
	const words = 4096 / 8 // of a page, at the least
	for i := 0; i < len(h.buckets); i += words {
		h.buckets[i] = 0
	}
}

// bucket numbers them by value: those below 2<<shares have one each.
func bucket(ns int64) int {
	if ns < 1<<shares {
		return int(ns)
	}
	e := bits.Len64(uint64(ns)) - shares - 1 // ns>>e has shares+1 bits
	return e<<shares + int(ns>>e)
}

// bounds returns the least and the greatest value of bucket i.
func bounds(i int) (least, most int64) {
	if i < 2<<shares {
		return int64(i), int64(i)
	}
	e := i>>shares - 1
	least = int64(i&(1<<shares-1)|1<<shares) << e
	return least, least + (int64(1)<<e - 1)
}

// Merge adds what another has counted.
func (h *Histogram) Merge(other *Histogram) {
	h.count += other.count
	h.sum += other.sum
	h.most = max(h.most, other.most)
	for i, n := range other.buckets {
		h.buckets[i] += n
	}
}

// Count is how many times were counted.
func (h *Histogram) Count() int64 { return h.count }

// Mean is 0 if there are none, as are Max and Quantile.
func (h *Histogram) Mean() int64 {
	if h.count == 0 {
		return 0
	}
	return h.sum / h.count
}

// Max is the greatest time.
func (h *Histogram) Max() int64 { return h.most }

// Quantile is the time that a share q, 0 to 1, of those counted didn't exceed.
func (h *Histogram) Quantile(q float64) int64 {
	rank := int64(q * float64(h.count))
	for i, n := range h.buckets {
		if rank -= n; rank < 0 {
			least, most := bounds(i)
			return min(least+(most-least+1)/2, h.most)
		}
	}
	return h.most
}

// Buckets are the upper bounds of those buckets that have any, ascending, and how
// many times each has.
func (h *Histogram) Buckets() [][2]int64 {
	var out [][2]int64
	for i, n := range h.buckets {
		if n > 0 {
			_, most := bounds(i)
			out = append(out, [2]int64{min(most, h.most), n})
		}
	}
	return out
}
