package link

import (
	"fmt"
	"slices"
	"strings"
)

// copyFacts are the circumstances that make the kernel copy a zero-copy send.
type copyFacts struct {
	kind          string
	usageReports  bool     // the kernel says of each zero-copy send whether it copied
	taps          []string // packet sockets that see what is sent, by their device
	scatterGather bool
	checksum      bool
}

// reason presumes why a send was copied, the surest reason first.
func (f copyFacts) reason() string {
	switch {
	case !f.usageReports:
		return "the kernel doesn't say whether it copied (io_uring's usage reports are in Linux 6.2 and later)"
	case f.kind == Loopback || f.kind == Pair:
		return fmt.Sprintf("the link %s delivers to a receiver on this machine, and the kernel copies what it delivers", f.kind)
	case len(f.taps) > 0:
		return fmt.Sprintf("a packet tap is open on %s (tcpdump or the like): end that program", strings.Join(f.taps, ", "))
	case !f.scatterGather:
		return "tx-scatter-gather is off on the device, which then takes only packets in one piece"
	case !f.checksum:
		return "checksum offload is off on the device, so the kernel reads and copies each packet to sum it"
	}
	return "unknown: no packet tap is open, and the device has scatter-gather and checksum offload on"
}

// taps finds the taps in /proc/net/ptype, one line a protocol handler: its type
// (ALL for one that sees every frame), its device if it is bound to one, and
// the kernel function (ptype_seq_show, net/core/net-procfs.c).
func taps(ptype string) []string {
	var devices []string
	for line := range strings.Lines(ptype) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "ALL" {
			continue
		}
		device := "every device"
		if len(fields) > 2 {
			device = fields[1]
		}
		if !slices.Contains(devices, device) {
			devices = append(devices, device)
		}
	}
	return devices
}
