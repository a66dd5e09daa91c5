//go:build linux

package runner

import (
	"errors"
	"testing"
	"time"

	"sendbench/runner/link"
	"sendbench/runner/meter"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// flowsHere is how many flows this machine takes, at most 2.
func flowsHere(t *testing.T) int {
	t.Helper()
	cpus, err := meter.AllowedCPUs()
	if err != nil {
		t.Fatal(err)
	}
	return min(len(cpus), 2)
}

// TestFlows: what several senders did adds up, and all of it arrives.
func TestFlows(t *testing.T) {
	flows := flowsHere(t)
	if flows < 2 {
		t.Skip("needs two CPUs, a flow each")
	}
	for _, kind := range []string{link.Sink, link.Pair} {
		t.Run(kind, func(t *testing.T) { flowsAddUp(t, kind, flows) })
	}
}

func flowsAddUp(t *testing.T, kind string, flows int) {
	r, l := rigOf(t, kind, 4, "default", sizes{small: int64(flows) * Hot})
	for _, strategy := range strategies.Names() {
		c := cellOn(l, "default", strategy, 4096, 1472)
		c.Flows = flows
		trial, err := r.Trial(c, Limits{Messages: 101})
		if errors.Is(err, errors.ErrUnsupported) {
			t.Logf("%s: %v", strategy, err)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if trial.Error != "" || trial.Messages != 101 || len(trial.PerFlow) != flows {
			t.Fatalf("%s: %d messages in %d flows, error %q", strategy, trial.Messages, len(trial.PerFlow), trial.Error)
		}
		if kind == link.Pair && *trial.DeliveredMessages != 101 {
			t.Errorf("%s: %d messages delivered of 101, %q", strategy, *trial.DeliveredMessages, trial.Warnings)
		}
		var messages, bytes, cpu, longest int64
		cpus := map[int]bool{}
		for _, f := range trial.PerFlow {
			messages, bytes, cpu = messages+f.Messages, bytes+f.Bytes, cpu+f.CPUThreadNS
			longest = max(longest, f.ElapsedNS)
			cpus[f.CPU] = true
		}
		if messages != trial.Messages || bytes != trial.Bytes || cpu != trial.CPUThreadNS || longest > trial.ElapsedNS || len(cpus) != flows {
			t.Errorf("%s: flows %+v don't add up to %+v", strategy, trial.PerFlow, trial)
		}
	}
}

func TestTooManyFlows(t *testing.T) {
	r, l := rigOn(t, link.Sink, 4, "default")
	c := cellOn(l, "default", "write", 1400, 1472)
	c.Flows = 1 << 10
	c.Footprint = 1 << 10
	if trial, err := r.Trial(c, Limits{Messages: 1}); err == nil && trial.Error == "" {
		t.Error("more flows than CPUs went through")
	}
}

// TestRate: every message that was sent at a set time has a latency, and a sender
// that is asked for more than it can do says so.
func TestRate(t *testing.T) {
	r, l := rigOn(t, link.Sink, 4, "default")
	for _, strategy := range strategies.Names() {
		c := cellOn(l, "default", strategy, 1400, 1472)
		c.Rate = 50e3
		trial, err := r.Trial(c, Limits{Length: 4 * time.Millisecond})
		if errors.Is(err, errors.ErrUnsupported) {
			t.Logf("%s: %v", strategy, err)
			continue
		}
		if err != nil || trial.Error != "" {
			t.Fatalf("%s: %v, %s", strategy, err, trial.Error)
		}
		if trial.Latency == nil {
			t.Fatalf("%s: no latency", strategy)
		}
		counted := int64(0)
		for _, b := range trial.Latency.Buckets {
			counted += b[1]
		}
		if trial.Messages == 0 || trial.Messages > 200 || counted != trial.Messages || trial.Latency.P50NS > trial.Latency.MaxNS {
			t.Errorf("%s: %d messages of at most 200, latency %+v", strategy, trial.Messages, trial.Latency)
		}
	}
	c := cellOn(l, "default", "write", 64000, 1472)
	c.Rate = 50e6
	trial, err := r.Trial(c, Limits{Length: 2 * time.Millisecond})
	if err != nil || trial.Error != "" {
		t.Fatal(err, trial.Error)
	}
	if len(trial.Warnings) == 0 || trial.ElapsedNS > int64(2*time.Second) {
		t.Errorf("50 million messages of 64000 bytes a second took %d ns, warnings %q", trial.ElapsedNS, trial.Warnings)
	}
}

// TestHugePages: what is sent from huge pages is counted like anything else.
func TestHugePages(t *testing.T) {
	r, l := rigOf(t, link.Sink, 4, "default", sizes{huge: 3 << 20})
	for _, strategy := range []string{"write", "uring-sendzc", "uring-sendzc-fixed"} {
		c := cellOn(l, "default", strategy, 16384, 1472)
		c.Footprint, c.Pages = 3<<20, results.PagesHuge
		trial, err := r.Trial(c, Limits{Messages: 300})
		if errors.Is(err, errors.ErrUnsupported) {
			t.Skip(err)
		}
		if err != nil || trial.Error != "" || trial.Messages != 300 {
			t.Errorf("%s: %d messages, %v, %s", strategy, trial.Messages, err, trial.Error)
		}
	}
	if got, err := hugeBytes(r.arenas.huge.memory); err != nil || got < wholeHugePages(3<<20) {
		t.Errorf("%d bytes in huge pages, %v; want the buffers' 4 MiB", got, err)
	}
}
