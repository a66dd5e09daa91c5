package meter

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// show is a count in words.
func show(n *int64) string {
	if n == nil {
		return "none"
	}
	return fmt.Sprint(*n)
}

// TestCounters counts a stretch of work where the CPU can, and otherwise holds
// the reason that is given.
func TestCounters(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	counters, err := OpenCounters()
	if err != nil {
		if !errors.As(err, new(*UnavailableError)) || !strings.HasPrefix(err.Error(), "not available: ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%T %v: want an *UnavailableError with its reason on one line", err, err)
		}
		return
	}
	before, err := counters.Read()
	if err != nil {
		t.Fatal(err)
	}
	spin(t, int64(2*time.Millisecond))
	after, err := counters.Read()
	if err != nil {
		t.Fatal(err)
	}
	counts := counters.Counts(before, after)
	if counts.Instructions == nil && counts.Cycles == nil && counts.CacheMisses == nil {
		t.Error("the counters were opened and none was counted")
	}
	// No CPU spins for 2 ms in fewer, were it at 50 MHz.
	for name, n := range map[string]*int64{"instructions": counts.Instructions, "cycles": counts.Cycles} {
		if n != nil && *n < 100_000 {
			t.Errorf("%d %s in 2 ms of work", *n, name)
		}
	}
	if err := counters.Close(); err != nil {
		t.Error(err)
	}
}

func TestWhyDenied(t *testing.T) {
	const filter = "the CPU's counters are forbidden, and not by kernel.perf_event_paranoid: " +
		"a seccomp filter or a security module does so (in a container, start it with --cap-add PERFMON)"
	tests := []struct{ machine, want string }{
		{"x86-metal", "kernel.perf_event_paranoid is 2, which forbids the CPU's counters; 1 allows them (sysctl kernel.perf_event_paranoid=1), or root, or CAP_PERFMON in the initial user namespace"},
		{"x86-microvm", filter},
		{"empty", filter},
	}
	for _, tt := range tests {
		if got := fixture(t, tt.machine).whyDenied(); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.machine, got, tt.want)
		}
	}
}
