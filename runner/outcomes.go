//go:build linux

package runner

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"sendbench/runner/results"
)

// outcomes is what became of a run's trials.
type outcomes struct {
	finished, valid int
	reasons         map[string]int // why others are invalid, how often
}

func newOutcomes(trials []results.Trial) *outcomes {
	o := &outcomes{reasons: map[string]int{}}
	for _, t := range trials {
		o.add(t)
	}
	return o
}

func (o *outcomes) add(t results.Trial) {
	o.finished++
	if t.Error == "" {
		o.valid++
	} else {
		o.reasons[t.Error]++
	}
}

// check returns an error if no trial is valid, with the reason that was met most
// often, which is cells' that can't be measured where nothing was tried.
func (o *outcomes) check(unsupported []results.Unsupported, stop error) error {
	switch {
	case o.valid > 0:
		return nil
	case o.finished > 0:
		return fmt.Errorf("none of %d trials is valid; most often: %s", o.finished, most(o.reasons))
	case errors.Is(stop, ErrBudget):
		return errors.New("the budget was spent before the first round was whole; use a larger --budget, a shorter --trial or fewer cells")
	}
	reasons := map[string]int{}
	for _, u := range unsupported {
		reasons[u.Reason]++
	}
	return fmt.Errorf("nothing can be measured: %d cells are unsupported here; most often: %s", len(unsupported), most(reasons))
}

func most(reasons map[string]int) string {
	return slices.MaxFunc(slices.Sorted(maps.Keys(reasons)), func(a, b string) int { return cmp.Compare(reasons[a], reasons[b]) })
}
