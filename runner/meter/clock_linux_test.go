package meter

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestClocks(t *testing.T) {
	var fields []string
	for _, c := range Clocks() {
		fields = append(fields, c.Field)
		unavailable := c.Field == "cpu_softirq_ns" && strings.HasPrefix(c.Source, "not available: ")
		if c.Source == "" || c.ResolutionNS > int64(time.Second) || (c.ResolutionNS <= 0) != unavailable {
			t.Errorf("%+v: want a source and a resolution from 1 ns to 1 s, or a reason and none", c)
		}
	}
	want := []string{"cpu_thread_ns", "cpu_helper_ns", "cpu_process_ns", "cpu_softirq_ns", "cpu_machine_ns"}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func TestTicksPerSecond(t *testing.T) {
	// USER_HZ is 100 everywhere but on alpha, and fixed in the ABI.
	if hz := TicksPerSecond(); hz != 100 {
		t.Errorf("USER_HZ is %d, want 100", hz)
	}
}
