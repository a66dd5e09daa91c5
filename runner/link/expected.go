package link

import "fmt"

// Bytes of the headers in front of a payload.
const (
	ethernetHeader = 14
	ipv4Header     = 20
	ipv6Header     = 40
	fragmentHeader = 8 // IPv6 alone; IPv4 has the fields in its header
	udpHeader      = 8
)

// Wire counts frames and their bytes, each with its Ethernet header.
type Wire struct {
	Frames, Bytes int64
	// Dropped is the frames that the sending device couldn't pass on, which are not
	// among the others.
	Dropped int64
}

// Sub returns what was counted between earlier and w.
func (w Wire) Sub(earlier Wire) Wire {
	return Wire{w.Frames - earlier.Frames, w.Bytes - earlier.Bytes, w.Dropped - earlier.Dropped}
}

// Mul returns the count of n messages of which each is w.
func (w Wire) Mul(n int64) Wire {
	return Wire{w.Frames * n, w.Bytes * n, w.Dropped * n}
}

// Path is what decides how the kernel cuts a UDP message into frames.
type Path struct {
	Family      int   // 4 or 6
	MTU         int   // bytes
	SuperFrames bool  // the device takes a GSO packet whole: UDP segmentation and checksums are on
	GSOMaxSize  int64 // bytes; a GSO packet as long as that or longer, Ethernet header included, is cut in software; 0 for no limit
	GSOMaxSegs  int64 // segments that a GSO packet may have for the device to take it, 0 for no limit
}

// headers is the length of the headers in front of an unfragmented payload.
func (p Path) headers() int { return ethernetHeader + ipHeader(p.Family) + udpHeader }

// ipHeader is the length of a plain IP header.
func ipHeader(family int) int {
	if family == 6 {
		return ipv6Header
	}
	return ipv4Header
}

// minMTU is the least MTU that IP runs over, in bytes (RFC 791, RFC 8200).
func minMTU(family int) int {
	if family == 6 {
		return 1280
	}
	return 68
}

// MaxPayload is the most bytes that a UDP message can carry: 65507 over IPv4,
// where the length field counts the IP header, 65527 over IPv6, where it
// doesn't.
func MaxPayload(family int) int {
	if family == 6 {
		return 1<<16 - 1 - udpHeader
	}
	return 1<<16 - 1 - ipv4Header - udpHeader
}

// AutoSegment is the largest UDP_SEGMENT that fits the MTU, in bytes: the MTU
// less the headers, and no more than the option's 16 bits hold.
func AutoSegment(family, mtu int) int {
	return min(mtu-ipHeader(family)-udpHeader, 1<<16-1)
}

// Expected returns what one UDP message of size bytes puts on the wire, sent
// with UDP_SEGMENT set to segment, 0 for off. It fails where the kernel refuses
// the message. The rules are those of udp_send_skb (net/ipv4/udp.c),
// gso_features_check (net/core/dev.c) and ip_append_data.
func Expected(p Path, size, segment int) (Wire, error) {
	payload := p.MTU - ipHeader(p.Family) - udpHeader // that fits one frame
	switch {
	case p.Family != 4 && p.Family != 6:
		return Wire{}, fmt.Errorf("link: IP family %d: it is 4 or 6", p.Family)
	case p.MTU < minMTU(p.Family):
		return Wire{}, fmt.Errorf("link: an MTU of %d bytes: IPv%d needs %d or more", p.MTU, p.Family, minMTU(p.Family))
	case size < 1 || size > MaxPayload(p.Family):
		return Wire{}, fmt.Errorf("link: a UDP message of %d bytes: over IPv%d it has 1 to %d", size, p.Family, MaxPayload(p.Family))
	case segment < 0 || segment > 1<<16-1:
		return Wire{}, fmt.Errorf("link: a segment of %d bytes: UDP_SEGMENT takes 0 for off to 65535", segment)
	case segment > 0 && min(size, segment) > payload:
		return Wire{}, fmt.Errorf("link: a segment of %d bytes doesn't fit an MTU of %d: at most %d do", min(size, segment), p.MTU, payload)
	case segment > 0 && size > segment:
		return p.segmented(size, segment), nil
	case size <= payload:
		return Wire{Frames: 1, Bytes: int64(p.headers() + size)}, nil
	default:
		return p.fragmented(size), nil
	}
}

// segmented counts a message that UDP_SEGMENT splits.
func (p Path) segmented(size, segment int) Wire {
	segments := int64((size + segment - 1) / segment)
	whole := int64(p.headers() + size)
	tooLong := p.GSOMaxSize > 0 && whole >= p.GSOMaxSize
	tooMany := p.GSOMaxSegs > 0 && segments > p.GSOMaxSegs
	if p.SuperFrames && !tooLong && !tooMany {
		return Wire{Frames: 1, Bytes: whole}
	}
	return Wire{Frames: segments, Bytes: int64(size) + segments*int64(p.headers())}
}

// fragmented counts a message that IP cuts up. Every fragment but the last
// carries a multiple of 8 bytes (RFC 791, RFC 8200); the kernel fills the last
// one of IPv4 up to the MTU and holds that of IPv6 to the multiple as well.
func (p Path) fragmented(size int) Wire {
	data := udpHeader + size
	header := ipHeader(p.Family)
	last := p.MTU - header
	most := last &^ 7
	if p.Family == 6 {
		header += fragmentHeader
		most -= fragmentHeader
		last = most
	}
	frames := 1
	if data > last {
		frames += (data - last + most - 1) / most
	}
	return Wire{Frames: int64(frames), Bytes: int64(data + frames*(ethernetHeader+header))}
}
