//go:build linux

package runner

import (
	"strings"
	"testing"
	"time"

	"sendbench/runner/results"
)

func TestCheckRates(t *testing.T) {
	for _, c := range []struct {
		rate  int64
		flows int
		trial time.Duration
		want  string // in the error, "" for none
	}{
		{0, 1, time.Millisecond, ""},
		{4000, 1, 25 * time.Millisecond, ""},
		{3999, 1, 25 * time.Millisecond, "--trial 26ms"},
		{4000, 2, 25 * time.Millisecond, "--trial 51ms"},
		{1, 1, 25 * time.Millisecond, "has 0 messages"},
	} {
		p := results.Plan{TrialNS: int64(c.trial), Cells: []results.Cell{{Flows: 1}, {Flows: c.flows, Rate: c.rate}}}
		err := checkRates(p)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("rate %d, %d flows, %v: %v, want %q in it", c.rate, c.flows, c.trial, err, c.want)
		}
	}
}
