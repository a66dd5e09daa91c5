package nic

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"rx-gro", "tx-checksum-ip-generic", "tx-gso-list", "tx-scatter-gather", "tx-tcp-segmentation", "tx-tcp6-segmentation", "tx-udp-segmentation"}
	const handful = "among the 7 that there are: tx-scatter-gather, tx-checksum-ip-generic, tx-udp-segmentation, tx-tcp-segmentation"
	tests := []struct{ unknown, says string }{
		{"tx-udp-segmentaton", "the nearest are tx-udp-segmentation, tx-tcp-segmentation, tx-tcp6-segmentation"},
		{"sg", "its full name is tx-scatter-gather"},
		{"scatter", "the nearest are tx-scatter-gather"},
		{"flux-capacitor", handful},
		{"rxhash", handful}, // a short name of what isn't there
	}
	for _, tt := range tests {
		if got := nearest(tt.unknown, known); got != tt.says {
			t.Errorf("nearest(%q) = %q, want %q", tt.unknown, got, tt.says)
		}
	}
}

func TestEditDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"same", "same", 0}} {
		if got := editDistance(tt.a, tt.b); got != tt.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
