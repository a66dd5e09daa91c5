package probe

import (
	"slices"
	"strings"
	"testing"

	"sendbench/runner/link"
)

// TestDifferences: what a kernel was found to do is told with its reading, and what it
// hasn't isn't told of twice.
func TestDifferences(t *testing.T) {
	yes, no, unknown := Feature{State: Yes}, Feature{State: No}, Feature{State: Unknown, Why: "so it is"}
	for name, test := range map[string]struct {
		ring, zeroCopy, usage, sums, whole Feature
		want                               []string // of each note: what it is about, its value
	}{
		"7.3":              {yes, yes, yes, yes, yes, []string{"zero copy by io_uring yes", "io_uring's usage reports yes", "without checksums sent", "registered huge pages whole"}},
		"6.0":              {yes, yes, no, no, no, []string{"zero copy by io_uring yes", "io_uring's usage reports no", "without checksums refused", "registered huge pages as sent"}},
		"5.10":             {yes, no, no, no, no, []string{"zero copy by io_uring no", "without checksums refused"}},
		"without io_uring": {no, no, no, yes, unknown, []string{"without checksums sent"}},
		"untried":          {yes, yes, yes, unknown, unknown, []string{"zero copy by io_uring yes", "io_uring's usage reports yes", "without checksums unknown", "registered huge pages unknown"}},
	} {
		named := func(name string, f Feature) Feature { f.Name = name; return f }
		r := Report{
			Features:   []Feature{named("io_uring", test.ring), named("IORING_OP_SEND_ZC", test.zeroCopy), named(usageReports, test.usage)},
			Behaviours: []Feature{named(SumsSegments, test.sums), named(CountsHugePages, test.whole)},
		}
		var got []string
		for _, n := range r.differences() {
			got = append(got, n.About+" "+n.Value)
			if n.Means == "" || n.Low != (n.Cure != "") || n.Value == "unknown" && !strings.Contains(n.Means, "so it is") {
				t.Errorf("%s: %+v", name, n)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// TestOnSegments: a device's note says what this kernel does, and stays as it is where
// that isn't known.
func TestOnSegments(t *testing.T) {
	for state, value := range map[State]string{Yes: "sent", No: "refused", Unknown: "kernel decides"} {
		d := Device{Notes: []Note{{About: "tx-udp-segmentation", Value: "off"}, segmentNote(link.CopyReason{Cure: "take another"})}}
		d.onSegments(Feature{Name: SumsSegments, State: state})
		if n := d.Notes[1]; n.Value != value || n.Low != (state != Yes) || n.Low != (n.Cure != "") || d.Notes[0].Value != "off" {
			t.Errorf("%s: %+v, want it %q", state, d.Notes, value)
		}
	}
}
