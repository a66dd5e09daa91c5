//go:build linux

package runner

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"sendbench/runner/link"
	"sendbench/runner/meter"
	"sendbench/runner/nic"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// run is one run under way.
type run struct {
	options  Options
	link     *link.Link
	profiles map[string]nic.Profile
	segments map[string]int   // by profile: the segment that its MTU gives
	refused  map[string]error // profiles of the default sweep that the device lacks
	seen     map[string]sight // by profile: what became of a probe send before the run
	label    string           // what every row is told if zero copy was not seen
	record   results.Record   // its trials only when resumed, or where a precision is to be reached
	done     map[roundKey]bool
	// precision is nil where rounds were asked for.
	precision *precision
	found     findings
	watch     watch
	begun     time.Time
}

func newRun(o Options) *run {
	return &run{
		options: o, profiles: map[string]nic.Profile{}, segments: map[string]int{},
		refused: map[string]error{}, seen: map[string]sight{}, done: map[roundKey]bool{},
		begun: time.Now(),
	}
}

// ErrNotBegun says that a run was ended before its first trial: its record was
// not written, and what was in the file is there still.
var ErrNotBegun = errors.New("nothing was measured yet")

// Run measures a sweep and writes its record, trial by trial. It returns when
// the sweep is complete, the budget is spent, or ctx is done; the record says
// which. The error is ctx's cause in the last case, with ErrNotBegun if there is
// no record, and an *ImpreciseError if the sweep is complete but a precision that
// was asked for isn't reached.
//
// The process must be inside its own network namespace (link.Isolate) unless
// the link is loopback. Run locks its goroutine to its thread for good.
func Run(ctx context.Context, o Options) error {
	runtime.LockOSThread()
	r := newRun(o)
	out, err := openOutput(o.Out, cureNew)
	if err != nil {
		return err
	}
	defer out.close()
	if r.link, err = link.Open(o.Sweep.Link, o.Sweep.Family); err != nil {
		return err
	}
	defer r.link.Close()
	ctx, cancel := context.WithTimeoutCause(ctx, o.Budget, ErrBudget)
	defer cancel()
	if err := r.lay(); err != nil {
		return err
	}
	r.found, err = r.probe(ctx)
	if ctx.Err() != nil {
		return r.notBegun(ctx)
	}
	if err != nil {
		return err
	}
	r.record.Unsupported = append(r.record.Unsupported, r.found.unsupported...)
	if err := r.plan(); err != nil {
		return &UsageError{err}
	}
	if err := checkRates(r.record.Run.Plan); err != nil {
		return &UsageError{err}
	}
	if err := out.begin(&r.record); err != nil {
		return err
	}
	return r.measure(ctx, out.file)
}

// notBegun is the error of a run that was ended while it looked at its cells.
func (r *run) notBegun(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, ErrBudget) {
		return &UsageError{fmt.Errorf("--budget %v: it takes longer to look at each of the %d cells; use a larger budget or fewer cells",
			r.options.Budget, len(r.record.Run.Plan.Cells))}
	}
	return fmt.Errorf("%w: %w", ErrNotBegun, cause)
}

