//go:build linux

package runner

import "iter"

// schedule is the rounds of a run in their order: those of its plan that are still
// to do, and then those that its precision asks for.
type schedule struct {
	planned   iter.Seq[Round]
	done      map[roundKey]bool
	precision *precision // nil where rounds were asked for
	trials    int        // of all rounds known of so far, those that a record brought among them
	extra     bool       // the plan's rounds have all been given out
}

func (r *run) schedule() *schedule {
	plan, seed, without := r.record.Run.Plan, r.record.Run.Seed, r.unsupported()
	s := &schedule{planned: Rounds(plan, seed, without), done: r.done, precision: r.precision}
	for l := range legs(plan, seed, without) {
		s.trials += l.trials()
	}
	for _, t := range r.record.Trials {
		if t.Round >= plan.Rounds {
			s.trials++
		}
	}
	return s
}

// rounds gives out the rounds to measure. Before it is asked for another, all
// trials of the one before have been added to the precision.
func (s *schedule) rounds() iter.Seq[Round] {
	return func(yield func(Round) bool) {
		for round := range s.planned {
			if !s.done[roundKey{round.Profile, round.Round}] && !yield(round) {
				return
			}
		}
		if s.precision == nil {
			return
		}
		s.extra = true
		for l, ok := s.precision.next(); ok; l, ok = s.precision.next() {
			s.trials += l.trials()
			for round := range l.rounds() {
				if !yield(round) {
					return
				}
			}
		}
	}
}
