package meter

import (
	"testing"
	"time"
)

func TestClocks(t *testing.T) {
	var fields []string
	for _, c := range Clocks() {
		fields = append(fields, c.Field)
		if c.Source == "" || c.ResolutionNS <= 0 || c.ResolutionNS > int64(time.Second) {
			t.Errorf("%+v: want a source and a resolution from 1 ns to 1 s", c)
		}
	}
	if want := []string{"cpu_thread_ns", "cpu_helper_ns", "cpu_machine_ns"}; len(fields) != 3 || fields[0] != want[0] || fields[1] != want[1] || fields[2] != want[2] {
		t.Errorf("fields %v, want %v", fields, want)
	}
}

func TestTicksPerSecond(t *testing.T) {
	// USER_HZ is 100 everywhere but on alpha, and fixed in the ABI.
	if hz := TicksPerSecond(); hz != 100 {
		t.Errorf("USER_HZ is %d, want 100", hz)
	}
}