// Resume goes on with an interrupted run, or one whose budget was spent before its
// precision was reached: everything but the progress and the
// commit is as in its record, of which a round that was cut is thrown away. With
// any error before its first trial the record is as it was.
func Resume(ctx context.Context, o Options) error {
	runtime.LockOSThread()
	out, err := openOutput(o.Out, cureResume)
	if err != nil {
		return err
	}
	defer out.close()
	rec, err := Salvage(o.Out)
	if err != nil {
		return err
	}
	if Finished(rec) {
		return nil
	}
	now := meter.Environment(rec.Run.Environment.SenderCPU)
	if err := sameMachine(rec.Run.Environment, now); err != nil {
		return err
	}
	p := rec.Run.Plan
	if len(p.Cells) == 0 {
		return fmt.Errorf("%s: its plan has no cells; leave out --resume to start anew", o.Out)
	}
	o.Sweep.Link, o.Sweep.Family = p.Cells[0].Link, p.Cells[0].Family
	o.Budget, o.Seed, o.Warmup = time.Duration(p.BudgetNS), rec.Run.Seed, time.Duration(p.WarmupNS)
	ctx, cancel := context.WithTimeoutCause(ctx, o.Budget, ErrBudget)
	defer cancel()
	r := newRun(o)
	if r.link, err = link.Open(o.Sweep.Link, o.Sweep.Family); err != nil {
		return err
	}
	defer r.link.Close()
	for _, name := range p.Profiles {
		profile, err := nic.ParseProfile(name)
		if err != nil {
			return err
		}
		if err := r.add(profile, false); err != nil {
			return err
		}
	}
	r.pickUp(rec)
	r.watch = newWatch(rec.Run.Environment.SenderCPU)
	if rec.End != nil {
		r.watch.said = rec.End.Warnings
	}
	r.found, err = r.probe(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	if now := r.found.unsupported; len(now) > 0 {
		return lost(o.Out, now)
	}
	then := sight{zeroCopy: rec.Run.Environment.Link.ZeroCopy}
	if s := r.seen[results.ProfileDefault]; s.String() != then.String() {
		return fmt.Errorf("%s: when the record was begun zero copy on this link was %v and now it is %v; leave out --resume to start anew",
			o.Out, then, s)
	}
	if err := out.begin(&r.record); err != nil {
		return err
	}
	return r.measure(ctx, out.file)
}

// lay finds the cells of every profile, which depend on the device's MTU.
func (r *run) lay() error {
	s := r.options.Sweep
	named := s.Profiles != nil
	if !named {
		var err error
		if s.Profiles, err = DefaultProfiles(); err != nil {
			return err
		}
	}
	plan := &r.record.Run.Plan
	for _, p := range s.Profiles {
		if err := r.add(p, named); err != nil {
			return err
		}
		name := p.String()
		cells, left, err := s.Cells(p, r.segments[name])
		if err != nil {
			return &UsageError{err}
		}
		plan.Profiles = append(plan.Profiles, name)
		plan.Cells = append(plan.Cells, cells...)
		for _, c := range left {
			plan.Cells = append(plan.Cells, c.Cell)
		}
		if err := r.refused[name]; err != nil {
			for _, c := range cells {
				left = append(left, results.Unsupported{Cell: c, Reason: err.Error()})
			}
		}
		r.record.Unsupported = append(r.record.Unsupported, left...)
	}
	for _, strategy := range strategies.All() {
		if slices.ContainsFunc(plan.Cells, func(c results.Cell) bool { return c.Strategy == strategy.Name }) {
			plan.Strategies = append(plan.Strategies, strategy.Name)
		}
	}
	plan.Baseline = strategies.Baseline().Name
	return nil
}

// add finds out whether the link takes a profile, and which segment size its MTU
// gives then. A profile that the device lacks is an error only if the user named
// it.
func (r *run) add(p nic.Profile, named bool) error {
	name := p.String()
	r.profiles[name] = p
	err := r.under(p, func() error { return r.readSegment(name) })
	var lacks *nic.SettingError
	if errors.As(err, &lacks) && !named {
		r.refused[name] = err
		return r.readSegment(name)
	}
	return err
}

func (r *run) readSegment(profile string) error {
	mtu, err := r.link.MTU()
	r.segments[profile] = link.AutoSegment(r.link.Family(), mtu)
	return err
}

// under does something while a profile is applied.
func (r *run) under(p nic.Profile, do func() error) error {
	undo, err := r.link.Apply(p)
	if err != nil {
		return err
	}
	return errors.Join(do(), undo())
}

// unsupported is the cells that can't be measured here.
func (r *run) unsupported() map[results.Cell]bool {
	set := map[results.Cell]bool{}
	for _, u := range r.record.Unsupported {
		set[u.Cell] = true
	}
	return set
}
