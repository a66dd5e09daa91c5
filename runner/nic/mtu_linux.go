package nic

import (
	"fmt"
	"net"
	"os"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// leastIPv6MTU is the least MTU that IPv6 runs over (RFC 8200). A device that comes
// below has no IPv6 any more, and comes back with none but the kernel's own
// link-local address (addrconf_notify, net/ipv6/addrconf.c).
const leastIPv6MTU = 1280

// following are the kinds of devices whose MTU follows when that of the device they
// are built on is lowered below theirs, and whether it stays there when that is
// raised (NETDEV_CHANGEMTU in net/8021q/vlan.c, drivers/net/macvlan.c, drivers/net/ipvlan,
// net/bridge/br_if.c).
var following = map[string]struct{ stays bool }{
	"vlan": {true}, "macvlan": {true}, "macvtap": {true},
	"ipvlan": {false}, "ipvtap": {false}, "bridge": {false},
}

// mtuLoss returns a *SettingError where an MTU would take something away from the
// device, or from one that is built on it, which putting the MTU back doesn't bring
// back. IPv6's sysctls of the device aren't looked at, and what is built on it in other
// network namespaces isn't seen.
func (d *Device) mtuLoss(mtu int64) error {
	var links []netlink.Link
	err := whole(func() (err error) {
		links, err = d.link.LinkList()
		return err
	})
	if err != nil {
		return fmt.Errorf("nic: list the devices: %w", os.NewSyscallError("netlink", err))
	}
	i := slices.IndexFunc(links, func(l netlink.Link) bool { return l.Attrs().Index == d.index })
	if i < 0 {
		return fmt.Errorf("nic: device %s is gone: %w", d.name, unix.ENODEV)
	}
	// Each is looked at once: bridges and what is on them are no tree.
	lowered := []netlink.Link{links[i]}
	for n := 0; n < len(lowered); n++ {
		at := lowered[n]
		if int64(at.Attrs().MTU) <= mtu {
			continue
		}
		reason, err := d.lossOf(at, n > 0, mtu)
		if err != nil {
			return err
		}
		if reason != "" {
			return &SettingError{Device: d.name, Setting: numberWord("mtu", mtu), Reason: reason}
		}
		for _, l := range links {
			if isBuiltOn(l.Attrs(), at.Attrs()) && !slices.Contains(lowered, l) {
				if _, follows := following[l.Type()]; follows {
					lowered = append(lowered, l)
				}
			}
		}
	}
	return nil
}

// isBuiltOn tells whether a device is on another one, or has it for a port.
func isBuiltOn(upper, lower *netlink.LinkAttrs) bool {
	return upper.ParentIndex == lower.Index && upper.NetNsID < 0 || lower.MasterIndex == upper.Index
}

// lossOf says what a link loses under a lower MTU, "" for nothing.
func (d *Device) lossOf(link netlink.Link, upper bool, mtu int64) (reason string, err error) {
	attrs := link.Attrs()
	if upper && following[link.Type()].stays {
		return fmt.Sprintf("%s, which is built on it, would follow from %d and stay there: take %d or more, or --force", attrs.Name, attrs.MTU, attrs.MTU), nil
	}
	if mtu >= leastIPv6MTU {
		return "", nil
	}
	has, err := d.ipv6Of(link)
	if err != nil || has == "" {
		return "", err
	}
	whose := "it"
	if upper {
		whose = attrs.Name + ", which is built on it,"
	}
	return fmt.Sprintf("%s would lose %s for good, since IPv6 needs %d: take that or more, or --force", whose, has, leastIPv6MTU), nil
}

// ipv6Of names an IPv6 address or route of a device that someone gave it: all but one
// link-local address, and the routes that the kernel adds to addresses. It is "" where
// there is none.
func (d *Device) ipv6Of(link netlink.Link) (string, error) {
	var addresses []netlink.Addr
	err := whole(func() (err error) {
		addresses, err = d.link.AddrList(link, netlink.FAMILY_V6)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("nic: read the addresses: %w", os.NewSyscallError("netlink", err))
	}
	var own net.IP
	for _, a := range addresses {
		if own == nil && a.IP.IsLinkLocalUnicast() {
			own = a.IP
			continue
		}
		return "the address " + a.IP.String(), nil
	}
	routes, err := d.routes(netlink.FAMILY_V6)
	if err != nil {
		return "", err
	}
	for _, route := range routes {
		if route.Protocol != unix.RTPROT_KERNEL && slices.Contains(routeDevices(route), link.Attrs().Index) {
			to := "default"
			if route.Dst != nil {
				to = route.Dst.String()
			}
			return "the route to " + to, nil
		}
	}
	return "", nil
}
