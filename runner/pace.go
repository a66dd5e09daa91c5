//go:build linux

package runner

import "time"

// pace foretells how long a round takes, so that none is begun that the budget
// would cut. A round is its trials and its worker's start; how far that is from the
// truth shows in the rounds before, of the same profile, of which the slowest counts.
type pace struct {
	start, trial time.Duration
	slowest      map[string]float64 // by profile: a round's time over that of its parts
}

func newPace(f findings, l Limits) *pace {
	return &pace{start: f.start, trial: f.overhead + l.Warmup + l.Length, slowest: map[string]float64{}}
}

// parts is never 0, so that slowest is finite.
func (p *pace) parts(round Round) time.Duration {
	return p.start + time.Duration(len(round.Cells))*p.trial + 1
}

// foretell is 0 for the first round of a profile.
func (p *pace) foretell(round Round) time.Duration {
	return time.Duration(p.slowest[round.Profile] * float64(p.parts(round)))
}

// took tells how long a round has taken.
func (p *pace) took(round Round, d time.Duration) {
	p.slowest[round.Profile] = max(p.slowest[round.Profile], float64(d)/float64(p.parts(round)))
}
