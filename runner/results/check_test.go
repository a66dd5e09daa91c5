package results

import (
	"strings"
	"testing"
)

// TestPlanIsBounded checks what a record of a few bytes may ask of whoever goes on
// with its run.
func TestPlanIsBounded(t *testing.T) {
	cell := Cell{Link: "sink", Proto: "udp", Family: 4, NIC: ProfileDefault, Flows: 1, Footprint: 1, Fill: FillStamp, Size: 1, Batch: 1, Strategy: "write"}
	r := Run{Plan: Plan{Baseline: "write", Rounds: maxRound + 1}}
	for range maxTrials/(maxRound+1) + 1 {
		r.Plan.Cells = append(r.Plan.Cells, cell)
	}
	if err := r.check(newRoster()); err == nil || !strings.Contains(err.Error(), "there are 50000000 at most") {
		t.Errorf("%d rounds of %d cells: %v", r.Plan.Rounds, len(r.Plan.Cells), err)
	}
	r.Plan.Cells = r.Plan.Cells[1:]
	if err := r.check(newRoster()); err != nil {
		t.Error(err)
	}
}

func TestLatencyIsBounded(t *testing.T) {
	for _, tt := range []struct {
		latency Latency
		want    string
	}{
		{Latency{Due: 3, Buckets: [][2]int64{{1, 1}, {2, maxCount - 1}}}, ""},
		{Latency{Due: -1}, "latency.due is -1"},
		{Latency{Buckets: [][2]int64{{1, 1}, {2, maxCount}}}, "latency.buckets[1]"},
		{Latency{Buckets: [][2]int64{{2, 1}, {2, 1}}}, "latency.buckets[1]"},
	} {
		err := tt.latency.check()
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %q", tt.latency, err, tt.want)
		}
	}
}

// TestCongestionControlIsBounded: a record names no algorithm that the kernel couldn't.
func TestCongestionControlIsBounded(t *testing.T) {
	r := Run{Plan: Plan{Baseline: "write"}}
	for name, good := range map[string]bool{"": true, "reno": true, strings.Repeat("x", maxCongestionControl): true, strings.Repeat("x", maxCongestionControl+1): false} {
		r.Environment.Link.CongestionControl = name
		if err := r.check(newRoster()); (err == nil) != good || err != nil && !strings.Contains(err.Error(), "at most") {
			t.Errorf("%q: %v", name, err)
		}
	}
}
