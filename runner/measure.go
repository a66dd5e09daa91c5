//go:build linux

package runner

import (
	"cmp"
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
// is the budget's end, and closes the record. That no trial at all is valid is an
// error, too, unless the user has ended the run.
func (r *run) measure(ctx context.Context, file io.Writer) error {
	rounds, total := r.rounds(), 0
	for _, round := range rounds {
		total += len(round.Cells)
	}
	out := results.NewWriter(file)
	tally := newOutcomes(r.record.Trials)
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
			tally.add(t)
			if r.options.Progress != nil {
				r.options.Progress(tally.finished, total)
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
		end.Reason = fmt.Sprintf("%v after %d of %d trials", stop, tally.finished, total)
	}
	if err := out.WriteEnd(end); err != nil {
		return err
	}
	if stop != nil && !errors.Is(stop, ErrBudget) {
		return stop
	}
	return cmp.Or(tally.check(r.record.Unsupported, stop), stop)
}

// round runs one round in a worker of its own.
func (r *run) round(ctx context.Context, round Round, write func(results.Trial) error) error {
	v := newVisit(round, r.label, write)
	err := r.under(r.profileOf(round), func() error {
		j := job{
			Profile: round.Profile, Cells: round.Cells, Round: round.Round, Super: round.SuperRound,
			Limits: Limits{Warmup: time.Duration(r.record.Run.Plan.WarmupNS), Length: time.Duration(r.record.Run.Plan.TrialNS)},
		}
		return work(ctx, r.link, j, func(reply reply) error {
			switch {
			case reply.Probe != nil:
				// A packet tap may have come or gone since.
				if changed := r.see(reply.Probe.ZeroCopy).changed(r.seen[round.Profile]); changed != "" {
					v.remark = changed
				}
			case reply.Trial != nil:
				return v.add(*reply.Trial)
			case reply.Unsupported != nil:
				return v.fail(reply.Unsupported.Cell, reply.Unsupported.Reason)
			}
			return nil
		})
	})
	if ctx.Err() != nil {
		return errors.Join(ctx.Err(), v.err)
	}
	return v.end(err)
}

func (r *run) profileOf(round Round) nic.Profile { return r.profiles[round.Profile] }
