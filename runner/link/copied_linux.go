package link

import (
	"os"
	"slices"

	"sendbench/runner/nic"
)

// WhyCopied presumes why the kernel copied a zero-copy send on this link.
// usageReports says whether this kernel tells copied sends at all, as
// IORING_SEND_ZC_REPORT_USAGE and MSG_ZEROCOPY's notifications do.
func (l *Link) WhyCopied(usageReports bool) string {
	f := l.CopyFacts()
	f.Unreported = !usageReports
	return f.Reason().String()
}

// CopyFacts looks at what decides whether the kernel copies on this link, as it is
// now. What can't be read is left out, and so is any message.
func (l *Link) CopyFacts() CopyFacts {
	f := CopyFacts{Device: l.spec.Device}
	if d, err := l.near.Describe(); err == nil {
		f = DeviceCopyFacts(d, l.spec.Family)
	}
	f.Kind = l.spec.Kind
	f.Taps = tapsOn(l.spec.Device, l.spec.Far)
	return f
}

// DeviceCopyFacts is CopyFacts for a device of the calling thread's network
// namespace and an IP family, 4 or 6, without a link.
func DeviceCopyFacts(d nic.Description, family int) CopyFacts {
	f := CopyFacts{
		Device: d.Name, Driver: d.Driver, Taps: tapsOn(d.Name),
		ScatterGather: d.Features["tx-scatter-gather"], Room: AutoSegment(family, d.MTU),
	}
	f.ChecksumName, f.Checksum = checksumFeature(d.Features, family)
	return f
}

// tapsOn is where the taps are of those that see what these devices send.
func tapsOn(devices ...string) []string {
	ptype, err := os.ReadFile("/proc/thread-self/net/ptype")
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(taps(string(ptype)), func(device string) bool {
		return device != everyDevice && !slices.Contains(devices, device)
	})
}
