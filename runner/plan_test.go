//go:build linux

package runner

import (
	"testing"
	"time"

	"sendbench/runner/results"
)

func TestTrialLength(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		name   string
		budget time.Duration
		trials int
		want   time.Duration // 0: it doesn't fit
	}{
		{"as asked", time.Minute, 100, 25 * ms},
		{"shorter", 27 * time.Second, 1000, 12300 * time.Microsecond},
		{"does not fit", 10 * time.Second, 1000, 0},
		{"nothing to do", time.Second, 0, 25 * ms},
	} {
		got, err := trialLength(c.budget, 25*ms, 5*ms, c.trials, 10, 2*ms, 500*ms)
		if (err != nil) != (c.want == 0) || got != c.want {
			t.Errorf("%s: %v, %v; want %v", c.name, got, err, c.want)
		}
	}
}

// TestLeastRounds: a sweep has rounds enough for a verdict under correction.
func TestLeastRounds(t *testing.T) {
	cells := func(sizes, ways, profiles int) (list []results.Cell) {
		for profile := range profiles {
			for size := range sizes {
				for way := range ways {
					c := results.Cell{NIC: string(rune('a' + profile)), Size: size, Strategy: string(rune('A' + way))}
					list = append(list, c)
					if way == 0 {
						c.AA = true
						list = append(list, c)
					}
				}
			}
		}
		return list
	}
	for _, c := range []struct {
		name                  string
		sizes, ways, profiles int
		family                int
	}{
		{"nothing", 0, 0, 0, 0},
		{"one group", 1, 2, 1, 2},
		{"the default sweep", 8, 7, 4, 56},
		{"all sizes there might be", 40, 8, 1, 320},
		{"many profiles", 20, 2, 30, 1200}, // of 600 A/A comparisons at half the level
	} {
		list := cells(c.sizes, c.ways, c.profiles)
		if got, want := leastRounds(list, nil), max(12, results.RoundsFor(c.family)); got != want {
			t.Errorf("%s: %d rounds, want %d", c.name, got, want)
		}
	}
	list := cells(40, 8, 1)
	without := map[results.Cell]bool{}
	for _, c := range list {
		without[c] = c.Size > 0
	}
	if got := leastRounds(list, without); got != 12 {
		t.Errorf("without what can't be measured: %d rounds, want 12", got)
	}
	if results.RoundsFor(320) <= 12 || results.RoundsFor(56) > 12 {
		t.Error("the sweeps above don't tell the cases apart")
	}
}
