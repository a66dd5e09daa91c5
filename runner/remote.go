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
)

// A receiver on another host takes packets for a bounded time.
const (
	// margin is what a run asks for on top of its budget, for the trial under way at
	// the budget's end and what is counted after it.
	margin = 30 * time.Second
	// reserve is what a run keeps of the time that it gets.
	reserve = 2 * time.Second
)

// open opens the link. With nic the IP family is that of the receiver's address, and
// the budget no longer than the receiver gives.
func (r *run) open(ctx context.Context) (err error) {
	o := &r.options
	s := &o.Sweep
	if s.Link != link.NIC {
		r.link, err = link.Open(s.Link, s.Family)
		return err
	}
	if o.Remote == nil {
		return &UsageError{errors.New("--link nic: it takes a receiver on another host; give --device, --to and --secret-file")}
	}
	r.link, err = link.OpenNIC(ctx, *o.Remote, link.Terms{
		Proto: s.Proto, Family: s.Family, Flows: slices.Max(or(s.Flows, []int{1})),
		Seconds: int64((o.Budget + margin + time.Second - 1) / time.Second),
	})
	if err != nil {
		return err
	}
	s.Family = r.link.Family()
	budget, err := budgetWithin(o.Budget, r.link.Time())
	if err != nil {
		return errors.Join(err, r.link.Close())
	}
	if budget < o.Budget {
		r.remark(fmt.Sprintf("the receiver takes packets for %v, so the budget is %v and not %v; sendbench recv --max-time sets it",
			r.link.Time(), budget, o.Budget))
	}
	o.Budget = budget
	return nil
}

// budgetWithin cuts a budget to the time that a receiver gives, 0 for any.
func budgetWithin(budget, given time.Duration) (time.Duration, error) {
	if given == 0 || budget+reserve <= given {
		return budget, nil
	}
	if given <= reserve {
		return 0, fmt.Errorf("the receiver takes packets for %v, which is too short to measure anything; give sendbench recv a larger --max-time", given)
	}
	return given - reserve, nil
}

// defaultProfiles are those of the default sweep; of a device that others depend on,
// only the one that changes nothing.
func (r *run) defaultProfiles() ([]nic.Profile, error) {
	profiles, err := DefaultProfiles(r.options.Sweep.Proto)
	if err != nil || r.options.Remote == nil || r.options.Remote.Force {
		return profiles, err
	}
	var guarded *nic.GuardError
	switch err := r.link.Guarded(); {
	case errors.As(err, &guarded):
		r.remark(fmt.Sprintf("only the default profile is measured: %v", guarded))
		return slices.DeleteFunc(profiles, func(p nic.Profile) bool { return p.String() != nic.Default }), nil
	case err != nil:
		return nil, err
	}
	return profiles, nil
}

// samePeer returns an error if a record was made with another receiver than there is
// now: what reached it and what it takes could not be compared.
func (r *run) samePeer(old *results.Peer) error {
	found, err := r.link.Describe()
	if err != nil || old == nil || found.Peer == nil {
		return err
	}
	if changed := link.PeerChange(*old, *found.Peer); changed != "" {
		return fmt.Errorf("the record was made with %s; leave out --resume to start anew", changed)
	}
	return nil
}
