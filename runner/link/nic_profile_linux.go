package link

import (
	"strconv"

	"sendbench/runner/nic"
)

// apply changes the device under a lease, which is taken when the first setting is.
func (r *remote) apply(device *nic.Device, p nic.Profile) (undo func() error, err error) {
	if p == (nic.Profile{}) {
		return func() error { return nil }, nil
	}
	if r.lease == nil {
		if r.lease, err = device.Lease(nic.LeaseOptions{Force: r.to.Force, Ended: r.ended}); err != nil {
			return nil, err
		}
	}
	r.touched = true // also where it was refused half-way
	putBack, err := r.lease.Apply(p)
	if err != nil {
		return nil, err
	}
	return func() error {
		r.touched = true
		return putBack()
	}, nil
}

// release puts the device back and gives it up.
func (r *remote) release() error {
	if r.lease == nil {
		return nil
	}
	if err := r.lease.Close(); err != nil {
		return &UnrestoredError{Device: r.to.Device, Err: err}
	}
	r.lease = nil
	return nil
}

// Guarded is a *nic.GuardError where the link's device is one that this machine, or who
// works on it, depends on. A device of the run's own isn't.
func (l *Link) Guarded() error {
	if l.spec.Kind != NIC {
		return nil
	}
	return l.near.Guarded()
}

// Settings are those of the sending device that can be changed, by their names in a
// profile, as they are now.
func (l *Link) Settings() (map[string]string, error) {
	state, err := l.near.State()
	if err != nil {
		return nil, err
	}
	settings := map[string]string{}
	for name, active := range state.Active {
		settings[name] = map[bool]string{true: "on", false: "off"}[active]
	}
	for name, value := range state.Numbers {
		settings[name] = strconv.FormatInt(value, 10)
	}
	if len(state.Qdiscs) > 0 {
		settings["qdisc"] = state.Qdiscs[0].Kind
	}
	return settings, nil
}
