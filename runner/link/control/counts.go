package control

// Counts is what a receiver has seen since Begin.
//
// A message of several datagrams has its number in the first alone. Where as many in a
// row were lost as make a message or several, from inside one to the same place inside a
// later one, then what is left of the two passes for one message. The later one's number
// is missing, or was the flow's last: there are at most Missing such messages, and one
// more for each flow.
type Counts struct {
	Messages   int64 `json:"messages"`   // of which every byte arrived, but for those that a loss has joined
	Bytes      int64 `json:"bytes"`      // of payload, in those
	Incomplete int64 `json:"incomplete"` // begun and cut short
	Strays     int64 `json:"strays"`     // datagrams of the sender that belong to no message
	Foreign    int64 `json:"foreign"`    // datagrams, or connections, of other addresses than the sender's, which were left alone
	Missing    int64 `json:"missing"`    // numbers between a flow's first and its last that began no message
	Reordered  int64 `json:"reordered"`  // messages that came after one that was sent later
	Duplicated int64 `json:"duplicated"` // messages that came again
	Datagrams  int64 `json:"datagrams"`  // that the sockets took from the sender, each piece of what GRO left together
	Received   int64 `json:"received"`   // bytes of payload that the sockets took from the sender, of whatever

	SocketDrops int64 `json:"socket_drops"` // that the sockets had no room for; what GRO left together is one

	Kernel Kernel `json:"kernel"`
	Device Device `json:"device"`
}

// Kernel is what the receiver's network namespace counted since Begin, of all of
// its sockets: /proc/net/snmp, or snmp6 for IPv6, see proc_pid_net(5) and RFC 4113.
type Kernel struct {
	UDPInErrors     int64 `json:"udp_in_errors"`     // dropped for whatever reason but a missing socket
	UDPRcvbufErrors int64 `json:"udp_rcvbuf_errors"` // of those: no room at the socket
	UDPCsumErrors   int64 `json:"udp_csum_errors"`   // of those: damaged
	UDPNoPorts      int64 `json:"udp_no_ports"`      // nobody listened there
	IPDiscards      int64 `json:"ip_discards"`       // for lack of memory, say
	IPReasmFails    int64 `json:"ip_reasm_fails"`    // fragments that never became whole
}

// Sub returns what was counted between earlier and k.
func (k Kernel) Sub(earlier Kernel) Kernel {
	return Kernel{
		UDPInErrors:     k.UDPInErrors - earlier.UDPInErrors,
		UDPRcvbufErrors: k.UDPRcvbufErrors - earlier.UDPRcvbufErrors,
		UDPCsumErrors:   k.UDPCsumErrors - earlier.UDPCsumErrors,
		UDPNoPorts:      k.UDPNoPorts - earlier.UDPNoPorts,
		IPDiscards:      k.IPDiscards - earlier.IPDiscards,
		IPReasmFails:    k.IPReasmFails - earlier.IPReasmFails,
	}
}

// Device is what the receiving device counted since Begin (rtnl_link_stats64,
// include/uapi/linux/if_link.h), of all that passed through it.
type Device struct {
	Frames  int64 `json:"frames"`  // received
	Bytes   int64 `json:"bytes"`   // in those
	Dropped int64 `json:"dropped"` // got and not passed on: rx_dropped, rx_missed_errors and rx_errors
}
