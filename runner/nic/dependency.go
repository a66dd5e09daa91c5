package nic

import (
	"maps"
	"slices"
)

// featureNeeds are the features without which the kernel turns another off, by
// netdev_fix_features in net/core/dev.c: of each list one must be active. Drivers
// may have rules of their own. Before Linux 6.11 tx-udp-segmentation stays on without
// checksums, and a message that is sent in segments is refused then (EIO).
var featureNeeds = map[string][][]string{
	"tx-generic-segmentation":      {{"tx-scatter-gather"}},
	"tx-tcp-segmentation":          {{"tx-scatter-gather"}, {"tx-checksum-ip-generic", "tx-checksum-ipv4"}},
	"tx-tcp6-segmentation":         {{"tx-scatter-gather"}, {"tx-checksum-ip-generic", "tx-checksum-ipv6"}},
	"tx-tcp-ecn-segmentation":      {{"tx-scatter-gather"}, {"tx-tcp-segmentation", "tx-tcp6-segmentation", "tx-tcp-mangleid-segmentation"}},
	"tx-tcp-mangleid-segmentation": {{"tx-scatter-gather"}, {"tx-tcp-segmentation"}},
	"tx-udp-segmentation":          {{"tx-checksum-ip-generic", "tx-checksum-ipv4"}, {"tx-checksum-ip-generic", "tx-checksum-ipv6"}},
	"rx-gro-hw":                    {{"rx-checksum"}},
	"tls-hw-rx-offload":            {{"rx-checksum"}},
	"tls-hw-tx-offload":            {{"tx-checksum-ip-generic", "tx-checksum-ipv4"}, {"tx-checksum-ip-generic", "tx-checksum-ipv6"}},
}

// takenAlong names the active features that the kernel turns off with one, in
// order.
func takenAlong(feature string, active map[string]bool) []string {
	on := maps.Clone(active)
	on[feature] = false
	var taken []string
	for again := true; again; {
		again = false
		for name, needs := range featureNeeds {
			if on[name] && !met(needs, on) {
				on[name], again = false, true
				taken = append(taken, name)
			}
		}
	}
	slices.Sort(taken)
	return taken
}

// met says whether of each list one feature is on.
func met(needs [][]string, on map[string]bool) bool {
	for _, list := range needs {
		if !slices.ContainsFunc(list, func(name string) bool { return on[name] }) {
			return false
		}
	}
	return true
}
