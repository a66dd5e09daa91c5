package report

import (
	"math"
	"testing"

	"sendbench/runner/results"
)

// ratioAbout is a ratio of twelve rounds with bounds a factor away.
func ratioAbout(center, factor float64) results.Interval {
	return results.Interval{Center: center, Low: center / factor, High: center * factor, Confidence: 0.96, N: 12}
}

func TestCrossing(t *testing.T) {
	const absent = standing(9)
	tests := []struct {
		name         string
		at           []standing
		where, below string
	}{
		{"in front throughout", []standing{1, 1, 1, 1}, "at every size from 1000 B on", ""},
		{"decided at once", []standing{-1, -1, 1, 1}, "from 4000 B on", "break-even between 2000 and 4000 B"},
		{"undecided between", []standing{-1, 0, 0, 1}, "at 8000 B", "break-even between 1000 and 8000 B"},
		{"undecided at one size", []standing{-1, 0, 1, 1}, "from 4000 B on", "break-even between 1000 and 4000 B"},
		{"undecided below", []standing{0, 0, 1, 1}, "from 4000 B on", "undecided at 1000 and 2000 B"},
		{"in front for a while", []standing{1, -1, 1, 1}, "from 4000 B on", "break-even between 2000 and 4000 B"},
		{"lost at the end", []standing{-1, 1, 1, -1}, "not shown", "behind at 8000 B, though ahead at 2000 and 4000 B"},
		{"never", []standing{-1, -1, 0, 0}, "not shown", "undecided at 8000 B"},
		{"the smallest not measured", []standing{absent, 1, 1, 1}, "at every size from 2000 B on", ""},
		{"one size", []standing{absent, absent, absent, 1}, "at 8000 B", ""},
		{"none", []standing{absent, absent, absent, absent}, "", ""},
		{"copied in the middle", []standing{1, 2, 2, 1}, "at 8000 B", "copied at 2000 and 4000 B"},
		{"copied in the middle, behind before", []standing{-1, 2, 1, 1}, "from 4000 B on", "copied at 2000 B"},
		{"copied and undecided", []standing{-1, 2, 0, 1}, "at 8000 B", "copied at 2000 B, undecided at 4000 B"},
		{"copied at the smallest", []standing{2, 1, 1, 1}, "from 2000 B on", "copied at 1000 B"},
		{"copied at the largest", []standing{1, 1, 1, 2}, "not shown", "copied at 8000 B, though ahead at 1000 to 4000 B"},
		{"copied at the largest, behind before", []standing{1, -1, 2, 2}, "not shown", "copied at 4000 and 8000 B, behind at 2000 B, though ahead at 1000 B"},
		{"copied at all", []standing{2, 2, 2, 2}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var curve []ratioAt
			for i, s := range tt.at {
				if s != absent {
					// By half where decided, with bounds a quarter of that away: a step.
					curve = append(curve, ratioAt{size: 1000 << i, ratio: ratioAbout(math.Pow(1.5, float64(s)), 1.1), standing: s, floor: 0.02, why: whyCopied})
				}
			}
			where, below := crossing(curve)
			if where != tt.where || below != tt.below {
				t.Errorf("%q, %q; want %q, %q", where, below, tt.where, tt.below)
			}
		})
	}
}

// TestCrossingOfACurve: a curve that neither steps nor bends much has a size at which it
// passes 1.
func TestCrossingOfACurve(t *testing.T) {
	var curve []ratioAt
	for i, center := range []float64{0.6, 0.8, 1.2, 2} {
		at := ratioAt{size: 1000 << i, ratio: ratioAbout(center, 1.02), standing: inFront, floor: 0.01}
		if center < 1 {
			at.standing = behind
		}
		curve = append(curve, at)
	}
	if where, below := crossing(curve); where != "from 4000 B on" || below != "break-even at about 2.9 KiB (2.7 to 3.2 KiB, interpolated)" {
		t.Errorf("%q, %q", where, below)
	}
}
