//go:build linux

package runner

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"sendbench/runner/link"
	"sendbench/runner/meter"
	"sendbench/runner/nic"
	"sendbench/runner/results"
)

// run is one run under way.
type run struct {
	options  Options
	link     *link.Link
	profiles map[string]nic.Profile
	segments map[string]int               // by profile: the segment that its MTU gives
	refused  map[string]error             // profiles of the default sweep that the device lacks
	seen     map[string]sight             // by profile: what became of a probe send before the run
	label    string                       // what every row is told if zero copy was not seen
	usual    map[string]string            // settings of the device under the default profile
	applied  map[string]map[string]string // by profile: those that are different under it
	change   time.Duration                // it takes to visit every profile once
	record   results.Record               // its trials only when resumed, or where a precision is to be reached
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
		applied: map[string]map[string]string{},
		begun:   time.Now(),
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
// the link is loopback or nic. With nic the receiver agrees before anything else is
// sent; that it is gone in the middle is a *link.GoneError, and that the device
// couldn't be put back as it was a *link.UnrestoredError, beside what else there is.
// Run locks its goroutine to its thread for good.
func Run(ctx context.Context, o Options) (err error) {
	runtime.LockOSThread()
	r := newRun(o)
	out, err := openOutput(o.Out, cureNew)
	if err != nil {
		return err
	}
	defer out.close()
	if err := r.open(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.link.Close()) }()
	ctx, cancel := context.WithTimeoutCause(ctx, r.options.Budget, ErrBudget)
	defer cancel()
	err = r.lay(ctx)
	if ctx.Err() != nil {
		return r.notBegun(ctx)
	}
	if err != nil {
		return err
	}
	if err := checkCap(r.record.Run.Plan, r.link.Cap()); err != nil {
		return &UsageError{err}
	}
	r.found, err = r.probe(ctx)
	if ctx.Err() != nil {
		return r.notBegun(ctx)
	}
	if errors.As(err, new(*link.GoneError)) {
		return fmt.Errorf("%w: %w", ErrNotBegun, err)
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
func Resume(ctx context.Context, o Options) (err error) {
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
	first := p.Cells[0]
	o.Sweep.Link, o.Sweep.Family, o.Sweep.Proto = first.Link, first.Family, first.Proto
	for _, c := range p.Cells {
		o.Sweep.Flows = append(o.Sweep.Flows, c.Flows)
	}
	o.Budget, o.Seed, o.Warmup = time.Duration(p.BudgetNS), rec.Run.Seed, time.Duration(p.WarmupNS)
	r := newRun(o)
	if err := r.open(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.link.Close()) }()
	ctx, cancel := context.WithTimeoutCause(ctx, r.options.Budget, ErrBudget)
	defer cancel()
	for _, name := range p.Profiles {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		profile, err := nic.ParseProfile(name)
		if err != nil {
			return err
		}
		if err := r.add(profile, false); err != nil {
			return err
		}
	}
	if err := r.samePeer(rec.Run.Environment.Link.Peer); err != nil {
		return fmt.Errorf("%s: %w", o.Out, err)
	}
	r.pickUp(rec)
	r.watch = newWatch(rec.Run.Environment.SenderCPU)
	if rec.End != nil {
		r.watch.said = rec.End.Warnings
	}
	r.watch.said = append(r.watch.said, o.Warnings...)
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
	if err := sameCongestion(rec.Run.Environment.Link.CongestionControl, r.found.congestion); err != nil {
		return fmt.Errorf("%s: %w", o.Out, err)
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

// remark tells the user something in a line.
func (r *run) remark(line string) {
	if r.options.Remark != nil {
		r.options.Remark(line)
	}
}

// unsupported is the cells that can't be measured here.
func (r *run) unsupported() map[results.Cell]bool {
	set := map[results.Cell]bool{}
	for _, u := range r.record.Unsupported {
		set[u.Cell] = true
	}
	return set
}
