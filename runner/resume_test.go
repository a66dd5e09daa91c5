//go:build linux

package runner

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"sendbench/runner/nic"
	"sendbench/runner/results"
)

// begun makes a record of a run under the default profile, of which change alters
// what is to be altered, as if it had been killed after some trials.
func begun(t *testing.T, trials int, change func(*results.Cell)) (path string) {
	t.Helper()
	o := short(t)
	o.Sweep.Profiles = []nic.Profile{profile(t, "default")}
	if err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	rec := read(t, o.Out)
	rec.End, rec.Trials = nil, rec.Trials[:trials]
	for i := range rec.Run.Plan.Cells {
		change(&rec.Run.Plan.Cells[i])
	}
	for i := range rec.Trials {
		change(&rec.Trials[i].Cell)
	}
	var b bytes.Buffer
	if err := results.Write(&b, rec); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.Out, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return o.Out
}

// TestResumeKeepsWhatIsLost: a cell that could be measured and can't any more ends
// the resumed run, and not the rounds that are there.
func TestResumeKeepsWhatIsLost(t *testing.T) {
	path := begun(t, 2*6, func(c *results.Cell) {
		if c.Strategy == "sendmmsg" && c.Size == 16384 {
			c.Segment = 100 // 164 segments, which no kernel takes
		}
	})
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	err = Resume(context.Background(), Options{Out: path})
	const want = "sendmmsg at 16384 bytes under profile default could be measured when the record was begun and can't be now: "
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("the resumed run ended with %v, want one line with %q", err, want)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the record changed, from %d to %d bytes (%v)", len(before), len(after), err)
	}
}
