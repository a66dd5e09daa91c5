package nic

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// carrierPatience is how long a link may take to come back after a change: a
// copper port negotiates for some 5 s, a switch port may learn for as long again.
const carrierPatience = 15 * time.Second

// carrierWatch is for how long a link that is there is watched after a change. A
// driver may leave a reset to its workqueue and return before; it begins within some
// milliseconds.
const carrierWatch = 200 * time.Millisecond

// carrierGlance is how long a wait for the link may go on once it is to end.
const carrierGlance = 50 * time.Millisecond

var (
	// errNoCarrier is a link that did not come back.
	errNoCarrier = errors.New("the link did not come back")
	// errWaitEnded is a wait that was ended from outside.
	errWaitEnded = errors.New("the wait for the link was ended")
)

// watchFor is for how long the link of a driver's device is watched after a change.
// Some drivers have no hardware to reset, and lo has no driver.
func watchFor(driver string) time.Duration {
	switch driver {
	case "", "veth", "dummy":
		return 0
	}
	return carrierWatch
}

// watchAfter is watchFor after a change to a profile, some of whose settings may be
// the kernel's own.
func watchAfter(driver string, p Profile) time.Duration {
	for _, s := range p.Settings() {
		if canReset(s.Name) {
			return watchFor(driver)
		}
	}
	return 0
}

// canReset tells whether a driver has a hand in a setting: in features, the MTU, rings,
// channels and coalescing.
func canReset(setting string) bool {
	switch {
	case setting == qdiscSetting:
		return false
	case setting == "mtu" || numberedIndex(setting) < 0:
		return true
	}
	return family(setting) != ""
}

// carrier is what a device needs to send: IFF_LOWER_UP, a partner on the line,
// and IFF_RUNNING, which follows a little later when the kernel has given the
// queues back their qdisc (net/core/link_watch.c). It is 0 for a device that is
// down.
func (d *Device) carrier() (flags uint32, err error) {
	attrs, err := d.attrs()
	if err != nil {
		return 0, err
	}
	return attrs.RawFlags & (unix.IFF_LOWER_UP | unix.IFF_RUNNING), nil
}

// carrierWait is how a link is waited for.
type carrierWait struct {
	watch    time.Duration   // for which a link that is there is to stay
	patience time.Duration   // with one that is away
	ended    <-chan struct{} // closed where it isn't worth waiting for any more
}

// awaitCarrier waits until the device has the carrier that it had. Where it is away
// for longer than patience that is errNoCarrier, and where the wait is ended
// errWaitEnded.
func (d *Device) awaitCarrier(had uint32, w carrierWait) (err error) {
	if had == 0 {
		return nil
	}
	if err := d.followLinks(unix.NETLINK_ADD_MEMBERSHIP); err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, d.followLinks(unix.NETLINK_DROP_MEMBERSHIP), d.setReceiveTimeout(replyTimeout))
	}()
	begun := time.Now()
	lost := begun // when the link was last seen to be there
	for {
		has, err := d.carrier()
		if err != nil {
			return err
		}
		left := w.patience - time.Since(lost)
		if there := has&had == had; there {
			lost = time.Now()
			if left = w.watch - time.Since(begun); left <= 0 {
				return nil
			}
		}
		if left <= 0 {
			return errNoCarrier
		}
		select {
		case <-w.ended:
			return errWaitEnded
		default:
		}
		// A timeout of less than a microsecond would be none (socket(7)).
		if err := d.setReceiveTimeout(max(min(left, carrierGlance), time.Millisecond)); err != nil {
			return err
		}
		// Whatever is heard, or lost (ENOBUFS), is reason to look again.
		_, _, err = d.route.Socket.Receive()
		if err != nil && !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.ENOBUFS) && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("nic: wait for the link of %s: %w", d.name, os.NewSyscallError("recvfrom", err))
		}
	}
}

// awaitLink waits for the link of a device that is up, whatever it had before, and
// sees that it stays. Where it doesn't come that is ErrNoLink.
func (d *Device) awaitLink(patience time.Duration) error {
	attrs, err := d.attrs()
	if err != nil || attrs.RawFlags&unix.IFF_UP == 0 {
		return err
	}
	driver, err := d.driver()
	if err != nil {
		return err
	}
	err = d.awaitCarrier(unix.IFF_LOWER_UP|unix.IFF_RUNNING, carrierWait{watch: watchFor(driver), patience: patience})
	if errors.Is(err, errNoCarrier) {
		return fmt.Errorf("nic: %s is as it was, but %w after %v", d.name, ErrNoLink, patience)
	}
	return err
}

// followLinks begins or ends to hear of changes of links on the route socket.
func (d *Device) followLinks(option int) error {
	err := unix.SetsockoptInt(d.route.Socket.GetFd(), unix.SOL_NETLINK, option, unix.RTNLGRP_LINK)
	if err != nil {
		return fmt.Errorf("nic: follow the links: %w", os.NewSyscallError("setsockopt", err))
	}
	return nil
}
