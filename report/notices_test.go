package report

import (
	"slices"
	"testing"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// TestMachineWarningsAreNotices: what the machine makes uncertain is told first,
// in the order of the record.
func TestMachineWarningsAreNotices(t *testing.T) {
	rec := resultstest.Planted(resultstest.OneCell())
	rec.Run.Environment.Warnings = []string{"the governor is powersave", "the cache is unknown"}
	var got []string
	for _, n := range notices(results.Summarize(rec)) {
		got = append(got, n.Text)
	}
	want := []string{"Uncertain on this machine: the governor is powersave.", "Uncertain on this machine: the cache is unknown."}
	if i := slices.Index(got, want[0]); i < 0 || !slices.Equal(got[i:min(i+2, len(got))], want) {
		t.Errorf("got %q, want %q among them", got, want)
	}
}
