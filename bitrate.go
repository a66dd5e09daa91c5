package main

import (
	"fmt"
	"strconv"
	"strings"
)

// maxBitRate is far above what a network carries, in bits a second.
const maxBitRate = 100e12

// parseBitRate reads a number of bits a second; k, M and G are powers of 1000.
func parseBitRate(flag, word string) (int64, error) {
	number, unit := word, float64(1)
	for suffix, power := range map[string]float64{"k": 1e3, "M": 1e6, "G": 1e9} {
		if rest, ok := strings.CutSuffix(word, suffix); ok {
			number, unit = rest, power
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if rate := n * unit; err == nil && rate >= 1 && rate <= maxBitRate { // NaN is neither
		return int64(rate), nil
	}
	return 0, fmt.Errorf("--%s %s: it takes a number of bits a second, such as 2.5G (k, M and G are powers of 1000)", flag, word)
}
