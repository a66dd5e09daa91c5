package results

import "math"

// noiseFloor is the least claim that may be made beside A/A with that interval of its
// ratio, as a part of 1: the interval's half-width, which is how far chance moves
// figures. An interval that excludes 1 tells of more than chance: two visits of one
// strategy differ, by as much as its farther end. Then that is the floor. It is +Inf,
// for unknown, where there are no rounds or too few for an interval.
func (iv Interval) noiseFloor() float64 {
	if iv.Finite() && (iv.Low > 1 || iv.High < 1) {
		return max(iv.High, 1/iv.Low) - 1
	}
	return iv.HalfWidth()
}

// bothFloors is the floor of a claim on two groups: one in two records, or one under
// two NIC profiles. Either may be off by its own floor, and they know nothing of each
// other, so that the difference may be by the root of the sum of squares. Of one that
// is unknown the best guess is the other; it is +Inf where both are.
func bothFloors(a, b float64) float64 {
	if math.IsInf(a, 1) {
		a = b
	}
	if math.IsInf(b, 1) {
		b = a
	}
	return math.Hypot(a, b)
}
