//go:build linux

package runner

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"sendbench/runner/nic"
	"sendbench/runner/results"
)

func TestOutcomes(t *testing.T) {
	trials := func(errs ...string) (list []results.Trial) {
		for _, e := range errs {
			list = append(list, results.Trial{Error: e})
		}
		return list
	}
	refused := []results.Unsupported{{Reason: "rare"}, {Reason: "no such call"}, {Reason: "no such call"}}
	for _, c := range []struct {
		name   string
		trials []results.Trial
		stop   error
		want   string // "" for no error
	}{
		{"all good", trials("", ""), nil, ""},
		{"one good", trials("a", "", "a"), ErrBudget, ""},
		{"none good", trials("a", "b", "b"), nil, "none of 3 trials is valid; most often: b"},
		{"none good, as often", trials("b", "a"), ErrBudget, "none of 2 trials is valid; most often: a"},
		{"none in time", nil, ErrBudget, "before the first round was whole"},
		{"none possible", nil, nil, "3 cells are unsupported here; most often: no such call"},
	} {
		err := newOutcomes(c.trials).check(refused, c.stop)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestNothingValid: a run in which every trial fails has failed, and its record
// says why.
func TestNothingValid(t *testing.T) {
	path := begun(t, 0, func(c *results.Cell) {
		c.Segment, c.Size = 0, 65507+c.Size/1400 // too long for UDP over IPv4
	})
	err := Resume(context.Background(), Options{Out: path})
	if err == nil || !strings.Contains(err.Error(), "none of 18 trials is valid; most often: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("the run ended with %v", err)
	}
	rec := read(t, path)
	if len(rec.Trials) != 18 || rec.End == nil || rec.End.Status != results.StatusComplete {
		t.Errorf("%d trials, end %+v", len(rec.Trials), rec.End)
	}
}

// TestBudgetForNothing: a budget that ends before the first round is no success.
func TestBudgetForNothing(t *testing.T) {
	o := short(t)
	o.Sweep.Profiles = []nic.Profile{profile(t, "default")}
	o.Trial, o.Budget = 10*time.Second, 3*time.Second
	err := Run(context.Background(), o)
	if err == nil || errors.Is(err, ErrBudget) || !strings.Contains(err.Error(), "larger --budget") {
		t.Errorf("the run ended with %v", err)
	}
}
