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

// errNoCarrier is a link that did not come back.
var errNoCarrier = errors.New("the link did not come back")

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

// awaitCarrier waits until the device has the carrier that it had, for at most
// the time of patience; then it returns errNoCarrier. A driver that drops the
// link only after its call has returned is not waited for.
func (d *Device) awaitCarrier(had uint32, patience time.Duration) (err error) {
	if had == 0 {
		return nil
	}
	if err := d.followLinks(unix.NETLINK_ADD_MEMBERSHIP); err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, d.followLinks(unix.NETLINK_DROP_MEMBERSHIP), d.setReceiveTimeout(replyTimeout))
	}()
	for deadline := time.Now().Add(patience); ; {
		has, err := d.carrier()
		if err != nil || has&had == had {
			return err
		}
		left := time.Until(deadline)
		if left <= 0 {
			return errNoCarrier
		}
		if err := d.setReceiveTimeout(left); err != nil {
			return err
		}
		// Whatever is heard, or lost (ENOBUFS), is reason to look again.
		_, _, err = d.route.Socket.Receive()
		if err != nil && !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.ENOBUFS) {
			return fmt.Errorf("nic: wait for the link of %s: %w", d.name, os.NewSyscallError("recvfrom", err))
		}
	}
}

// followLinks begins or ends to hear of changes of links on the route socket.
func (d *Device) followLinks(option int) error {
	err := unix.SetsockoptInt(d.route.Socket.GetFd(), unix.SOL_NETLINK, option, unix.RTNLGRP_LINK)
	if err != nil {
		return fmt.Errorf("nic: follow the links: %w", os.NewSyscallError("setsockopt", err))
	}
	return nil
}
