package nic

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// GuardError says that a device is what keeps this machine, or whoever works on
// it, connected.
type GuardError struct {
	Device string
	Reason string // such as "it carries a default route"
}

func (e *GuardError) Error() string {
	return fmt.Sprintf("nic: %s is not changed, since %s: take another device, or --force", e.Device, e.Reason)
}

// Guarded returns a *GuardError where a change of the device could cut the machine
// off: where the device, one that it is built on (the bridge or bond that it is a
// port of, the device below a VLAN) or one that is built on it carries a default
// route of any table, be it in parts, or the SSH connection that this process is run
// from. What is built on it in other network namespaces isn't seen.
func (d *Device) Guarded() error {
	links, err := d.links()
	if err != nil {
		return err
	}
	kin := kinOf(d.index, links)
	if i := slices.IndexFunc(links, func(l *netlink.LinkAttrs) bool { return l.Index == d.index }); i < 0 {
		return fmt.Errorf("nic: device %s is gone: %w", d.name, unix.ENODEV)
	}
	carries := func(index int, what string) error {
		name, ok := kin[index]
		if !ok {
			return nil
		}
		if index == d.index {
			return &GuardError{d.name, "it carries " + what}
		}
		return &GuardError{d.name, fmt.Sprintf("%s, which depends on it or it on that, carries %s", name, what)}
	}
	if err := d.defaultRoutes(carries); err != nil {
		return err
	}
	return d.sshRoutes(sshSessions("/proc", os.Getpid()), carries)
}

// kinOf names a device, all below it and all above it, by their indexes. Two
// VLANs of one device are no kin.
func kinOf(index int, links []*netlink.LinkAttrs) map[int]string {
	kin := map[int]string{}
	below := func(l *netlink.LinkAttrs) []int { // that l is built on, or is a port of
		var indexes []int
		if l.ParentIndex != 0 && l.NetNsID < 0 { // else the index is another namespace's
			indexes = append(indexes, l.ParentIndex)
		}
		if l.MasterIndex != 0 {
			indexes = append(indexes, l.MasterIndex)
		}
		return indexes
	}
	var walk func(index int, next func(index int) []int, seen map[int]bool)
	walk = func(index int, next func(int) []int, seen map[int]bool) {
		if seen[index] {
			return
		}
		seen[index] = true
		for _, l := range links {
			if l.Index == index {
				kin[index] = l.Name
			}
		}
		for _, further := range next(index) {
			walk(further, next, seen)
		}
	}
	walk(index, func(index int) (down []int) {
		for _, l := range links {
			if l.Index == index {
				down = append(down, below(l)...)
			}
		}
		return down
	}, map[int]bool{})
	walk(index, func(index int) (up []int) {
		for _, l := range links {
			if slices.Contains(below(l), index) {
				up = append(up, l.Index)
			}
		}
		return up
	}, map[int]bool{})
	return kin
}

// defaultRoutes has a look at each device that a default route leaves by.
func (d *Device) defaultRoutes(look func(index int, what string) error) error {
	for _, family := range []struct {
		name   string
		number int
	}{{"IPv4", netlink.FAMILY_V4}, {"IPv6", netlink.FAMILY_V6}} {
		routes, err := d.routes(family.number)
		if err != nil {
			return err
		}
		for _, route := range routes {
			if route.Type != unix.RTN_UNICAST || !isDefault(route.Dst) {
				continue
			}
			what := "the " + family.name + " default route"
			if prefixOf(route.Dst) > 0 {
				what = fmt.Sprintf("the route to %v, a part of a default one", route.Dst)
			}
			for _, index := range routeDevices(route) {
				if err := look(index, what); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// isDefault tells whether a route leads everywhere, or to such a part as default
// routes are made of that are to go before another one: half of IPv4 (0.0.0.0/1,
// 128.0.0.0/1) or of IPv6, or all of IPv6 that is assigned (2000::/3).
func isDefault(destination *net.IPNet) bool {
	if destination == nil {
		return true
	}
	if destination.IP.To4() != nil {
		return prefixOf(destination) <= 1
	}
	return prefixOf(destination) <= 3
}

// prefixOf is the length of a destination's prefix in bits, 0 for none.
func prefixOf(destination *net.IPNet) int {
	if destination == nil {
		return 0
	}
	ones, _ := destination.Mask.Size()
	return ones
}

// routes reads the routes of a family, of all tables.
func (d *Device) routes(family int) ([]netlink.Route, error) {
	var routes []netlink.Route
	err := whole(func() (err error) {
		routes, err = d.link.RouteListFiltered(family, &netlink.Route{Table: unix.RT_TABLE_UNSPEC}, netlink.RT_FILTER_TABLE)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("nic: read the routes: %w", os.NewSyscallError("netlink", err))
	}
	return routes, nil
}

// routeDevices are the devices that a route leaves by.
func routeDevices(route netlink.Route) []int {
	indexes := []int{route.LinkIndex}
	for _, hop := range route.MultiPath {
		indexes = append(indexes, hop.LinkIndex)
	}
	return indexes
}

// noWay are the answers of RTM_GETROUTE where no route leads to an address.
var noWay = []error{unix.ENETUNREACH, unix.EHOSTUNREACH, unix.EACCES, unix.EINVAL, unix.EAFNOSUPPORT, unix.EOPNOTSUPP}

// sshRoutes has a look at each device that an SSH connection comes in or goes out
// by.
func (d *Device) sshRoutes(sessions []sshSession, look func(index int, what string) error) error {
	for _, session := range sessions {
		what := "the SSH connection from " + session.client.String()
		index, err := d.addressedDevice(session.server)
		if err != nil {
			return err
		}
		if err := look(index, what); err != nil {
			return err
		}
		if session.client.IsLinkLocalUnicast() {
			continue // there are ways to it by any device
		}
		routes, err := d.link.RouteGet(net.IP(session.client.AsSlice()))
		if slices.ContainsFunc(noWay, func(errno error) bool { return errors.Is(err, errno) }) {
			continue // it came by another network namespace
		}
		if err != nil {
			return fmt.Errorf("nic: find the way to %v: %w", session.client, os.NewSyscallError("netlink", err))
		}
		for _, route := range routes {
			for _, index := range routeDevices(route) {
				if err := look(index, what); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// addressedDevice is the index of the device that has an address, 0 for none.
func (d *Device) addressedDevice(address netip.Addr) (int, error) {
	var addresses []netlink.Addr
	err := whole(func() (err error) {
		addresses, err = d.link.AddrList(nil, netlink.FAMILY_ALL)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("nic: read the addresses: %w", os.NewSyscallError("netlink", err))
	}
	for _, a := range addresses {
		if a.IPNet != nil && a.IP.Equal(net.IP(address.AsSlice())) {
			return a.LinkIndex, nil
		}
	}
	return 0, nil
}
