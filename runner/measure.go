//go:build linux

package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"sendbench/runner/link"
	"sendbench/runner/nic"
	"sendbench/runner/results"
)

// ErrBudget says that the budget was spent before the sweep was complete.
var ErrBudget = errors.New(results.ReasonBudget)

// measure runs the rounds that are still to do until ctx is done, whose deadline
// is the budget's end, and closes the record. That no trial at all is valid is an
// error, too, unless the user has ended the run.
//
// A run that has a precision to reach is complete when its plan's rounds are: how
// far the others took it is told by an *ImpreciseError.
func (r *run) measure(ctx context.Context, file io.Writer) error {
	out, todo, tally := results.NewWriter(file), r.schedule(), newOutcomes(r.record.Trials)
	stop, err := r.follow(ctx, todo, func(t results.Trial) error {
		tally.add(t)
		if r.precision != nil {
			r.precision.add(t)
			r.record.Trials = append(r.record.Trials, t)
		}
		if r.options.Progress != nil {
			r.options.Progress(tally.finished, todo.trials)
		}
		return out.WriteTrial(t)
	})
	if err != nil {
		return err
	}
	end := results.End{Finished: time.Now().UTC().Format(time.RFC3339), Status: results.StatusComplete}
	switch {
	case stop != nil && !(todo.extra && errors.Is(stop, ErrBudget)):
		end.Status = results.StatusInterrupted
		end.Reason = fmt.Sprintf("%v after %d of %d trials", stop, tally.finished, todo.trials)
	case r.precision != nil:
		if stop = r.precision.missed(&r.record, stop); stop != nil {
			end.Reason = stop.Error()
		}
	}
	end.After, end.Warnings = r.watch.end(r.record.Run.Environment.Warnings)
	if err := out.WriteEnd(end); err != nil {
		return err
	}
	if end.Status == results.StatusInterrupted && !errors.Is(stop, ErrBudget) {
		return stop
	}
	return cmp.Or(tally.check(r.record.Unsupported, stop), stop)
}

// follow runs a schedule's rounds and passes their trials on. It returns why it
// stopped before the end, nil if it didn't; err is of what can't be gone on from.
func (r *run) follow(ctx context.Context, todo *schedule, write func(results.Trial) error) (stop, err error) {
	forecast := newForecast(r.found, r.limits())
	deadline, _ := ctx.Deadline()
	device := &applied{link: r.link} // that closing the link puts back
	for round := range todo.rounds() {
		// A round that would be cut is no use.
		begun := time.Now()
		if begun.Add(forecast.of(round)).After(deadline) {
			return ErrBudget, nil
		}
		err := r.round(ctx, device, round, write)
		var gone *link.GoneError
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx), nil
		case errors.As(err, &gone):
			return gone, nil
		case err != nil:
			return nil, err
		}
		forecast.took(round, time.Since(begun))
	}
	return nil, nil
}

// round runs one round in a worker of its own, on the device as the round before left
// it. That the receiver is gone is an error, and leaves it cut.
func (r *run) round(ctx context.Context, device *applied, round Round, write func(results.Trial) error) error {
	v := newVisit(round, r.label, write)
	err := device.change(r.profileOf(round))
	if err == nil {
		err = r.visit(ctx, round, v)
	} else if gone := r.link.Reach(ctx); gone != nil {
		err = gone // and the setting is not to blame
	}
	switch {
	case ctx.Err() != nil:
		return errors.Join(ctx.Err(), v.err)
	case errors.As(err, new(*link.GoneError)):
		return err
	}
	return v.end(err)
}

// visit has a worker make a round's trials.
func (r *run) visit(ctx context.Context, round Round, v *visit) error {
	j := job{
		Profile: round.Profile, Proto: round.Cells[0].Proto, Cells: round.Cells, Round: round.Round, Super: round.SuperRound,
		Limits: r.limits(),
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
}

func (r *run) profileOf(round Round) nic.Profile { return r.profiles[round.Profile] }

func (r *run) limits() Limits {
	p := r.record.Run.Plan
	return Limits{Warmup: time.Duration(p.WarmupNS), Length: time.Duration(p.TrialNS)}
}
