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
		{"decided at once", []standing{-1, -1, 1, 1}, "from 4000 B on", "break-even at about 2.8 KiB (2.5 to 3.0 KiB, interpolated)"},
		{"undecided between", []standing{-1, 0, 0, 1}, "at 8000 B", "break-even between 1000 and 8000 B"},
		{"undecided at one size", []standing{-1, 0, 1, 1}, "from 4000 B on", "break-even at about 2.0 KiB (1.7 to 2.3 KiB, interpolated)"},
		{"undecided below", []standing{0, 0, 1, 1}, "from 4000 B on", "undecided at 1000 to 2000 B"},
		{"in front for a while", []standing{1, -1, 1, 1}, "from 4000 B on", "break-even at about 2.8 KiB (2.5 to 3.0 KiB, interpolated)"},
		{"lost at the end", []standing{-1, 1, 1, -1}, "not shown", "behind at 8000 B, though ahead at 2000 B"},
		{"never", []standing{-1, -1, 0, 0}, "not shown", "undecided at 8000 B"},
		{"the smallest not measured", []standing{absent, 1, 1, 1}, "at every size from 2000 B on", ""},
		{"one size", []standing{absent, absent, absent, 1}, "at 8000 B", ""},
		{"none", []standing{absent, absent, absent, absent}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var curve []ratioAt
			for i, s := range tt.at {
				if s != absent {
					// By half where decided, with bounds a quarter of that away.
					curve = append(curve, ratioAt{1000 << i, ratioAbout(math.Pow(1.5, float64(s)), 1.1), s, 0.02})
				}
			}
			where, below := crossing(curve)
			if where != tt.where || below != tt.below {
				t.Errorf("%q, %q; want %q, %q", where, below, tt.where, tt.below)
			}
		})
	}
}
