//go:build linux

package runner

// schedule is the rounds of a run in their order: those of its plan, and then those
// that its precision asks for.
type schedule struct {
	ready     []Round
	precision *precision // nil where rounds were asked for
	trials    int        // of all rounds known of so far, those that a record brought among them
	extra     bool       // the plan's rounds have all been given out
}

func (r *run) schedule() *schedule {
	s := &schedule{precision: r.precision}
	for _, round := range r.rounds() {
		s.trials += len(round.Cells)
		if !r.done[roundKey{round.Profile, round.Round}] {
			s.ready = append(s.ready, round)
		}
	}
	for _, t := range r.record.Trials {
		if t.Round >= r.record.Run.Plan.Rounds {
			s.trials++
		}
	}
	return s
}

// next returns the round to measure now, or false if there is none. All trials of
// the one before have been added to the precision.
func (s *schedule) next() (Round, bool) {
	if len(s.ready) == 0 && s.precision != nil {
		s.ready, s.extra = s.precision.next(), true
		for _, round := range s.ready {
			s.trials += len(round.Cells)
		}
	}
	if len(s.ready) == 0 {
		return Round{}, false
	}
	round := s.ready[0]
	s.ready = s.ready[1:]
	return round, true
}
