//go:build linux

package runner

import (
	"fmt"
	"hash/fnv"
	"iter"
	"math/rand/v2"
	"time"

	"sendbench/runner/results"
)

// Round is what one worker process measures: every cell of one NIC profile once,
// in an order of its own.
type Round struct {
	SuperRound int
	Round      int // within the profile
	Profile    string
	Cells      []results.Cell
}

// MinRounds is how many rounds a plan has unless another number is asked for, or
// more are needed for the correction that several comparisons at once take. An
// interval comes from six on.
const MinRounds = 12

// leastRounds is how many rounds cells have unless a number is asked for: so many
// that a verdict can be reached in the largest family of comparisons that are
// corrected together. Those are the strategies at all sizes of a panel, with the
// baseline where settings of a NIC are compared, and the A/A comparisons of the
// whole run.
func leastRounds(cells []results.Cell, without map[results.Cell]bool) int {
	again, largest := 0, 0
	panels := map[results.Cell]int{}
	for _, c := range cells {
		switch {
		case without[c]:
		case c.AA:
			again++
		default:
			panel := c.Group()
			panel.Size = 0
			panels[panel]++
			largest = max(largest, panels[panel])
		}
	}
	// A level of half as much asks for as many rounds as twice as many comparisons.
	again *= results.Significance / results.AASignificance
	return max(MinRounds, results.RoundsFor(max(largest, again)))
}

// Bounds of a trial.
const (
	DefaultTrial  = 25 * time.Millisecond
	DefaultWarmup = 5 * time.Millisecond
	minTrial      = 10 * time.Millisecond
)

// Rounds unrolls a plan: each super-round visits the profiles in shuffled order,
// and each visit runs its share of the rounds with their cells shuffled. The
// order depends on the seed alone. Cells in without are left out.
//
// A round is made when it is asked for, since all of them together may be more
// than there is memory for.
func Rounds(p results.Plan, seed uint64, without map[results.Cell]bool) iter.Seq[Round] {
	return func(yield func(Round) bool) {
		for l := range legs(p, seed, without) {
			for round := range l.rounds() {
				if !yield(round) {
					return
				}
			}
		}
	}
}

// legs are the visits that Rounds unrolls.
func legs(p results.Plan, seed uint64, without map[results.Cell]bool) iter.Seq[leg] {
	byProfile := map[string][]results.Cell{}
	for _, c := range p.Cells {
		if !without[c] {
			byProfile[c.NIC] = append(byProfile[c.NIC], c)
		}
	}
	visits := max(1, min(p.SuperRounds, p.Rounds))
	return func(yield func(leg) bool) {
		for super := range visits {
			first, end := super*p.Rounds/visits, (super+1)*p.Rounds/visits
			for _, profile := range shuffled(p.Profiles, seed, "profiles", super) {
				cells := byProfile[profile]
				if len(cells) == 0 {
					continue
				}
				if !yield(leg{super: super, profile: profile, first: first, end: end, cells: cells, seed: seed, stream: profile}) {
					return
				}
			}
		}
	}
}

// shuffled returns a shuffled copy. Each list has a stream of its own, so that
// one cell more or less in one profile doesn't reorder the others.
func shuffled[T any](list []T, seed uint64, stream string, n int) []T {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%d", stream, n)
	r := rand.New(rand.NewPCG(seed, h.Sum64()))
	out := append([]T(nil), list...)
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// trialLength fits a number of trials in a number of visits into a budget, rather
// with shorter trials than with fewer. overhead is what each trial costs besides
// its warm-up, start what each visit costs.
func trialLength(budget, asked, warmup time.Duration, trials, visits int, overhead, start time.Duration) (time.Duration, error) {
	if trials == 0 {
		return asked, nil
	}
	need := func(trial time.Duration) time.Duration {
		d := time.Duration(trials)*(trial+warmup+overhead) + time.Duration(visits)*start
		return d * 10 / 9 // a tenth is kept back for what varies
	}
	if need(asked) <= budget {
		return asked, nil
	}
	if least := need(minTrial).Round(time.Second) + time.Second; least > budget {
		return 0, fmt.Errorf("%d trials of %v or more take %v, and the budget has %v left: use --budget %v",
			trials, minTrial, least, budget.Round(time.Second), (least + time.Second).Round(time.Second))
	}
	return ((budget*9/10-time.Duration(visits)*start)/time.Duration(trials) - warmup - overhead).Truncate(time.Millisecond / 10), nil
}
