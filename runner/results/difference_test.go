package results

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDiffer(t *testing.T) {
	yes, no := true, false
	old := Run{ID: "one", Started: "2026-01-02T03:04:05Z", Seed: 1, Plan: Plan{Baseline: "write", TrialNS: 25e6}}
	old.Environment = Environment{
		Kernel: "6.1", Commit: "abc", CPUs: 2, Mitigations: map[string]string{"meltdown": "Not affected", "gone": "Vulnerable"},
		Caches: []Cache{{1, "Data", 32768}}, Warnings: []string{"late"},
		Before: &Disturbance{Load1: 0.5, BusyTicks: 7, Interrupts: map[string]int64{"cpu0": 3}, Settings: map[string]string{"busy_poll": "0"}},
		Link:   Link{ZeroCopy: &yes, Applied: map[string]map[string]string{"mtu=9000": {"mtu": "9000"}, "only=old": {"a": "b"}}, Device: Device{MTU: 1500, Features: map[string]string{"tx-udp-segmentation": "on"}}},
	}
	new := Run{ID: "two", Started: "2026-01-03T03:04:05Z", Seed: 2, Plan: Plan{Baseline: "write", TrialNS: 25.4e6}}
	new.Environment = Environment{
		Kernel: "6.18", Commit: "abc", CPUs: 2, Mitigations: map[string]string{"meltdown": "Not affected", "came": "Mitigation: yes"},
		Caches:   []Cache{{1, "Data", 32768}, {2, "Unified", 1 << 20}},
		Before:   &Disturbance{Load1: 1.5, BusyTicks: 70, Interrupts: map[string]int64{"cpu1": 3}, Settings: map[string]string{"busy_poll": "50"}},
		Counters: "none", Link: Link{ZeroCopy: &no, Applied: map[string]map[string]string{"mtu=9000": {"mtu": "8000"}, "only=new": {"a": "c"}}, Device: Device{MTU: 9000, Features: map[string]string{"tx-udp-segmentation": "off"}}},
	}
	want := []Difference{
		{"kernel", "6.1", "6.18"},
		{"caches", "level 1 type Data bytes 32768", "level 1 type Data bytes 32768; level 2 type Unified bytes 1048576"},
		{"mitigations.gone", "Vulnerable", ""},
		{"warnings", "late", ""},
		{"before.settings.busy_poll", "0", "50"},
		{"link.zero_copy", "true", "false"},
		{"link.device.mtu", "1500", "9000"},
		{"link.device.features.tx-udp-segmentation", "on", "off"},
		{"link.applied.mtu=9000.mtu", "9000", "8000"}, // what one alone applied has no other side
		{"mitigations.came", "", "Mitigation: yes"},
		{"counters", "", "none"},
	}
	if diff := cmp.Diff(want, differ(old, new)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := differ(old, old); len(got) != 0 {
		t.Errorf("of the same: %v", got)
	}
	// A record from before disturbance was looked at.
	new = old
	new.Environment.Before = nil
	if diff := cmp.Diff([]Difference{{"before.settings.busy_poll", "0", ""}}, differ(old, new)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	new = old
	new.Plan = Plan{Baseline: "send", TrialNS: 10e6, WarmupNS: 1e6}
	plan := []Difference{{"plan.baseline", "write", "send"}, {"plan.trial", "25 ms", "10 ms"}, {"plan.warmup", "0 ms", "1 ms"}}
	if diff := cmp.Diff(plan, differ(old, new)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
