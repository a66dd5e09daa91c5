//go:build linux

package runner

import (
	"testing"
	"time"
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
