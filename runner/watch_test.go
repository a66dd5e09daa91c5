//go:build linux

package runner

import (
	"context"
	"slices"
	"strings"
	"testing"

	"sendbench/runner/nic"
)

// TestWatch: a record tells how the machine was before and after, and what was
// found. A packet tap is surely found; the machine may bring more.
func TestWatch(t *testing.T) {
	o := short(t)
	o.Sweep.Profiles, o.Rounds = []nic.Profile{profile(t, "default")}, 1
	defer openTap(t)()
	own := ownCPU()
	if err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	rec := read(t, o.Out)
	before, after := rec.Run.Environment.Before, rec.End.After
	if before == nil || after == nil {
		t.Fatalf("before %v, after %v", before, after)
	}
	if before.TicksPerSecond <= 0 || after.TicksPerSecond != before.TicksPerSecond || after.BusyTicks < before.BusyTicks {
		t.Errorf("%d busy ticks of %d a second before, %d of %d after", before.BusyTicks, before.TicksPerSecond, after.BusyTicks, after.TicksPerSecond)
	}
	tap := slices.ContainsFunc(rec.End.Warnings, func(w string) bool { return strings.Contains(w, "tap") })
	if len(before.Taps) == 0 || len(after.Taps) == 0 || !tap {
		t.Errorf("taps %q before, %q after, warnings %q; want one that is told of", before.Taps, after.Taps, rec.End.Warnings)
	}
	var sending int64
	for _, trial := range rec.Trials {
		sending += trial.CPUThreadNS
	}
	if used := ownCPU() - own; used < sending {
		t.Errorf("the run used %d ns of CPU time, but %d in trials", used, sending)
	}
}

// TestWatchSaysOnce: what the environment warns of isn't said again, nor what a part
// of the run before an interruption has said.
func TestWatchSaysOnce(t *testing.T) {
	w := newWatch(0)
	w.begun = w.begun.Add(-1e9)
	w.before.Load1, w.said = 100, []string{"it rained", "it rained"}
	_, first := w.end(nil)
	if len(first) < 2 || first[0] != "it rained" || !strings.Contains(first[1], "load average was 100.00") {
		t.Fatalf("says %q", first)
	}
	w.said = first
	if _, again := w.end(nil); !slices.Equal(again[:2], first[:2]) || slices.ContainsFunc(again[2:], func(s string) bool { return strings.Contains(s, "load average") }) {
		t.Errorf("says %q after %q", again, first)
	}
	if _, rest := w.end(append([]string{"it rained"}, first...)); slices.ContainsFunc(rest, func(s string) bool { return slices.Contains(first[:2], s) }) {
		t.Errorf("says %q again", rest)
	}
}

// TestWatchUsed: what the kernel's threads for soft interrupts spend is this run's
// own, where they can be seen.
func TestWatchUsed(t *testing.T) {
	w := newWatch(0)
	if w.softirq == nil {
		t.Skip("the kernel's threads for soft interrupts can't be seen here")
	}
	const spent = int64(1e12)
	if w.handled -= spent; w.used() < spent {
		t.Errorf("used %d ns, of which the threads' are %d", w.used(), spent)
	}
	if w.softirq = nil; w.used() >= spent {
		t.Errorf("used %d ns without the threads", w.used())
	}
}
