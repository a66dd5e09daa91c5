package results

import (
	"math"
	"strings"
	"testing"
)

func TestParseBytes(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want int64
	}{
		{"0", 0}, {"1400", 1400}, {"64k", 65536}, {"64K", 65536}, {"64ki", 65536}, {"64Ki", 65536},
		{"1M", 1 << 20}, {"256Mi", 256 << 20}, {"2G", 2 << 30}, {"1Gi", 1 << 30}, {"007", 7},
		{"9223372036854775807", math.MaxInt64}, {"8589934591Gi", 8589934591 << 30},
	} {
		if got, err := ParseBytes(tt.in); err != nil || got != tt.want {
			t.Errorf("ParseBytes(%q) = %d, %v, want %d", tt.in, got, err, tt.want)
		}
	}
	for _, tt := range []struct{ in, want string }{
		{"", "not a number of bytes"}, {"k", "not a number of bytes"}, {"-1", "not a number of bytes"},
		{"+1", "not a number of bytes"}, {"1.5M", "not a number of bytes"}, {"1m", "not a number of bytes"},
		{"1g", "not a number of bytes"}, {"64kB", "not a number of bytes"}, {"64 k", "not a number of bytes"},
		{"1kk", "not a number of bytes"}, {"0x10", "not a number of bytes"}, {"1_000", "not a number of bytes"},
		{"٣", "not a number of bytes"}, {"1\n", "not a number of bytes"},
		{"9223372036854775808", "too many bytes"}, {"8589934592Gi", "too many bytes"},
		{strings.Repeat("9", 1000), "too many bytes"},
	} {
		got, err := ParseBytes(tt.in)
		if err == nil {
			t.Errorf("ParseBytes(%q) = %d, want an error", tt.in, got)
		} else if msg := err.Error(); !strings.Contains(msg, tt.want) || strings.Contains(msg, "\n") || len(msg) > 300 {
			t.Errorf("ParseBytes(%q): %q, want one line with %q", tt.in, msg, tt.want)
		}
	}
}

func TestFormatBytes(t *testing.T) {
	for _, tt := range []struct {
		in   int64
		want string
	}{
		{0, "0"}, {1, "1"}, {1023, "1023"}, {1024, "1Ki"}, {1400, "1400"}, {1536, "1536"}, {4096, "4Ki"},
		{64000, "64000"}, {1 << 20, "1Mi"}, {533 << 20, "533Mi"}, {1 << 30, "1Gi"}, {3 << 40, "3072Gi"},
		{-1024, "-1024"}, {math.MaxInt64, "9223372036854775807"},
	} {
		got := FormatBytes(tt.in)
		if got != tt.want {
			t.Errorf("FormatBytes(%d) = %q, want %q", tt.in, got, tt.want)
		}
		if back, err := ParseBytes(got); tt.in >= 0 && (err != nil || back != tt.in) {
			t.Errorf("ParseBytes(%q) = %d, %v, want %d", got, back, err, tt.in)
		}
	}
}

func TestBytesText(t *testing.T) {
	for in, want := range map[int64]string{0: "0 B", 1400: "1400 B", 4096: "4 KiB", 64000: "64000 B", 533 << 20: "533 MiB", 3 << 30: "3 GiB", -1: "-1 B"} {
		if got := BytesText(in); got != want {
			t.Errorf("BytesText(%d) = %q, want %q", in, got, want)
		}
	}
}
