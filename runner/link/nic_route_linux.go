package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// resolve finds the address that a host and port mean, of an IP family, 4 or 6, or of
// any where that is 0.
func resolve(ctx context.Context, to string, family int) (netip.AddrPort, error) {
	host, service, err := net.SplitHostPort(to)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("link: %q is no host and port: write one such as 192.0.2.7:7000 or [2001:db8::7]:7000", to)
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil || port == 0 {
		return netip.AddrPort{}, fmt.Errorf("link: %q has no port of a receiver: it is a number from 1 to 65535", to)
	}
	network := map[int]string{0: "ip", 4: "ip4", 6: "ip6"}[family]
	if a, err := netip.ParseAddr(host); err == nil {
		if a = a.Unmap(); family != 0 && a.Is4() != (family == 4) {
			return netip.AddrPort{}, fmt.Errorf("link: %s is no address of IPv%d: leave the family to the address", host, family)
		}
		return netip.AddrPortFrom(a, uint16(port)), checkHost(a)
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, network, host)
	if err == nil && len(found) == 0 {
		err = errors.New("it has no address")
	}
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("link: find the receiver: %w", err)
	}
	a := found[0].Unmap()
	return netip.AddrPortFrom(a, uint16(port)), checkHost(a)
}

// checkHost refuses addresses that aren't one host's.
func checkHost(a netip.Addr) error {
	if a.IsUnspecified() || a.IsMulticast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return fmt.Errorf("link: %s is no address of a host: name the one that the receiver listens at", a)
	}
	return nil
}

// route finds out which address packets to another are sent from, and makes sure that
// they leave by the device (RTM_GETROUTE, rtnetlink(7)).
func route(device string, index int, to netip.Addr) (source netip.Addr, err error) {
	h, err := routeHandle(nil)
	if err != nil {
		return netip.Addr{}, err
	}
	defer h.Close()
	var options netlink.RouteGetOptions
	if to.Zone() != "" { // a link-local address: the zone is its device
		if options.OifIndex, err = deviceIndex(to.Zone()); err != nil {
			return netip.Addr{}, err
		}
	}
	routes, err := h.RouteGetWithOptions(to.AsSlice(), &options)
	if err == nil && len(routes) != 1 {
		err = unix.ENETUNREACH
	}
	if err != nil {
		return netip.Addr{}, fmt.Errorf("link: there is no way to %s (ip route get %s): %w", to, to, os.NewSyscallError("netlink", err))
	}
	by := routes[0]
	if by.LinkIndex != index {
		return netip.Addr{}, elsewhereError(h, device, to, by)
	}
	if source, ok := netip.AddrFromSlice(by.Src); ok {
		return source.Unmap(), nil
	}
	return netip.Addr{}, fmt.Errorf("link: %s has no address that packets to %s would be sent from: give it one", device, to)
}

// elsewhereError says by which other device packets would leave.
func elsewhereError(h *netlink.Handle, device string, to netip.Addr, by netlink.Route) error {
	name := fmt.Sprintf("device %d", by.LinkIndex)
	if other, err := h.LinkByIndex(by.LinkIndex); err == nil {
		name = other.Attrs().Name
	}
	if by.Type == unix.RTN_LOCAL {
		return fmt.Errorf("link: %s is an address of this machine: packets to it never reach %s; name a receiver on another host", to, device)
	}
	return fmt.Errorf("link: packets to %s would leave by %s, not by %s: name that device, or route the address by %s (ip route)", to, name, device, device)
}
