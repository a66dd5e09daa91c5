//go:build linux

package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sendbench/runner/link"
	"sendbench/runner/nic"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// lay finds the cells of every profile, which depend on the device's MTU.
func (r *run) lay(ctx context.Context) error {
	s := r.options.Sweep
	named := s.Profiles != nil
	if !named {
		var err error
		if s.Profiles, err = r.defaultProfiles(); err != nil {
			return err
		}
	}
	var err error
	if r.usual, err = r.link.Settings(); err != nil {
		return err
	}
	plan := &r.record.Run.Plan
	for _, p := range s.Profiles {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
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

// add finds out whether the link takes a profile, what is different under it, what it
// costs to change, and which segment size its MTU gives. A profile that the device
// lacks is an error only if the user named it, and the device is the run's own: on a
// device of the machine's the other profiles go on.
func (r *run) add(p nic.Profile, named bool) error {
	name := p.String()
	r.profiles[name] = p
	begun := time.Now()
	err := r.under(p, func() error { return errors.Join(r.readSegment(name), r.readSettings(name)) })
	var lacks *nic.SettingError
	if errors.As(err, &lacks) && (!named || r.link.Name() == link.NIC) {
		if named {
			r.remark(fmt.Sprintf("profile %s is left out: %v", name, lacks))
		}
		r.refused[name] = err
		return r.readSegment(name)
	}
	if name != results.ProfileDefault {
		r.change += time.Since(begun)
	}
	return err
}

func (r *run) readSegment(profile string) error {
	mtu, err := r.link.MTU()
	r.segments[profile] = link.AutoSegment(r.link.Family(), mtu)
	return err
}

// readSettings finds what is different under a profile that is applied.
func (r *run) readSettings(profile string) error {
	now, err := r.link.Settings()
	if diff := differences(r.usual, now); len(diff) > 0 {
		r.applied[profile] = diff
	}
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
