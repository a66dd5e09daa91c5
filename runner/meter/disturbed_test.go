package meter

import (
	"strings"
	"testing"
	"time"

	"sendbench/runner/results"
)

// TestDisturbed changes one thing at a time of a run on a quiet machine.
func TestDisturbed(t *testing.T) {
	const run, own = int64(100 * time.Second), int64(90 * time.Second)
	tests := []struct {
		name   string
		change func(before, after *results.Disturbance)
		want   []string // the beginning of each warning
	}{
		{"quiet", func(b, a *results.Disturbance) {}, nil},

		{"stolen, as much as is tolerated", func(b, a *results.Disturbance) { a.StolenTicks += 100; a.BusyTicks += 100 }, nil},
		{"stolen", func(b, a *results.Disturbance) { a.StolenTicks += 250; a.BusyTicks += 250 },
			[]string{"the hypervisor kept 2.5 % of a CPU's time from this machine during the run (1 % is tolerated): "}},
		{"stolen before the run", func(b, a *results.Disturbance) { b.StolenTicks += 9000; a.StolenTicks += 9000 }, nil},
		{"others, less than is tolerated", func(b, a *results.Disturbance) { a.BusyTicks += 900 }, nil},
		{"others", func(b, a *results.Disturbance) { a.BusyTicks += 3500 },
			[]string{"other programs used 0.35 CPUs during the run (0.10 is tolerated): "}},
		{"stolen time isn't others'", func(b, a *results.Disturbance) { a.BusyTicks += 3500; a.StolenTicks += 3500 },
			[]string{"the hypervisor kept 35.0 % "}},
		{"ticks unknown", func(b, a *results.Disturbance) { b.TicksPerSecond, a.TicksPerSecond, a.BusyTicks = 0, 0, 1e9 }, nil},
		{"ticks of another length", func(b, a *results.Disturbance) { b.TicksPerSecond, a.BusyTicks = 1000, 1e9 }, nil},
		{"counts that go back", func(b, a *results.Disturbance) { a.BusyTicks, a.StolenTicks = 0, 0; b.StolenTicks = 10 }, nil},

		{"a quota", func(b, a *results.Disturbance) {
			b.Settings[cgroupMax], a.Settings[cgroupMax] = "150000 100000", "150000 100000"
		},
			[]string{"this control group has a quota of 1.50 CPUs (cpu.max is 150000 100000): "}},
		{"no quota", func(b, a *results.Disturbance) {
			b.Settings[cgroupMax], a.Settings[cgroupMax] = "max 100000", "max 100000"
		}, nil},
		{"a quota that was spent", func(b, a *results.Disturbance) {
			b.Settings[cgroupMax], a.Settings[cgroupMax], b.CgroupThrottledUS, a.CgroupThrottledUS = "50000 100000", "50000 100000", 1e6, 2_250_000
		}, []string{"the CPU quota of this control group was spent during the run, and its threads were kept from running for 1.25s of CPU time: "}},
		{"a quota that was spent before", func(b, a *results.Disturbance) { b.CgroupThrottledUS, a.CgroupThrottledUS = 1e6, 1e6 }, nil},
		{"a quota that was set", func(b, a *results.Disturbance) {
			b.Settings[cgroupMax], a.Settings[cgroupMax] = "max 100000", "50000 100000"
		},
			[]string{"this control group has a quota of 0.50 CPUs ", "cgroup cpu.max was max 100000 when the run began and 50000 100000 when it ended: "}},
		{"counts of another group", func(b, a *results.Disturbance) { b.CgroupThrottledUS = 1e6 }, nil},

		{"load", func(b, a *results.Disturbance) { b.Load1 = 1.26 },
			[]string{"the load average was 1.26 when the run began (0.50 is tolerated): "}},
		{"the run's own load", func(b, a *results.Disturbance) { a.Load1 = 2 }, nil},

		{"governor", func(b, a *results.Disturbance) { b.Governor, a.Governor = "powersave", "powersave" },
			[]string{"the CPU frequency governor is powersave: "}},
		{"governor changed", func(b, a *results.Disturbance) { b.Governor = "powersave" },
			[]string{"the CPU frequency governor was powersave when the run began and performance when it ended: "}},
		{"no governor", func(b, a *results.Disturbance) { b.Governor, a.Governor = "", "" }, nil},
		{"turbo", func(b, a *results.Disturbance) { b.Turbo, a.Turbo = "on", "on" }, []string{"turbo is on: "}},
		{"turbo changed", func(b, a *results.Disturbance) { b.Turbo, a.Turbo = "off", "on" },
			[]string{"turbo is on: ", "turbo was off when the run began and on when it ended: "}},

		{"slower", func(b, a *results.Disturbance) { a.FrequencyKHz = 2_880_000 },
			[]string{"the sender's CPU ran at 3.20 GHz before the run and at 2.88 GHz after it, -10 % (5 % is tolerated): "}},
		{"faster", func(b, a *results.Disturbance) { a.FrequencyKHz = 3_520_000 },
			[]string{"the sender's CPU ran at 3.20 GHz before the run and at 3.52 GHz after it, +10 % (5 % is tolerated): "}},
		{"a little faster", func(b, a *results.Disturbance) { a.FrequencyKHz = 3_300_000 }, nil},
		{"frequency unknown", func(b, a *results.Disturbance) { b.FrequencyKHz = 0 }, nil},
		{"throttled", func(b, a *results.Disturbance) { a.Throttled += 3 },
			[]string{"the sender's CPU was slowed down for its heat during the run (3 times): "}},
		{"throttling unknown", func(b, a *results.Disturbance) { b.Throttled, a.Throttled = -1, -1 }, nil},
		{"throttling unknown before", func(b, a *results.Disturbance) { b.Throttled = -1 }, nil},

		{"SMT", func(b, a *results.Disturbance) { a.Settings[coreSiblings] = "3,67" },
			[]string{"SMT is on and the sender's core is shared by CPUs 3,67: "}},
		{"a core of its own", func(b, a *results.Disturbance) { a.Settings[coreSiblings] = "3" }, nil},

		{"a tap", func(b, a *results.Disturbance) { a.Taps = []string{"tcpdump on eth0, every protocol"} },
			[]string{"packet taps are open (tcpdump on eth0, every protocol): "}},
		{"taps before and after", func(b, a *results.Disturbance) {
			b.Taps = []string{"lldpd on eth0, LLDP", "tcpdump on eth0, every protocol"}
			a.Taps = []string{"dumpcap on eth1, every protocol", "tcpdump on eth0, every protocol"}
		}, []string{"packet taps are open (tcpdump on eth0, every protocol; dumpcap on eth1, every protocol): "}},
		{"a tap that sees only what is received", func(b, a *results.Disturbance) { a.Taps = []string{"lldpd on eth0, LLDP"} }, nil},

		{"busy-poll", func(b, a *results.Disturbance) { a.Settings[busyPoll], a.Settings[busyRead] = "50", "50" },
			[]string{"net.core.busy_poll is 50: ", "net.core.busy_read is 50: "}},
		{"no busy-poll", func(b, a *results.Disturbance) { a.Settings[busyPoll], a.Settings[busyRead] = "0", "0" }, nil},
		{"NUMA balancing", func(b, a *results.Disturbance) { a.Settings[numaBalancing] = "1" },
			[]string{"kernel.numa_balancing is 1: "}},
		{"no NUMA balancing", func(b, a *results.Disturbance) { a.Settings[numaBalancing] = "0" }, nil},
		{"settings changed", func(b, a *results.Disturbance) {
			b.Settings, a.Settings = map[string]string{"z": "1", "irqbalance": "running", "gone": "1"}, map[string]string{"z": "2", "irqbalance": "not running", "new": "1"}
		}, []string{
			"irqbalance was running when the run began and not running when it ended: ",
			"z was 1 when the run began and 2 when it ended: ",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			quiet := results.Disturbance{
				Load1: 0.2, BusyTicks: 5000, TicksPerSecond: 100, FrequencyKHz: 3_200_000, Governor: "performance", Turbo: "off", Throttled: 7,
			}
			before, after := quiet, quiet
			before.Settings, after.Settings = map[string]string{}, map[string]string{}
			after.BusyTicks += own / int64(time.Second) * 100
			tt.change(&before, &after)
			got := Disturbed(before, after, run, own)
			checkWarnings(t, got, tt.want)
		})
	}
}

