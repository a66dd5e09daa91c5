package link

import (
	"maps"
	"testing"

	"sendbench/runner/nic"
)

// TestPathOf: which devices get GSO packets whole, and up to which length.
func TestPathOf(t *testing.T) {
	const generic, ipv4, ipv6 = "tx-checksum-ip-generic", "tx-checksum-ipv4", "tx-checksum-ipv6"
	for _, test := range []struct {
		name     string
		features map[string]string
		v4, v6   bool
	}{
		{"any protocol", map[string]string{generic: "on", ipv4: "off [fixed]", ipv6: "off [fixed]"}, true, true},
		{"both families", map[string]string{generic: "off [fixed]", ipv4: "on", ipv6: "on"}, true, true},
		{"IPv4 alone", map[string]string{generic: "off [fixed]", ipv4: "on [fixed]", ipv6: "off [fixed]"}, true, false},
		{"turned off for IPv4", map[string]string{generic: "off [fixed]", ipv4: "off", ipv6: "on"}, false, true},
		{"none", map[string]string{generic: "off", ipv4: "off [fixed]", ipv6: "off [fixed]"}, false, false},
		{"unknown", nil, false, false},
	} {
		for family, want := range map[int]bool{4: test.v4, 6: test.v6} {
			d := nic.Description{MTU: 1500, Features: map[string]string{"tx-udp-segmentation": "on"}, Limits: map[string]int64{
				"gso_max_size": 65536, "gso_ipv4_max_size": 30000, "gso_max_segs": 64,
			}}
			maps.Copy(d.Features, test.features)
			whole := Path{Family: family, MTU: 1500, SuperFrames: want, GSOMaxSize: 65536, GSOMaxSegs: 64}
			if family == 4 {
				whole.GSOMaxSize = 30000
			}
			if got := pathOf(d, family); got != whole {
				t.Errorf("%s, IPv%d: got %+v, want %+v", test.name, family, got, whole)
			}
			d.Features["tx-udp-segmentation"] = "off"
			if pathOf(d, family).SuperFrames {
				t.Errorf("%s, IPv%d: whole without UDP segmentation", test.name, family)
			}
		}
	}
}
