package main

import "testing"

func TestParseBitRate(t *testing.T) {
	for _, c := range []struct {
		word string
		want int64 // 0 for an error
	}{
		{"1", 1}, {"64k", 64e3}, {"100M", 100e6}, {"2.5G", 2.5e9}, {"10000000", 1e7},
		{"", 0}, {"0", 0}, {"-1G", 0}, {"G", 0}, {"1g", 0}, {"1T", 0}, {"1 G", 0}, {"NaN", 0}, {"Inf", 0}, {"1e300", 0}, {"1e30G", 0},
	} {
		got, err := parseBitRate("max-rate", c.word)
		if got != c.want || (err == nil) != (c.want > 0) {
			t.Errorf("%q: %d, %v; want %d", c.word, got, err, c.want)
		}
	}
}
