package report

import (
	"fmt"
	"math"

	"sendbench/runner/results"
)

// Crossover is the message size at which one side of a comparison takes the lead from
// the other, for good as far as was measured. It is interpolated between measured sizes,
// linearly in the logarithms of size and ratio, and its interval is where the bounds of
// the ratio's interval cross 1. Where a size is undecided, if only by the noise floor or
// the correction for many comparisons, its interval is taken to hold 1 and the floor
// about it.
type Crossover struct {
	From string `json:"from"` // who leads below; "" for the best of several
	To   string `json:"to"`   // who leads above
	// SizeBytes is null where the interval covers a whole step between two measured
	// sizes, or has no lower end: then no more is known than the interval.
	SizeBytes *float64 `json:"size_bytes"`
	LowBytes  *float64 `json:"low_bytes"` // null where nothing was shown the other way below
	HighBytes float64  `json:"high_bytes"`
	// BehindBytes is the largest measured size at which To is shown behind, null if
	// there is none, and AheadBytes the smallest from which on it is shown ahead.
	BehindBytes *int `json:"behind_bytes"`
	AheadBytes  int  `json:"ahead_bytes"`
}

// ratioAt is one size of a comparison: the ratio of the one side's figure to the other's,
// above 1 where the one is ahead, and what of that was shown.
type ratioAt struct {
	size     int
	ratio    results.Interval
	standing standing
	floor    float64 // of noise, as a part of 1
}

// logs are the logarithms of the ratio and its bounds, made to agree with what was
// shown. Bounds that aren't known are infinite.
func (r ratioAt) logs() (center, low, high float64) {
	center, low, high = math.Log(r.ratio.Center), math.Inf(-1), math.Inf(1)
	if r.ratio.Finite() && r.ratio.Low > 0 {
		low, high = math.Log(r.ratio.Low), math.Log(r.ratio.High)
	}
	if r.standing == undecided {
		noise := math.Log1p(r.floor)
		low, high = math.Min(low, -noise), math.Max(high, noise)
	}
	return center, low, high
}

// findCrossover finds where the one side takes the lead on a curve that ascends by size; nil
// where it isn't shown ahead at the last size, or is so at every one.
func findCrossover(curve []ratioAt) *Crossover {
	from := len(curve)
	for from > 0 && curve[from-1].standing == inFront {
		from--
	}
	if from == 0 || from == len(curve) {
		return nil
	}
	last := from - 1 // shown behind
	for last >= 0 && curve[last].standing != behind {
		last--
	}
	low := func(r ratioAt) float64 { _, low, _ := r.logs(); return low }
	high := func(r ratioAt) float64 { _, _, high := r.logs(); return high }
	c := &Crossover{AheadBytes: curve[from].size, HighBytes: math.Round(between1(curve[from-1], curve[from], low))}
	if last < 0 {
		return c
	}
	lowest := math.Round(between1(curve[last], curve[last+1], high))
	c.BehindBytes, c.LowBytes = &curve[last].size, &lowest
	if from-last > 2 {
		return c
	}
	center := func(r ratioAt) float64 { center, _, _ := r.logs(); return center }
	for i := from; i > last; i-- {
		if center(curve[i-1]) <= 0 && center(curve[i]) > 0 {
			at := math.Round(between1(curve[i-1], curve[i], center))
			c.SizeBytes = &at
			break
		}
	}
	return c
}

// between1 is the size between two at which a log ratio passes 0: the one below where
// it is unknown above, and the other way round.
func between1(a, b ratioAt, of func(ratioAt) float64) float64 {
	from, to := of(a), of(b)
	switch {
	case math.IsInf(from, -1) || math.IsNaN(from):
		return float64(b.size)
	case math.IsInf(to, 1) || math.IsNaN(to) || to <= from:
		return float64(a.size)
	}
	part := min(1, max(0, -from/(to-from)))
	return math.Exp(math.Log(float64(a.size)) + part*math.Log(float64(b.size)/float64(a.size)))
}

// words say where the lead passes: at about 12 KiB (9.8 to 15 KiB, interpolated), or
// between 4 and 32 KiB where that is all there is to say.
func (c *Crossover) words() string {
	switch {
	case c == nil:
		return ""
	case c.BehindBytes == nil:
		return ""
	case c.SizeBytes == nil || c.LowBytes == nil:
		return "between " + sizeSpan(sizeText(*c.BehindBytes), sizeText(c.AheadBytes), "and")
	}
	digits := 2
	if sizeAbout(*c.LowBytes, digits) == sizeAbout(c.HighBytes, digits) {
		digits = 3
	}
	return fmt.Sprintf("at about %s (%s, interpolated)", sizeAbout(*c.SizeBytes, digits), sizeSpan(sizeAbout(*c.LowBytes, digits), sizeAbout(c.HighBytes, digits), "to"))
}
