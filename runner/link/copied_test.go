package link

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTaps(t *testing.T) {
	for _, test := range []struct {
		file string
		want []string
	}{
		{"ptype-none", nil},
		{"ptype-taps", []string{"send0", "every device"}},
	} {
		b, err := os.ReadFile("testdata/" + test.file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, taps(string(b))); diff != "" {
			t.Errorf("%s: %s", test.file, diff)
		}
	}
}

// sound are facts that nothing stands against.
var sound = CopyFacts{
	Kind: Sink, Device: "send0", Driver: "veth", Room: 1472,
	ScatterGather: "on", ChecksumName: "tx-checksum-ip-generic", Checksum: "on",
}

func TestCopyReasons(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*CopyFacts)
		causes []string
		want   string // in the first
	}{
		{"none", func(*CopyFacts) {}, nil, "unknown"},
		{"nothing known", func(f *CopyFacts) { *f = CopyFacts{} }, nil, "unknown"},
		{"no reports", func(f *CopyFacts) { f.Unreported = true }, []string{CauseUnreported}, "doesn't say"},
		{"loopback", func(f *CopyFacts) { f.Kind = Loopback }, []string{CauseReceiver}, "loopback delivers"},
		{"lo", func(f *CopyFacts) { f.Kind, f.Device = "", "lo" }, []string{CauseReceiver}, "lo delivers"},
		{"pair and tap", func(f *CopyFacts) { f.Kind, f.Taps = Pair, []string{"x"} }, []string{CauseReceiver, CauseTap}, "pair delivers"},
		{"tap", func(f *CopyFacts) { f.Taps = []string{"send0", "every device"} }, []string{CauseTap}, "tap is open on send0, every device (tcpdump"},
		{"tap of a program", func(f *CopyFacts) { f.Taps, f.Holders = []string{"send0"}, []Holder{{"tcpdump", 12}, {"dumpcap", 34}} },
			[]string{CauseTap}, "held by tcpdump (pid 12) and dumpcap (pid 34): end that program"},
		{"tap of another user", func(f *CopyFacts) { f.Taps, f.Holders = []string{"send0"}, []Holder{{"a program of user 1", 0}} },
			[]string{CauseTap}, "held by a program of user 1: end that program, whose process id ss -0p shows to root"},
		{"tun", func(f *CopyFacts) { f.Kind, f.Driver = "", "tun" }, []string{CauseDriver}, "tun or tap"},
		{"scatter-gather", func(f *CopyFacts) { f.ScatterGather = "off" }, []string{CauseScatterGather}, ": ethtool -K send0 tx-scatter-gather on"},
		{"fixed", func(f *CopyFacts) { f.ScatterGather = "off [fixed]" }, []string{CauseScatterGather}, "another device"},
		{"checksum", func(f *CopyFacts) { f.Checksum = "off" }, []string{CauseChecksum}, ": ethtool -K send0 tx-checksum-ip-generic on"},
		{"fragments", func(f *CopyFacts) { f.Size = 1473 }, []string{CauseFragments}, "1473 bytes is more than the 1472"},
		{"segments", func(f *CopyFacts) { f.Size, f.Segment = 64000, 1472 }, nil, "unknown"},
		{"fits", func(f *CopyFacts) { f.Size = 1472 }, nil, "unknown"},
		{"lo to a receiver", func(f *CopyFacts) { f.Kind, f.Device, f.Driver = NIC, "lo", "" }, []string{CauseReceiver}, "lo delivers"},
		{"veth to a receiver", func(f *CopyFacts) { f.Kind = NIC }, []string{CauseReceiver}, "a veth, whose far end is on this machine"},
		{"veth with a tap", func(f *CopyFacts) { f.Kind, f.Taps = NIC, []string{"send0"} }, []string{CauseTap, CauseReceiver}, "packet tap"},
		{"veth as it stands", func(f *CopyFacts) { f.Kind = "" }, nil, "unknown"},
		{"a real device", func(f *CopyFacts) { f.Kind, f.Driver = NIC, "ixgbe" }, nil, "unknown"},
		{"tap before features", func(f *CopyFacts) {
			f.Taps, f.Checksum, f.ScatterGather, f.Size = []string{"send0"}, "off", "off", 4096
		},
			[]string{CauseTap, CauseScatterGather, CauseChecksum, CauseFragments}, "packet tap is open on send0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := sound
			test.change(&f)
			var causes []string
			for _, r := range f.Reasons() {
				causes = append(causes, r.Cause)
				if r.What == "" || r.Cure == "" || strings.Contains(r.String(), "\n") {
					t.Errorf("%+v: want one line that says what and cure", r)
				}
			}
			if diff := cmp.Diff(test.causes, causes); diff != "" {
				t.Error(diff)
			}
			if got := f.Reason().String(); !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q in it", got, test.want)
			}
		})
	}
}

func TestChecksumFeature(t *testing.T) {
	const generic, ipv4 = "tx-checksum-ip-generic", "tx-checksum-ipv4"
	for _, test := range []struct {
		name      string
		features  map[string]string
		feature   string
		wantState string
	}{
		{"veth", map[string]string{generic: "on", ipv4: "off [fixed]"}, generic, "on"},
		{"older card", map[string]string{generic: "off [fixed]", ipv4: "on"}, ipv4, "on"},
		{"older card, off", map[string]string{generic: "off [fixed]", ipv4: "off"}, ipv4, "off"},
		{"veth, off", map[string]string{generic: "off", ipv4: "off [fixed]"}, generic, "off"},
		{"none", map[string]string{generic: "off [fixed]", ipv4: "off [fixed]"}, generic, "off [fixed]"},
		{"unknown", nil, ipv4, ""},
	} {
		if name, state := checksumFeature(test.features, 4); name != test.feature || state != test.wantState {
			t.Errorf("%s: got %s %q, want %s %q", test.name, name, state, test.feature, test.wantState)
		}
	}
}
