//go:build linux

package runner

import (
	"strings"
	"testing"
	"time"
)

func TestVisits(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		name           string
		rounds         int
		change, budget time.Duration
		several        bool
		want           int
		why            string // that it says among others
	}{
		{"nothing to change", 12, 0, 120 * s, false, 12, ""},
		{"a device of our own", 12, 40 * time.Millisecond, 120 * s, true, 12, ""},
		{"a tenth of the budget", 12, s, 120 * s, true, 12, ""},
		{"a little more", 12, s + s/100, 120 * s, true, 11, "1.01s a super-round, and 12.1s in 12 of them, of a budget of 2m0s: there are 11"},
		{"a slow device", 12, 4 * s, 120 * s, true, 6, "48s in 12 of them"},
		{"slower than the budget", 24, 60 * s, 120 * s, true, 6, "there are 6"},
		{"one profile is applied once", 12, 60 * s, 120 * s, false, 1, "there are 1"},
		{"one profile, cheaper", 12, 4 * s, 120 * s, false, 3, "there are 3"},
		{"fewer rounds than an interval takes", 4, 60 * s, 120 * s, true, 4, ""},
	} {
		n, why := visits(c.rounds, c.change, c.budget, c.several)
		if n != c.want || (why == "") != (c.why == "") || !strings.Contains(why, c.why) {
			t.Errorf("%s: %d, %q; want %d, %q", c.name, n, why, c.want, c.why)
		}
		if (n == c.rounds) != (why == "") {
			t.Errorf("%s: %d of %d visits, and the reason is %q", c.name, n, c.rounds, why)
		}
	}
}
