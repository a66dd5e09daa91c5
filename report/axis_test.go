package report

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

func labelsOf(ticks []plot.Tick) []string {
	var out []string
	for _, t := range ticks {
		if t.Label != "" {
			out = append(out, t.Label)
		}
	}
	return out
}

func TestSizeTicks(t *testing.T) {
	tests := []struct {
		name  string
		sizes []int
		width float64
		want  []string
	}{
		{"default sweep", []int{64, 256, 1400, 4096, 8192, 16384, 32768, 64000}, 450, []string{"64", "256", "1400", "4Ki", "8Ki", "16Ki", "32Ki", "64000"}},
		{"little room", []int{64, 256, 1400, 4096, 8192, 16384, 32768, 64000}, 120, []string{"64", "256", "4Ki", "64000"}},
		{"one size", []int{64000}, 450, []string{"64000"}},
		{"not a power of two", []int{1, 1023, 1024, 1025}, 300, []string{"1", "1025"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ticks := sizeTicks(tt.sizes, textStyle(8, false, soft), vg.Points(tt.width))
			if len(ticks) != len(tt.sizes) {
				t.Errorf("%d marks for %d sizes", len(ticks), len(tt.sizes))
			}
			if got := labelsOf(ticks); !slices.Equal(got, tt.want) {
				t.Errorf("labels %q, want %q", got, tt.want)
			}
		})
	}
}

func TestValueTicks(t *testing.T) {
	tests := []struct {
		lo, hi float64
		want   []string
	}{
		{0.19, 190, []string{"0.3", "1", "3", "10", "30", "100"}},
		{0.9, 2.1, []string{"1", "1.2", "1.4", "1.6", "1.8", "2"}},
		{0.9, 11, []string{"1", "2", "3", "5", "10"}},
		{0.98, 1.02, []string{"0.98", "0.99", "1", "1.01", "1.02"}},
		{1e-300, 1e300, []string{"1e-300", "1e-200", "1e-100", "1", "1e+100", "1e+200", "1e+300"}},
	}
	for _, tt := range tests {
		if got := labelsOf(valueTicks(tt.lo, tt.hi)); !slices.Equal(got, tt.want) {
			t.Errorf("%g to %g: %q, want %q", tt.lo, tt.hi, got, tt.want)
		}
	}
}

func TestSpread(t *testing.T) {
	tests := []struct {
		name        string
		want        []float64
		gap, lo, hi float64
		out         []float64
	}{
		{"apart already", []float64{10, 50, 90}, 10, 0, 100, []float64{10, 50, 90}},
		{"pushed from each other", []float64{50, 50, 50}, 10, 0, 100, []float64{40, 50, 60}},
		{"kept inside", []float64{99, 98}, 10, 0, 100, []float64{100, 90}},
		{"chain of blocks", []float64{50, 52, 61}, 10, 0, 100, []float64{44.333333, 54.333333, 64.333333}},
		{"no room: closer", []float64{1, 2, 3}, 10, 0, 10, []float64{0, 5, 10}},
		{"none", nil, 10, 0, 100, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := spread(tt.want, tt.gap, tt.lo, tt.hi)
			if !slices.EqualFunc(got, tt.out, func(a, b float64) bool { return math.Abs(a-b) < 1e-5 }) {
				t.Errorf("%v, want %v", got, tt.out)
			}
		})
	}
}
