package results

import (
	"strings"
	"testing"
)

func TestPrintable(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", ""},
		{"mtu=9000,tx-udp-segmentation=off", "mtu=9000,tx-udp-segmentation=off"},
		{"étoile 星/☃", "étoile 星/☃"},
		{"\x1b[31mred\x1b[0m", "\uFFFD[31mred\uFFFD[0m"},
		{"a\r\nb\tc\x00", "a\uFFFD\uFFFDb\uFFFDc\uFFFD"},
		{"\u202eabc\u2066\u061c\u200f", "\uFFFDabc\uFFFD\uFFFD\uFFFD"}, // turn the direction of writing
		{"a\u2028b\u0085\u009b31m", "a\uFFFDb\uFFFD\uFFFD31m"},         // other line breaks, and CSI in one
		{"wr\xff\xfeite", "wr\uFFFD\uFFFDite"},
		{strings.Repeat("é", 40), strings.Repeat("é", 40)},
		{strings.Repeat("é", 41), strings.Repeat("é", 40) + "…"},
	} {
		if got := Printable(tt.text, 40); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}
