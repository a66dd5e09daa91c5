package link

import "os"

// WhyCopied presumes why the kernel copied a zero-copy send on this link.
// usageReports says whether this kernel tells copied sends at all, as
// IORING_SEND_ZC_REPORT_USAGE and MSG_ZEROCOPY's notifications do. What can't
// be read is taken for what doesn't copy.
func (l *Link) WhyCopied(usageReports bool) string {
	f := copyFacts{kind: l.spec.Kind, usageReports: usageReports, scatterGather: true, checksum: true}
	if ptype, err := os.ReadFile("/proc/thread-self/net/ptype"); err == nil {
		f.taps = taps(string(ptype))
	}
	if on, err := l.near.Feature("tx-scatter-gather"); err == nil {
		f.scatterGather = on
	}
	if on, err := l.near.Feature("tx-checksum-ip-generic"); err == nil {
		f.checksum = on
	}
	return f.reason()
}
