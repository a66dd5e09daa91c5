package link

import (
	"errors"
	"fmt"
	"strconv"

	"sendbench/runner/nic"
)

// Apply puts a profile on the link: features and limits on the sending device
// alone, the MTU on both ends, since a veth silently drops what is longer than
// the far end's. undo puts both back. What the device refuses is a
// *nic.SettingError, and then nothing has changed.
//
// The device of a NIC link goes on living after the run: it is changed under a
// nic.Lease, whose errors there are then, too, and Close puts it back whatever is
// applied. Reach is to be called before the next packet.
func (l *Link) Apply(p nic.Profile) (undo func() error, err error) {
	if err := l.check(p); err != nil {
		return nil, err
	}
	if l.remote != nil {
		return l.remote.apply(l.near, p)
	}
	undoNear, err := l.near.Apply(p)
	if err != nil || l.far == nil {
		return undoNear, err
	}
	undoFar, err := l.matchMTU()
	if err != nil {
		return nil, errors.Join(err, undoNear())
	}
	return func() error { return errors.Join(undoNear(), undoFar()) }, nil
}

// check refuses what would reach beyond the link, or break it: below IP's least
// MTU the kernel takes a device's addresses away for good. A lease looks after those of
// the other family.
func (l *Link) check(p nic.Profile) error {
	for _, s := range p.Settings() {
		refuse := func(reason string) error {
			return &nic.SettingError{Device: l.spec.Device, Setting: s.String(), Reason: reason}
		}
		if l.spec.Shared && l.spec.Kind != NIC {
			return refuse("the device belongs to the whole machine, not to this run: take the default profile")
		}
		mtu, err := strconv.Atoi(s.Value)
		if least := minMTU(l.spec.Family); s.Name == "mtu" && err == nil && mtu < least {
			return refuse(fmt.Sprintf("IPv%d needs an MTU of %d or more", l.spec.Family, least))
		}
		if session := l.spec.Session; session != nil && session.PeerMTU > 0 && s.Name == "mtu" && err == nil && mtu > session.PeerMTU {
			return refuse(fmt.Sprintf("the receiver's device has an MTU of %d and drops what is longer: raise it there first", session.PeerMTU))
		}
	}
	return nil
}

// matchMTU gives the far end the MTU of the near one.
func (l *Link) matchMTU() (undo func() error, err error) {
	near, err := l.near.MTU()
	if err != nil {
		return nil, err
	}
	far, err := l.far.MTU()
	if err != nil {
		return nil, err
	}
	if near == far {
		return func() error { return nil }, nil
	}
	if err := l.far.SetMTU(near); err != nil {
		return nil, err
	}
	return func() error { return l.far.SetMTU(far) }, nil
}
