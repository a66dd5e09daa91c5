//go:build linux

package runner

import "time"

// forecast foretells how long a round takes, so that none is begun that the budget
// would cut. A round is its trials and its worker's start; how far that is from the
// truth shows in the rounds before, of the same profile, of which the slowest counts.
type forecast struct {
	start, trial time.Duration
	slowest      map[string]float64 // by profile: a round's time over that of its parts
}

func newForecast(f findings, l Limits) *forecast {
	return &forecast{start: f.start, trial: f.overhead + l.Warmup + l.Length, slowest: map[string]float64{}}
}

// parts is never 0, so that slowest is finite.
func (f *forecast) parts(round Round) time.Duration {
	return f.start + time.Duration(len(round.Cells))*f.trial + 1
}

// of is 0 for the first round of a profile.
func (f *forecast) of(round Round) time.Duration {
	return time.Duration(f.slowest[round.Profile] * float64(f.parts(round)))
}

// took tells how long a round has taken.
func (f *forecast) took(round Round, d time.Duration) {
	f.slowest[round.Profile] = max(f.slowest[round.Profile], float64(d)/float64(f.parts(round)))
}
