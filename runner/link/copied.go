package link

import (
	"fmt"
	"slices"
	"strings"
)

// Causes of a copy, as CopyReason has them. They are stable: programs go by them.
const (
	CauseUnreported    = "unreported"     // it isn't known that there was one
	CauseReceiver      = "local-receiver" // on this machine
	CauseTap           = "packet-tap"
	CauseDriver        = "driver"
	CauseScatterGather = "no-scatter-gather"
	CauseChecksum      = "no-checksum-offload"
	CauseFragments     = "ip-fragments"
	CauseUnknown       = "unknown"
)

// CopyReason is why the kernel copies what it was asked to send without a copy.
type CopyReason struct {
	Cause string `json:"cause"` // one of the constants above
	What  string `json:"what"`  // stands against zero copy
	Cure  string `json:"cure"`  // what to change, as a command where there is one
}

// String is one line without a full stop.
func (r CopyReason) String() string { return r.What + ": " + r.Cure }

// CopyFacts are the circumstances that make the kernel copy a zero-copy send.
// What is left out is taken for what doesn't.
type CopyFacts struct {
	Kind       string // of link, "" for a device as it stands
	Device     string // that sends
	Driver     string
	Unreported bool     // the kernel doesn't say of a zero-copy send whether it copied
	Taps       []string // that see what is sent, by their device, or "every device"
	Holders    []Holder // of those, as far as they are known
	// Features of the device as a record has them: "on" or "off", with " [fixed]" where
	// it can't be changed. ChecksumName is the one to turn on.
	ScatterGather, Checksum, ChecksumName string

	// One UDP message, in bytes of payload; a size of 0 is none in particular.
	Size    int
	Segment int // UDP_SEGMENT, 0 for off
	Room    int // for payload in one frame, 0 if unknown
}

// Holder is a program that holds a tap.
type Holder struct {
	Program string // its name, or whose it is where that can't be seen
	PID     int    // 0 where it can't be seen
}

func (h Holder) String() string {
	if h.PID == 0 {
		return h.Program
	}
	return fmt.Sprintf("%s (pid %d)", h.Program, h.PID)
}

// Reasons are those that stand against zero copy, the surest first: any of them is
// enough. The kernel's conditions are in __ip_append_data (net/ipv4/ip_output.c),
// which asks for scatter-gather, checksum offload and a message in one piece, in
// dev_queue_xmit_nit and __netif_receive_skb_core (net/core/dev.c), which copy for
// taps and for receivers, and in tun_net_xmit (drivers/net/tun.c).
func (f CopyFacts) Reasons() []CopyReason {
	var found []CopyReason
	add := func(is bool, reason CopyReason) {
		if is {
			found = append(found, reason)
		}
	}
	add(f.Unreported, CopyReason{CauseUnreported,
		"the kernel doesn't say whether it copied (io_uring's usage reports are in Linux 6.2 and later)",
		"use Linux 6.2 or later, or the strategy sendmmsg-zc, which is told"})
	add(f.Kind == Loopback || f.Kind == Pair, CopyReason{CauseReceiver,
		fmt.Sprintf("the link %s delivers to a receiver on this machine, and the kernel copies what it delivers", f.Kind),
		"use --link sink, or --link nic with a receiver on another host"})
	add((f.Kind == "" || f.Kind == NIC) && f.Device == "lo", CopyReason{CauseReceiver,
		"lo delivers to receivers on this machine, and the kernel copies what it delivers",
		"send over a device that leads to another host"})
	add(len(f.Taps) > 0, f.tap())
	add(f.Driver == "tun", CopyReason{CauseDriver,
		"the device is a tun or tap of a program on this machine, and the kernel copies what that reads",
		"send over the device that the program's own packets leave by"})
	add(off(f.ScatterGather), CopyReason{CauseScatterGather,
		"tx-scatter-gather is off on the device, which then takes only packets in one piece",
		f.turnOn("tx-scatter-gather", f.ScatterGather)})
	add(off(f.Checksum), CopyReason{CauseChecksum,
		"checksum offload is off on the device, so the kernel reads and copies each packet to sum it",
		f.turnOn(f.ChecksumName, f.Checksum)})
	add(f.Room > 0 && f.Segment == 0 && f.Size > f.Room, CopyReason{CauseFragments,
		fmt.Sprintf("without UDP_SEGMENT a message of %d bytes is more than the %d that the MTU has room for, so IP cuts it into fragments, which it copies", f.Size, f.Room),
		fmt.Sprintf("set UDP_SEGMENT to %d (--segment auto), send %d bytes at most, or raise the MTU on the whole way", f.Room, f.Room)})
	// Behind its far end may be a bridge that leads on to another host: what is sure
	// comes before.
	add(f.Kind == NIC && f.Driver == "veth", CopyReason{CauseReceiver,
		"the device is a veth, whose far end is on this machine, and what is delivered there is copied",
		"send over a device that leads to another host"})
	return found
}

// Reason presumes why a send was copied: the surest reason there is.
func (f CopyFacts) Reason() CopyReason {
	if reasons := f.Reasons(); len(reasons) > 0 {
		return reasons[0]
	}
	return CopyReason{CauseUnknown,
		"unknown, since no packet tap is open, and the device has scatter-gather and checksum offload on",
		"look for what else takes packets on their way, such as tc filters, tunnels and IPsec"}
}

// tap is the reason that taps are.
func (f CopyFacts) tap() CopyReason {
	r := CopyReason{
		Cause: CauseTap,
		What:  fmt.Sprintf("a packet tap is open on %s (tcpdump or the like)", strings.Join(f.Taps, ", ")),
		Cure:  "end the program that holds it, which ss -0p names to root",
	}
	if len(f.Holders) == 0 {
		return r
	}
	var holders []string
	r.Cure = "end that program"
	for _, h := range f.Holders {
		holders = append(holders, h.String())
		if h.PID == 0 {
			r.Cure = "end that program, whose process id ss -0p shows to root"
		}
	}
	r.What = fmt.Sprintf("a packet tap is open on %s, held by %s", strings.Join(f.Taps, ", "), strings.Join(holders, " and "))
	return r
}

// turnOn is the cure of a feature that is off.
func (f CopyFacts) turnOn(name, state string) string {
	if strings.HasSuffix(state, "[fixed]") {
		return "send over another device, since the driver of this one can't turn " + name + " on"
	}
	return fmt.Sprintf("ethtool -K %s %s on", f.Device, name)
}

// off reads a feature as a record has it; one that is unknown isn't off.
func off(feature string) bool { return strings.HasPrefix(feature, "off") }

// everyDevice stands for the device of a tap that isn't bound to one.
const everyDevice = "every device"

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
		device := everyDevice
		if len(fields) > 2 {
			device = fields[1]
		}
		if !slices.Contains(devices, device) {
			devices = append(devices, device)
		}
	}
	return devices
}

// checksumFeature is the one that sums UDP over an IP family, as it stands: for any
// protocol, or on older devices for that family alone (netdev-features.rst). name
// is the one to turn on where neither is on, state is "" where neither is known.
func checksumFeature(features map[string]string, family int) (name, state string) {
	const generic = "tx-checksum-ip-generic"
	own := fmt.Sprintf("tx-checksum-ipv%d", family)
	switch {
	case isOn(features[own]), features[generic] == "", features[own] == "off" && features[generic] == "off [fixed]":
		return own, features[own]
	}
	return generic, features[generic]
}
