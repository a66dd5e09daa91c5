package link

// Bytes of a TCP header, and of the timestamps in it (RFC 7323) with the padding that
// goes with them.
const (
	tcpHeader     = 20
	tcpTimestamps = 12
)

// StreamHeader is how many bytes are in front of the payload of a frame of TCP, with
// its Ethernet header. It is for a side that receives nothing: acknowledgements can
// carry more.
func StreamHeader(family int, timestamps bool) int64 {
	header := ethernetHeader + ipHeader(family) + tcpHeader
	if timestamps {
		header += tcpTimestamps
	}
	return int64(header)
}
