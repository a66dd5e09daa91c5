//go:build linux

package main

import (
	"fmt"
	"strconv"
	"strings"
)

// Bounds of --precision: the half-width of a ratio's interval, as a part of 1.
const (
	minPrecision = 0.001
	maxPrecision = 0.5
)

// parsePrecision reads a half-width, as a percentage or a part of 1.
func parsePrecision(word string) (float64, error) {
	number, percentage := strings.CutSuffix(word, "%")
	part, err := strconv.ParseFloat(number, 64)
	if percentage {
		part /= 100
	}
	// Written so that NaN is refused too.
	if err != nil || !(part >= minPrecision && part <= maxPrecision) {
		given := strings.TrimSpace("--precision " + word)
		return 0, fmt.Errorf("%s: it takes a half-width from 0.1%% to 50%%, such as 3%% or 0.03", given)
	}
	return part, nil
}
