package results

import (
	"math"
	"testing"
)

func TestNoiseFloorOfInterval(t *testing.T) {
	inf := math.Inf(1)
	for _, tt := range []struct {
		name      string
		low, high float64
		want      float64
	}{
		{"about 1", 0.98, 1.02, 0.02},
		{"1 is its end", 1, 1.04, 0.02},
		{"above 1", 1.01, 1.03, 0.03},
		{"below 1", 1 / 1.03, 1 / 1.01, 0.03},
		{"ties", 1, 1, 0},
		{"too few", -inf, inf, inf},
	} {
		if got := (Interval{Center: 1, Low: tt.low, High: tt.high, N: 12}).noiseFloor(); math.Abs(got-tt.want) > 1e-12 && got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	if got := MedianInterval(nil).exp().noiseFloor(); !math.IsInf(got, 1) {
		t.Errorf("without A/A: %v, want +Inf", got)
	}
	for _, tt := range [][3]float64{{3, 4, 5}, {inf, 1, math.Sqrt2}, {1, inf, math.Sqrt2}, {inf, inf, inf}, {0, 0, 0}} {
		if got := bothFloors(tt[0], tt[1]); got != tt[2] {
			t.Errorf("%v and %v: %v, want %v", tt[0], tt[1], got, tt[2])
		}
	}
}
