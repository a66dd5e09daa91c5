//go:build linux

package runner

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sendbench/runner/nic"
	"sendbench/runner/results"
)

// precise is a sweep of two small groups with a precision to reach.
func precise(t *testing.T, asked float64) Options {
	t.Helper()
	o := short(t)
	o.Sweep.Sizes = []int{1400}
	o.Rounds, o.Trial, o.Precision = 0, 2*time.Millisecond, asked
	return o
}

// atLooks checks that a record's plan was followed: every group has the least
// rounds, and then whole rounds up to a look, each cell once a round.
func atLooks(t *testing.T, rec *results.Record) {
	t.Helper()
	type place struct {
		cell  results.Cell
		round int
	}
	have, rounds, profiles := map[place]int{}, map[results.Cell]int{}, map[int]string{}
	for _, trial := range rec.Trials {
		have[place{trial.Cell, trial.Round}]++
		rounds[trial.Cell.Group()] = max(rounds[trial.Cell.Group()], trial.Round+1)
		if trial.Round < rec.Run.Plan.Rounds {
			continue
		}
		if trial.SuperRound < rec.Run.Plan.SuperRounds {
			t.Errorf("extra round %d has super-round %d, of the plan's", trial.Round, trial.SuperRound)
		}
		if p := profiles[trial.SuperRound]; p != "" && p != trial.Cell.NIC {
			t.Errorf("super-round %d has rounds of %s and %s", trial.SuperRound, p, trial.Cell.NIC)
		}
		profiles[trial.SuperRound] = trial.Cell.NIC
	}
	total := 0
	for _, c := range rec.Run.Plan.Cells {
		n := rounds[c.Group()]
		total += n
		for round := range n {
			if times := have[place{c, round}]; times != 1 {
				t.Errorf("%s is there %d times in round %d", c.Strategy, times, round)
			}
		}
		if at := fmt.Sprint(rec.Run.Plan.Looks); !strings.Contains(strings.NewReplacer("[", " ", "]", " ").Replace(at), fmt.Sprintf(" %d ", n)) {
			t.Errorf("%s has %d rounds, want one of %s", c.Strategy, n, at)
		}
	}
	if total != len(rec.Trials) {
		t.Errorf("%d trials, want %d", len(rec.Trials), total)
	}
}

// TestPrecisionReached: a coarse precision takes few rounds, more of them where
// intervals are wide, and the record is complete without a reason.
func TestPrecisionReached(t *testing.T) {
	o := precise(t, 0.1)
	last, grown := 0, 0
	o.Progress = func(done, total int) {
		if done > total || total < last {
			t.Errorf("progress says %d of %d after one of %d", done, total, last)
		}
		last, grown = total, done
	}
	if err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	rec := read(t, o.Out)
	atLooks(t, rec)
	p := rec.Run.Plan
	if p.Precision != 0.1 || p.Rounds != MinRounds || !cmp.Equal(p.Looks, looks(MinRounds)) || p.TrialNS != int64(o.Trial) {
		t.Errorf("the plan is %+v", p)
	}
	if rec.End == nil || rec.End.Status != results.StatusComplete || rec.End.Reason != "" {
		t.Errorf("end: %+v", rec.End)
	}
	if grown != len(rec.Trials) || last != grown {
		t.Errorf("progress ended at %d of %d, and there are %d trials", grown, last, len(rec.Trials))
	}
	if wide, ratios := results.Summarize(rec).Imprecise(); len(wide) != 0 || ratios != 4 {
		t.Errorf("of %d ratios %v are imprecise", ratios, wide)
	}
	if !Finished(rec) {
		t.Error("the run isn't finished")
	}
}

// TestPrecisionNotReached: what the budget doesn't do for is told, and can be gone
// on with. The run is complete all the same, since every cell has its rounds.
func TestPrecisionNotReached(t *testing.T) {
	o := precise(t, 1e-6)
	o.Sweep.Profiles = []nic.Profile{profile(t, "default")}
	o.Budget = 3 * time.Second
	err := Run(context.Background(), o)
	var missed *ImpreciseError
	if !errors.As(err, &missed) || !errors.Is(err, ErrBudget) {
		t.Fatalf("the run ended with %v", err)
	}
	rec := read(t, o.Out)
	if rec.End == nil || rec.End.Status != results.StatusComplete || rec.End.Reason != err.Error() {
		t.Errorf("end: %+v, want complete with the reason %v", rec.End, err)
	}
	wide, ratios := results.Summarize(rec).Imprecise()
	if len(wide) != missed.Missed || ratios != missed.Ratios || ratios != 2 {
		t.Fatalf("says %v, but the record has %d of %d", err, len(wide), ratios)
	}
	if got := wide[0].Ratio.RelativeHalfWidth(); math.Abs(got/missed.HalfWidth-1) > 1e-9 {
		t.Errorf("says %v, but the record has ±%v", err, got)
	}
	if len(rec.Trials) <= 3*MinRounds {
		t.Errorf("%d trials, none beyond the least", len(rec.Trials))
	}
	if Finished(rec) {
		t.Error("there is nothing to go on with")
	}

	if err := Resume(context.Background(), Options{Out: o.Out}); !errors.As(err, &missed) {
		t.Errorf("the resumed run ended with %v", err)
	}
	more := read(t, o.Out)
	if len(more.Trials) <= len(rec.Trials) || more.End == nil || more.End.Status != results.StatusComplete {
		t.Errorf("%d trials, then %d, end %+v", len(rec.Trials), len(more.Trials), more.End)
	}
}

// TestPrecisionInterruptAndResume: an interruption amid extra rounds throws away the
// one that it cut, and the resumed run goes on where the first would have.
func TestPrecisionInterruptAndResume(t *testing.T) {
	o := precise(t, 0.001) // not in twelve rounds of 2 ms
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	const least, cut = 2 * 3 * MinRounds, 3*2 + 1 // in the middle of the third extra round
	o.Progress = func(done, _ int) {
		if done == least+cut {
			cancel()
		}
	}
	if err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("the run ended with %v", err)
	}
	before := read(t, o.Out)
	if before.End == nil || before.End.Status != results.StatusInterrupted || len(before.Trials) < least+cut || len(before.Trials) >= least+9 {
		t.Fatalf("%d trials, end %+v", len(before.Trials), before.End)
	}

	ctx, cancel = context.WithCancel(context.Background())
	defer cancel()
	o.Progress = func(done, _ int) {
		if done >= least+3*4 { // the first look after
			cancel()
		}
	}
	if err := Resume(ctx, Options{Out: o.Out, Progress: o.Progress}); !errors.Is(err, context.Canceled) {
		t.Fatalf("the resumed run ended with %v", err)
	}
	after := read(t, o.Out)
	if diff := cmp.Diff(before.Run, after.Run); diff != "" {
		t.Errorf("the head changed (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(before.Trials[:least+6], after.Trials[:least+6]); diff != "" {
		t.Errorf("whole rounds changed (-before +after):\n%s", diff)
	}
	// What it would do next rests on the record alone: the same group, up to the
	// same look.
	first := after.Trials[least]
	if first.Round != MinRounds || first.SuperRound != MinRounds {
		t.Errorf("the first extra round is %d of super-round %d", first.Round, first.SuperRound)
	}
	next := after.Trials[least+6]
	if next.Cell.Group() != first.Cell.Group() || next.Round != MinRounds+2 || next.SuperRound != MinRounds+1 {
		t.Errorf("went on with round %d of %s in super-round %d", next.Round, next.Cell.Strategy, next.SuperRound)
	}
}