// checkWarnings holds warnings to their beginnings, and each to one line that
// says what would be right.
func checkWarnings(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d warnings %q, want %d: %q", len(got), got, len(want), want)
	}
	for i, w := range got {
		if !strings.HasPrefix(w, want[i]) || strings.Contains(w, "\n") || strings.Contains(w, "%!") || len(w) < len(want[i])+20 {
			t.Errorf("warning %q, want it to begin %q", w, want[i])
		}
	}
}

// TestDisturbedWithout holds that nothing known gives nothing to say, and that
// runs too short for ticks aren't judged by them.
func TestDisturbedWithout(t *testing.T) {
	busy := results.Disturbance{BusyTicks: 1000, TicksPerSecond: 100}
	idle := results.Disturbance{TicksPerSecond: 100}
	tests := []struct {
		name          string
		before, after results.Disturbance
		ns            int64
	}{
		{"nothing known", results.Disturbance{}, results.Disturbance{}, 0},
		{"no time", idle, busy, 0},
		{"negative time", idle, busy, -1},
		{"a short run", idle, busy, int64(time.Second) - 1},
	}
	for _, tt := range tests {
		if got := Disturbed(tt.before, tt.after, tt.ns, 0); len(got) != 0 {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
	if got := Disturbed(idle, busy, int64(time.Second), 0); len(got) != 1 {
		t.Errorf("a run of a hundred ticks: %q, want one warning", got)
	}
}

func TestDoubts(t *testing.T) {
	quiet := results.Environment{LLCBytes: 1 << 20, Governor: "performance", Turbo: "off", SMT: "off"}
	tests := []struct {
		name     string
		change   func(*results.Environment)
		siblings string
		want     []string
	}{
		{"quiet", func(e *results.Environment) {}, "3", nil},
		{"no cache known", func(e *results.Environment) { e.LLCBytes = 0 }, "3", []string{"the size of the last-level cache is unknown: "}},
		{"governor", func(e *results.Environment) { e.Governor = "schedutil" }, "3", []string{"the CPU frequency governor is schedutil: "}},
		{"no governor", func(e *results.Environment) { e.Governor = "" }, "3", nil},
		{"turbo", func(e *results.Environment) { e.Turbo = "on" }, "3", []string{"turbo is on: "}},
		{"turbo unknown", func(e *results.Environment) { e.Turbo = "" }, "3", nil},
		{"SMT", func(e *results.Environment) { e.SMT = "on" }, "2-3", []string{"SMT is on and the sender's core is shared by CPUs 2-3: "}},
		{"SMT on and the other CPU offline", func(e *results.Environment) { e.SMT = "on" }, "3", nil},
		{"siblings unknown", func(e *results.Environment) {}, "", nil},
		{"a virtual machine with mitigations", func(e *results.Environment) {
			e.Hypervisor, e.Mitigations = "KVM", map[string]string{"meltdown": "Mitigation: PTI"}
			e.Before = &results.Disturbance{StolenTicks: 1000, TicksPerSecond: 100}
		}, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			env := quiet
			tt.change(&env)
			checkWarnings(t, doubts(env, tt.siblings), tt.want)
		})
	}
}
