package report

import (
	"math"
	"slices"
	"testing"
)

func TestThin(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	tests := []struct {
		name    string
		samples []float64
		most    int
		want    []float64
	}{
		{"none", nil, 5, nil},
		{"all, in their order", []float64{3, 1, 2}, 3, []float64{3, 1, 2}},
		{"what isn't a number", []float64{nan, 2, inf, 1}, 3, []float64{2, 1}},
		{"by rank, with both ends", []float64{9, 1, 5, 3, 7, 2, 8, 4, 6}, 3, []float64{1, 5, 9}},
		{"both ends", []float64{3, 1, 2}, 2, []float64{1, 3}},
		{"room for none", []float64{3, 1, 2}, 0, nil},
	}
	for _, tt := range tests {
		if got := thin(tt.samples, tt.most); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestDotsOf(t *testing.T) {
	for values, want := range map[int]int{1: 24, 29: 24, 56: 12, 100: 7, 233: 3, 234: 0, 600: 0} {
		if got := dotsOf(values); got != want {
			t.Errorf("of %d values %d dots each, want %d", values, got, want)
		}
	}
}

func TestReach(t *testing.T) {
	for _, tt := range []struct {
		raw    []float64
		lo, hi float64
	}{
		{nil, 1, 2},
		{[]float64{0.9, 2.1}, 0.9, 2.1},
		{[]float64{0.001, 50}, 0.8, 2.5}, // a stall doesn't press the rest together
		{[]float64{0, -1, math.Inf(1), math.NaN()}, 1, 2},
	} {
		if lo, hi := reach(1, 2, tt.raw); lo != tt.lo || hi != tt.hi {
			t.Errorf("%v: %g to %g, want %g to %g", tt.raw, lo, hi, tt.lo, tt.hi)
		}
	}
}

func TestRawSentence(t *testing.T) {
	for want, tally := range map[string]rawTally{
		"":                                  {},
		" Dots: the rounds behind a value.": {12, 12},
		" Dots: up to 12 of the 360 rounds behind a value, evenly by rank.":                      {360, 12},
		" Raw points are left out of so many values; the tables of the page count their rounds.": {12, 0},
	} {
		if got := tally.sentence(); got != want {
			t.Errorf("%+v: %q, want %q", tally, got, want)
		}
	}
}
