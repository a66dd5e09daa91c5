//go:build linux

package runner

import (
	"testing"
	"time"

	"sendbench/runner/results"
)

// TestForecast: the slowest round of a profile says how long the others of it take,
// by their number of cells.
func TestForecast(t *testing.T) {
	const ms = time.Millisecond
	round := func(profile string, cells int) Round {
		return Round{Profile: profile, Cells: make([]results.Cell, cells)}
	}
	f := newForecast(findings{start: 100 * ms, overhead: 5 * ms}, Limits{Warmup: 5 * ms, Length: 10 * ms})
	if d := f.of(round("default", 10)); d != 0 {
		t.Errorf("the first round takes %v", d)
	}
	f.took(round("default", 10), 600*ms) // twice 100 ms and ten times 20 ms
	f.took(round("default", 10), 450*ms)
	for _, c := range []struct {
		round Round
		want  time.Duration
	}{
		{round("default", 10), 600 * ms},
		{round("default", 3), 320 * ms},
		{round("mtu=9000", 10), 0},
	} {
		if got := f.of(c.round); got.Round(time.Microsecond) != c.want {
			t.Errorf("%d cells under %s: %v, want %v", len(c.round.Cells), c.round.Profile, got, c.want)
		}
	}
	// Nothing is known of how long anything takes.
	none := newForecast(findings{}, Limits{})
	none.took(round("default", 0), 0)
	if d := none.of(round("default", 5)); d != 0 {
		t.Errorf("foretells %v from nothing", d)
	}
}
