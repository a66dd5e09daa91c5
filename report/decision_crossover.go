package report

import (
	"fmt"
	"math"
	"slices"

	"sendbench/runner/results"
)

// Crossover is the message size at which one side of a comparison takes the lead from
// the other, for good as far as was measured.
//
// All that is known of it is that it lies between two measured sizes, unless the curve is
// known there. It is taken to bend one way, or not at all, over these two and the next
// one on either side, drawn as ratio by bytes: that holds where each side takes a fixed
// time and a time a byte, and where the ratio goes with a power of size. Then the curve
// lies between the chord and the lines through the two points on either side, and the
// interval is all that chord and lines reach at 1, of the ends of the ratios' intervals.
// A step between two flat parts leaves all of what is between, as it should, and so does
// a size without one next to it. Where a size is undecided, if only by the noise floor or
// the correction for many comparisons, its interval is taken to hold 1 and the floor about it.
type Crossover struct {
	From string `json:"from"` // who leads below; "" for the best of several
	To   string `json:"to"`   // who leads above
	// SizeBytes is where the chord passes 1. It is null where the interval covers a whole
	// step between two measured sizes, or has no lower end: then no more is known than
	// the interval.
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
	why      string  // it wasn't compared; then there is no ratio
}

// ends are the bounds of the ratio, made to agree with what was shown: 0 and +Inf where
// they aren't known.
func (r ratioAt) ends() (low, high float64) {
	low, high = 0, math.Inf(1)
	if r.ratio.Finite() && r.ratio.Low > 0 {
		low, high = r.ratio.Low, r.ratio.High
	}
	if r.standing == undecided {
		low, high = math.Min(low, 1/(1+r.floor)), math.Max(high, 1+r.floor)
	}
	return low, high
}

// findCrossover finds where the one side takes the lead on a curve that ascends by size; nil
// where it isn't shown ahead at the last size, is so at every one, or comes from sizes
// that weren't compared.
func findCrossover(curve []ratioAt) *Crossover {
	from := ahead(curve)
	if from == 0 || from == len(curve) {
		return nil
	}
	last := from - 1 // shown behind
	for last >= 0 && curve[last].standing == undecided {
		last--
	}
	if last >= 0 && curve[last].standing != behind {
		return nil
	}
	_, highest := passes(curve, from-1)
	c := &Crossover{AheadBytes: curve[from].size, HighBytes: math.Round(highest)}
	if last < 0 {
		return c
	}
	lowest, _ := passes(curve, last)
	lowest = math.Round(lowest)
	c.BehindBytes, c.LowBytes = &curve[last].size, &lowest
	step := slices.IndexFunc(curve[last:from], func(r ratioAt) bool { return lowest <= float64(r.size) })
	if covered := last + step; step >= 0 && c.HighBytes >= float64(curve[covered+1].size) {
		return c
	}
	for i := from; i > last; i-- {
		a, b := curve[i-1], curve[i]
		if a.ratio.Center <= 1 && b.ratio.Center > 1 {
			at := math.Round(passesOne(a.size, a.ratio.Center, b.size, b.ratio.Center))
			c.SizeBytes = &at
			break
		}
	}
	return c
}

// passes are the least and the greatest size at which a curve may pass 1 between the i-th
// size and the next.
func passes(curve []ratioAt, i int) (least, greatest float64) {
	a, b := curve[i], curve[i+1]
	from, to := float64(a.size), float64(b.size)
	if i == 0 || i+2 == len(curve) || curve[i-1].standing == uncompared || curve[i+2].standing == uncompared {
		return from, to
	}
	before, after := curve[i-1], curve[i+2]
	lowBefore, highBefore := before.ends()
	lowA, highA := a.ends()
	lowB, highB := b.ends()
	lowAfter, highAfter := after.ends()
	least = min(
		passesOne(a.size, highA, b.size, highB),
		passesOne(before.size, lowBefore, a.size, highA),
		passesOneBefore(b.size, highB, after.size, lowAfter))
	greatest = max(
		passesOne(a.size, lowA, b.size, lowB),
		passesOne(before.size, highBefore, a.size, lowA),
		passesOneBefore(b.size, lowB, after.size, highAfter))
	return min(max(least, from), to), min(max(greatest, from), to)
}

// passesOne is the size at which the line through two points passes 1 upwards: +Inf
// where it doesn't ascend.
func passesOne(from int, low float64, to int, high float64) float64 {
	if !(high > low) {
		return math.Inf(1)
	}
	return float64(from) + (1-low)*(float64(to)-float64(from))/(high-low)
}

// passesOneBefore is the same of a line that is followed downwards from its first point:
// one that doesn't ascend was above 1 at every size before.
func passesOneBefore(from int, low float64, to int, high float64) float64 {
	if !(high > low) {
		return math.Inf(-1)
	}
	return float64(from) - (low-1)*(float64(to)-float64(from))/(high-low)
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
