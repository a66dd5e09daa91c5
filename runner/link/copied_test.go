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

func TestCopyReason(t *testing.T) {
	sink := copyFacts{kind: Sink, usageReports: true, scatterGather: true, checksum: true}
	for _, test := range []struct {
		name   string
		change func(*copyFacts)
		want   string
	}{
		{"no reports", func(f *copyFacts) { f.usageReports = false }, "doesn't say"},
		{"loopback", func(f *copyFacts) { f.kind = Loopback }, "loopback delivers"},
		{"pair", func(f *copyFacts) { f.kind = Pair; f.taps = []string{"x"} }, "pair delivers"},
		{"tap", func(f *copyFacts) { f.taps = []string{"send0", "every device"} }, "send0, every device"},
		{"tap before features", func(f *copyFacts) { f.taps = []string{"send0"}; f.checksum = false }, "packet tap is open on send0"},
		{"scatter-gather", func(f *copyFacts) { f.scatterGather = false }, "tx-scatter-gather is off"},
		{"checksum", func(f *copyFacts) { f.checksum = false }, "checksum offload is off"},
		{"none of them", func(*copyFacts) {}, "unknown"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := sink
			test.change(&f)
			if got := f.reason(); !strings.Contains(got, test.want) || strings.Contains(got, "\n") {
				t.Errorf("got %q, want one line with %q", got, test.want)
			}
		})
	}
}
