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

func TestCheckCap(t *testing.T) {
	for _, c := range []struct {
		size, flows int
		rate, most  int64
		want        string // in the error, "" for none
	}{
		{64000, 2, 1e9, 0, ""},
		{64000, 1, 0, 8 * 8 * 64000, ""},
		{64000, 1, 0, 8*8*64000 - 1, "--size 64000: "},
		{64000, 2, 0, 8 * 8 * 64000, "for each of 2 flows"},
		{1400, 1, 1000, 1000 * 8 * 1400, ""},
		{1400, 1, 1001, 1000 * 8 * 1400, "use 1000 at most"},
	} {
		p := results.Plan{Cells: []results.Cell{{Flows: 1, Size: 64}, {Flows: c.flows, Size: c.size, Rate: c.rate}}}
		err := checkCap(p, c.most)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%d B, %d flows, rate %d, cap %d: %v, want %q in it", c.size, c.flows, c.rate, c.most, err, c.want)
		}
	}
}
