package results

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// byteSuffixes are all powers of 1024. M and G have no small form, because m
// means a thousandth.
var byteSuffixes = []struct {
	suffix string
	shift  uint
}{
	{"Gi", 30}, {"G", 30}, {"Mi", 20}, {"M", 20}, {"Ki", 10}, {"K", 10}, {"ki", 10}, {"k", 10},
}

// ParseBytes reads a number of bytes: a whole number, alone or followed by k,
// K, M, G, ki, Ki, Mi or Gi, all powers of 1024: 64k is 65536.
func ParseBytes(s string) (int64, error) {
	number, shift := s, uint(0)
	for _, u := range byteSuffixes {
		if rest, ok := strings.CutSuffix(s, u.suffix); ok {
			number, shift = rest, u.shift
			break
		}
	}
	if number == "" || strings.Trim(number, "0123456789") != "" {
		return 0, fmt.Errorf("%.40q is not a number of bytes; write a whole number, alone or with k, M or G for powers of 1024, such as 1400, 64k or 256M", s)
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n > math.MaxInt64>>shift {
		return 0, fmt.Errorf("%.40q is too many bytes; the most is %d", s, int64(math.MaxInt64))
	}
	return n << shift, nil
}

// BytesText is an amount of memory as people read it: 4 KiB, 256 MiB, 64000 B.
func BytesText(n int64) string {
	s := FormatBytes(n)
	if number, ok := strings.CutSuffix(s, "i"); ok {
		return number[:len(number)-1] + " " + number[len(number)-1:] + "iB"
	}
	return s + " B"
}

// FormatBytes writes a number of bytes so that ParseBytes reads it back: exact
// multiples of a power of 1024 with Ki, Mi or Gi (1048576 is 1Mi), all others
// in plain digits (64000).
func FormatBytes(n int64) string {
	for _, u := range byteSuffixes {
		if n > 0 && n&(1<<u.shift-1) == 0 {
			return strconv.FormatInt(n>>u.shift, 10) + u.suffix
		}
	}
	return strconv.FormatInt(n, 10)
}
