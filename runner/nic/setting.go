package nic

import (
	"slices"
	"strings"
)

// Setting is one word of a profile.
type Setting struct {
	Name  string // an ethtool feature name, one of NumberedSettings, or "qdisc"
	Value string // "on" or "off" for a feature, a kind for the qdisc, decimal otherwise
}

// String gives the setting as a profile has it.
func (s Setting) String() string { return s.Name + "=" + s.Value }

// qdiscSetting names the setting that holds the kind of the device's root qdisc.
const qdiscSetting = "qdisc"

// numbered lists the settings that hold a number, in the order in which a
// device's former state is put back: gso_max_size comes before
// gso_ipv4_max_size because the kernel sets both when the first is at most
// 65536 (netif_set_gso_max_size, net/core/dev.c). Least is the smallest number
// that makes sense on any device; the largest is the device's to say.
var numbered = []struct {
	name  string
	least uint32
}{
	{"mtu", 68}, // RFC 791, and ETH_MIN_MTU in include/uapi/linux/if_ether.h
	{"gso_max_size", 1},
	{"gso_ipv4_max_size", 1},
	{"gso_max_segs", 1},
	{"txqueuelen", 0},

	// Named as the fields of ethtool -g, -l and -c, in lower case.
	{"ring.rx", 1},
	{"ring.rx-mini", 0},
	{"ring.rx-jumbo", 0},
	{"ring.tx", 1},
	{"channels.rx", 0},
	{"channels.tx", 0},
	{"channels.other", 0},
	{"channels.combined", 0},
	{"coalesce.adaptive-rx", 0}, // 0 or 1
	{"coalesce.adaptive-tx", 0}, // 0 or 1
	{"coalesce.stats-block-usecs", 0},
	{"coalesce.sample-interval", 0}, // seconds
	{"coalesce.pkt-rate-low", 0},    // packets/s
	{"coalesce.pkt-rate-high", 0},
	{"coalesce.rx-usecs", 0},
	{"coalesce.rx-frames", 0},
	{"coalesce.rx-usecs-irq", 0},
	{"coalesce.rx-frames-irq", 0},
	{"coalesce.tx-usecs", 0},
	{"coalesce.tx-frames", 0},
	{"coalesce.tx-usecs-irq", 0},
	{"coalesce.tx-frames-irq", 0},
	{"coalesce.rx-usecs-low", 0},
	{"coalesce.rx-frames-low", 0},
	{"coalesce.tx-usecs-low", 0},
	{"coalesce.tx-frames-low", 0},
	{"coalesce.rx-usecs-high", 0},
	{"coalesce.rx-frames-high", 0},
	{"coalesce.tx-usecs-high", 0},
	{"coalesce.tx-frames-high", 0},
}

// NumberedSettings returns the names of the settings that hold a number. Every
// other name in a profile but qdisc is an ethtool feature.
func NumberedSettings() []string {
	names := make([]string, len(numbered))
	for i, n := range numbered {
		names[i] = n.name
	}
	return names
}

// numberedIndex returns the place of name in numbered, or -1 for a feature.
func numberedIndex(name string) int {
	for i, n := range numbered {
		if n.name == name {
			return i
		}
	}
	return -1
}

// family is the part of a numbered setting's name before its dot: settings of
// one family are read and written by one call. It is "" for those of ip-link.
func family(name string) string {
	before, _, ok := strings.Cut(name, ".")
	if !ok {
		return ""
	}
	return before
}

// namesOf returns the numbered settings of a family.
func namesOf(fam string) []string {
	return slices.DeleteFunc(NumberedSettings(), func(name string) bool { return family(name) != fam })
}
