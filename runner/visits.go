//go:build linux

package runner

import (
	"fmt"
	"time"
)

const (
	// leastVisits is how many visits of each profile there are where profiles are
	// compared: an interval takes six pairs (results.RatioInterval).
	leastVisits = 6
	// changing is the share of the budget that changes of the device's settings may
	// take. Beyond it, a profile's rounds share a visit.
	changing = 0.1
)

// visits is how many super-rounds a plan has, and why they are fewer than its
// rounds. change is what it costs to visit every profile once, beside measuring, and
// several says that there are effects of profiles to show.
func visits(rounds int, change, budget time.Duration, several bool) (n int, why string) {
	share := time.Duration(changing * float64(budget))
	if time.Duration(rounds)*change <= share {
		return rounds, ""
	}
	least := 1
	if several {
		least = leastVisits
	}
	n = min(rounds, max(least, int(share/change)))
	if n == rounds {
		return rounds, ""
	}
	return n, fmt.Sprintf("to change the device's settings takes %v a super-round, and %v in %d of them, of a budget of %v: there are %d, in which rounds of a profile follow each other",
		change.Round(time.Millisecond), (time.Duration(rounds) * change).Round(time.Second/10), rounds, budget, n)
}
