//go:build linux

package runner

import (
	"fmt"
	"strings"

	"sendbench/runner/link"
)

// oddities says in a line what a receiver of another host counted that isn't as it should
// be, with the kernel's counters by the names that nstat(8) gives them. It is "" if
// there is nothing. The kernel's are of all programs of that host.
func oddities(c link.Counts, family int) string {
	version := ""
	if family == 6 {
		version = "6"
	}
	var counters []string
	for _, counter := range []struct {
		protocol, name string
		n              int64
	}{
		{"Udp", "InErrors", c.Kernel.UDPInErrors}, {"Udp", "RcvbufErrors", c.Kernel.UDPRcvbufErrors},
		{"Udp", "InCsumErrors", c.Kernel.UDPCsumErrors}, {"Udp", "NoPorts", c.Kernel.UDPNoPorts},
		{"Ip", "InDiscards", c.Kernel.IPDiscards}, {"Ip", "ReasmFails", c.Kernel.IPReasmFails},
	} {
		if counter.n != 0 {
			counters = append(counters, fmt.Sprintf("%s%s%s %d", counter.protocol, version, counter.name, counter.n))
		}
	}
	var seen []string
	if len(counters) > 0 {
		seen = append(seen, "the receiver's kernel counted "+strings.Join(counters, ", "))
	}
	for _, odd := range []struct {
		n    int64
		what string
	}{
		{c.Foreign, "%d datagrams or connections came from other hosts"},
		{c.Incomplete, "%d messages came in part or damaged"},
		{c.Strays, "%d datagrams belonged to no message"},
	} {
		if odd.n != 0 {
			seen = append(seen, fmt.Sprintf(odd.what, odd.n))
		}
	}
	return strings.Join(seen, "; ")
}
