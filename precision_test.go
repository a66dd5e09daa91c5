//go:build linux

package main

import (
	"math"
	"strings"
	"testing"
)

func TestParsePrecision(t *testing.T) {
	for word, want := range map[string]float64{
		"3%": 0.03, "0.03": 0.03, "0.1%": 0.001, "0.001": 0.001, "50%": 0.5, "0.5": 0.5, "2.5%": 0.025, "1e-2": 0.01,
	} {
		if got, err := parsePrecision(word); err != nil || math.Abs(got-want) > 1e-15 {
			t.Errorf("%q is %v, %v; want %v", word, got, err, want)
		}
	}
	for _, word := range []string{
		"", "%", "3", "3 %", "3%%", "%3", "three", "0", "0%", "-3%", "0.09%", "50.1%", "0.51", "NaN", "nan%", "Inf", "-Inf%", "1e400", "0,03",
	} {
		if got, err := parsePrecision(word); err == nil || !strings.Contains(err.Error(), "it takes a half-width from 0.1% to 50%") {
			t.Errorf("%q is %v, %v; want an error that says what is right", word, got, err)
		}
	}
}
