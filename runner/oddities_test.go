//go:build linux

package runner

import (
	"testing"

	"sendbench/runner/link"
	"sendbench/runner/link/control"
)

func TestOddities(t *testing.T) {
	for _, c := range []struct {
		counts link.Counts
		family int
		want   string
	}{
		{link.Counts{Messages: 9, Missing: 3, Drops: 2}, 4, ""},
		{link.Counts{Kernel: control.Kernel{UDPCsumErrors: 3, UDPInErrors: 3}}, 4, "the receiver's kernel counted UdpInErrors 3, UdpInCsumErrors 3"},
		{link.Counts{Kernel: control.Kernel{UDPRcvbufErrors: 1, UDPNoPorts: 2, IPDiscards: 3, IPReasmFails: 4}}, 6,
			"the receiver's kernel counted Udp6RcvbufErrors 1, Udp6NoPorts 2, Ip6InDiscards 3, Ip6ReasmFails 4"},
		{link.Counts{Foreign: 120, Incomplete: 2, Strays: 7, Kernel: control.Kernel{UDPNoPorts: 1}}, 4,
			"the receiver's kernel counted UdpNoPorts 1; 120 datagrams or connections came from other hosts; 2 messages came in part or damaged; 7 datagrams belonged to no message"},
	} {
		if got := oddities(c.counts, c.family); got != c.want {
			t.Errorf("%+v: %q, want %q", c.counts, got, c.want)
		}
	}
}
