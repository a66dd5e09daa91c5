package recv

import (
	"testing"

	"sendbench/runner/link/control"
)

func TestParseSNMP(t *testing.T) {
	const text = `Ip: Forwarding InDiscards ReasmFails
Ip: 1 17 18
Icmp: InMsgs
Icmp: 5
Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors
Udp: 100 11 12 101 13 0 14
UdpLite: InErrors NoPorts
UdpLite: 7 8
`
	want := control.Kernel{UDPInErrors: 12, UDPRcvbufErrors: 13, UDPCsumErrors: 14, UDPNoPorts: 11, IPDiscards: 17, IPReasmFails: 18}
	if got := parseSNMP(text); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := parseSNMP("Udp: a b\nUdp: 1\n\nUdp:\nx"); got != (control.Kernel{}) {
		t.Errorf("of nonsense: got %+v", got)
	}
}

func TestParseSNMP6(t *testing.T) {
	const text = `Ip6InDiscards                   	17
Ip6ReasmFails                   	18
Udp6InDatagrams                 	100
Udp6NoPorts                     	11
Udp6InErrors                    	12
Udp6RcvbufErrors                	13
Udp6InCsumErrors                	14
`
	want := control.Kernel{UDPInErrors: 12, UDPRcvbufErrors: 13, UDPCsumErrors: 14, UDPNoPorts: 11, IPDiscards: 17, IPReasmFails: 18}
	if got := parseSNMP6(text); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
