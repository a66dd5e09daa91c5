package probe

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"sendbench/runner/link"
	"sendbench/runner/link/linktest"
	"sendbench/runner/meter"
	"sendbench/runner/nic"
)

// TestPresumed holds what is presumed of a device, from its settings alone, to what
// becomes of sends over it, and looking at it to leaving it alone.
func TestPresumed(t *testing.T) {
	linktest.Need(t)
	for _, test := range []struct {
		profile string
		causes  []string // at any size
		cure    string   // of the first
	}{
		{"default", nil, ""},
		{"tx-udp-segmentation=off", nil, ""},
		{"mtu=9000", nil, ""},
		{"mtu=1000", nil, ""},
		{"tx-scatter-gather=off", []string{link.CauseScatterGather}, "ethtool -K send0 tx-scatter-gather on"},
		{"tx-checksum-ip-generic=off", []string{link.CauseChecksum}, "ethtool -K send0 tx-checksum-ip-generic on"},
		{"tx-checksum-ip-generic=off,tx-scatter-gather=off", []string{link.CauseScatterGather, link.CauseChecksum}, "ethtool -K send0 tx-scatter-gather on"},
	} {
		t.Run(test.profile, func(t *testing.T) {
			l, err := link.Open(link.Sink, 4)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			profile, err := nic.ParseProfile(test.profile)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := l.Apply(profile); err != nil {
				t.Fatal(err)
			}
			before, wire := state(t, l.Device()), counted(t, l)
			d, err := lookAt(l.Device(), 4)
			if err != nil {
				t.Fatal(err)
			}
			if sent := counted(t, l).Sub(wire); sent != (link.Wire{}) {
				t.Errorf("sends %+v", sent)
			}
			if diff := cmp.Diff(before, state(t, l.Device())); diff != "" {
				t.Errorf("the device has changed: %s", diff)
			}
			var causes []string
			for _, r := range d.Reasons {
				causes = append(causes, r.Cause)
			}
			if !slices.Equal(causes, test.causes) || len(causes) > 0 && d.Reasons[0].Cure != strings.ReplaceAll(test.cure, "send0", l.Device()) {
				t.Errorf("reasons %+v, want %v with %q", d.Reasons, test.causes, test.cure)
			}
			noted := slices.ContainsFunc(d.Notes, func(n Note) bool { return n.About == "UDP_SEGMENT" && strings.Contains(n.Cure, "tx-checksum") })
			if noted != slices.Contains(test.causes, link.CauseChecksum) {
				t.Errorf("notes %+v with %v", d.Notes, test.causes)
			}
			if !d.Up || d.Driver != "veth" || d.Verdict.Seen || d.Verdict.ZeroCopy == Yes != (test.causes == nil) {
				t.Errorf("up %t, driver %q, verdict %+v", d.Up, d.Driver, d.Verdict)
			}
			found, err := tryLink(t.Context(), l)
			if err != nil {
				t.Fatal(err)
			}
			for _, try := range zeroCopyTries(t, found.Tries) {
				if try.Outcome == Unsupported && try.SegmentBytes > 0 && slices.Contains(test.causes, link.CauseChecksum) {
					continue // the kernel is older than Linux 6.11
				}
				i := slices.IndexFunc(d.Sizes, func(p Presumed) bool {
					return p.SizeBytes == try.SizeBytes && p.SegmentBytes == try.SegmentBytes
				})
				if i < 0 || d.Sizes[i].Copied != (try.Outcome == Copied) {
					t.Errorf("%s of %d bytes in segments of %d is %s (%s), presumed was %+v",
						try.Strategy, try.SizeBytes, try.SegmentBytes, try.Outcome, try.Reason, d.Sizes[max(i, 0)])
				}
			}
		})
	}
}

// TestDeviceTap: a tap on a device is told of with its holder, where that is looked at.
func TestDeviceTap(t *testing.T) {
	linktest.Need(t)
	openTap(t)
	s, err := Look("lo", 4)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(s.Device.Reasons, func(r link.CopyReason) bool { return r.Cause == link.CauseTap })
	if i < 0 || !strings.Contains(s.Device.Reasons[i].What, "on every device, held by "+ownHolder(t)) {
		t.Errorf("%+v, want a tap held by %s", s.Device.Reasons, ownHolder(t))
	}
}

func TestNoDevice(t *testing.T) {
	if _, err := Look("none-such", 4); !errors.Is(err, unix.ENODEV) || !strings.Contains(err.Error(), "none-such") {
		t.Errorf("got %v, want %v and the name", err, unix.ENODEV)
	}
}

func TestHolders(t *testing.T) {
	const every = "every protocol"
	tcpdump, dumpcap := meter.Program{Name: "tcpdump", PID: 12}, meter.Program{Name: "dumpcap", PID: 34}
	taps := []meter.Tap{
		{Programs: []meter.Program{tcpdump}, Device: "eth0", Protocol: every},
		{Programs: []meter.Program{tcpdump}, Device: meter.EveryDevice, Protocol: every},
		{Programs: []meter.Program{{Name: "dhclient", PID: 56}}, Device: "eth0", Protocol: "IPv4"},
		{Programs: []meter.Program{dumpcap, tcpdump}, Device: "eth1", Protocol: every},
		{User: "1000", Device: "eth2", Protocol: every},
	}
	for _, test := range []struct {
		devices []string
		want    []link.Holder
	}{
		{nil, nil},
		{[]string{"eth0", "every device"}, []link.Holder{{Program: "tcpdump", PID: 12}}},
		{[]string{"eth1"}, []link.Holder{{Program: "dumpcap", PID: 34}, {Program: "tcpdump", PID: 12}}},
		{[]string{"eth2"}, []link.Holder{{Program: "a program of user 1000"}}},
	} {
		if diff := cmp.Diff(test.want, holders(taps, test.devices)); diff != "" {
			t.Errorf("%q: %s", test.devices, diff)
		}
	}
}

func state(t *testing.T, name string) nic.State {
	t.Helper()
	d, err := nic.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	s, err := d.State()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func counted(t *testing.T, l *link.Link) link.Wire {
	t.Helper()
	w, err := l.Wire()
	if err != nil {
		t.Fatal(err)
	}
	return w
}
