//go:build linux

package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"sendbench/runner/nic"
	"sendbench/runner/results"
)

// ErrBudget says that the budget was spent before the sweep was complete.
var ErrBudget = errors.New("the budget is spent")

// measure runs the rounds that are still to do until ctx is done, whose deadline
// is the budget's end, and closes the record.
func (r *run) measure(ctx context.Context, file io.Writer) error {
	rounds, total := r.rounds(), 0
	for _, round := range rounds {
		total += len(round.Cells)
	}
	out := results.NewWriter(file)
	finished := len(r.record.Trials)
	deadline, _ := ctx.Deadline()
	var stop error
	longest := map[string]time.Duration{}
	for _, round := range rounds {
		if r.done[roundKey{round.Profile, round.Round}] {
			continue
		}
		// A round that would be cut is no use.
		begun := time.Now()
		if begun.Add(longest[round.Profile]).After(deadline) {
			stop = ErrBudget
			break
		}
		err := r.round(ctx, round, func(t results.Trial) error {
			finished++
			if r.options.Progress != nil {
				r.options.Progress(finished, total)
			}
			return out.WriteTrial(t)
		})
		if ctx.Err() != nil {
			stop = context.Cause(ctx)
			break
		}
		if err != nil {
			return err
		}
		longest[round.Profile] = max(longest[round.Profile], time.Since(begun))
	}
	end := results.End{Finished: time.Now().UTC().Format(time.RFC3339), Status: results.StatusComplete}
	if stop != nil {
		end.Status = results.StatusInterrupted
		end.Reason = fmt.Sprintf("%v after %d of %d trials", stop, finished, total)
	}
	if err := out.WriteEnd(end); err != nil {
		return err
	}
	return stop
}

// round runs one round in a worker of its own. What the worker didn't live to
// measure becomes invalid trials with the reason: a failed round, not a lost
// run.
func (r *run) round(ctx context.Context, round Round, write func(results.Trial) error) error {
	missing := map[results.Cell]bool{}
	for _, c := range round.Cells {
		missing[c] = true
	}
	var writeErr error
	emit := func(t results.Trial) {
		delete(missing, t.Cell)
		if writeErr == nil {
			writeErr = write(t)
		}
	}
	failed := func(c results.Cell, why string) results.Trial {
		return results.Trial{Round: round.Round, SuperRound: round.SuperRound, Cell: c, Warnings: []string{}, Error: why}
	}
	err := r.under(r.profileOf(round), func() error {
		j := job{
			Cells: round.Cells, Round: round.Round, Super: round.SuperRound,
			Limits: Limits{Warmup: time.Duration(r.record.Run.Plan.WarmupNS), Length: time.Duration(r.record.Run.Plan.TrialNS)},
			Label:  r.label,
		}
		return work(ctx, r.link, j, func(reply reply) error {
			if reply.Trial != nil {
				emit(*reply.Trial)
			}
			if u := reply.Unsupported; u != nil {
				emit(failed(u.Cell, u.Reason))
			}
			return writeErr
		})
	})
	if ctx.Err() != nil || writeErr != nil {
		return errors.Join(ctx.Err(), writeErr)
	}
	if err != nil {
		for _, c := range round.Cells {
			if missing[c] {
				emit(failed(c, err.Error()))
			}
		}
	}
	return writeErr
}

func (r *run) profileOf(round Round) nic.Profile { return r.profiles[round.Profile] }
