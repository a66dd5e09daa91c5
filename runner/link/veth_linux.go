package link

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// slots is how many links one network namespace can hold: each has a subnet.
const slots = 256

// opened counts the links of this process, which take turns at the slots: a TCP socket
// outlives its link for as long as its ring holds it and its last segment is repeated,
// and a link with the same addresses right after it would carry, and count, what isn't its own.
var opened atomic.Uint32

// addVeth makes the two devices of a sink or a pair in a free slot of this
// namespace, the far one in farNS unless that is nil. Neither sends a
// frame of its own: no IPv6 address is generated, and ARP and neighbour
// discovery are off, which also keeps multicast groups unannounced
// (addrconf_join_solict, net/ipv6/addrconf.c).
func addVeth(s *Spec, farNS *os.File) error {
	own, err := routeHandle(nil)
	if err != nil {
		return err
	}
	defer own.Close()
	far, err := routeHandle(farNS)
	if err != nil {
		return err
	}
	defer far.Close()
	if err := createVeth(own, s, farNS); err != nil {
		return err
	}
	near, err := own.LinkByName(s.Device)
	if err != nil {
		return fmt.Errorf("link: find %s: %w", s.Device, err)
	}
	if err := setUpVeth(own, far, s, near, farNS != nil); err != nil {
		return errors.Join(err, own.LinkDel(near))
	}
	return nil
}

// routeHandle opens an rtnetlink(7) socket in the network namespace ns.
func routeHandle(ns *os.File) (handle *netlink.Handle, err error) {
	err = within(ns, func() error {
		if handle, err = netlink.NewHandle(unix.NETLINK_ROUTE); err != nil {
			return fmt.Errorf("link: open a route socket: %w", os.NewSyscallError("socket", err))
		}
		if err := handle.SetSocketTimeout(netlinkTimeout); err != nil {
			return fmt.Errorf("link: %w", os.NewSyscallError("setsockopt", err))
		}
		return nil
	})
	return handle, err
}

// deleteVeth takes a device away, and its other end with it.
func deleteVeth(name string) error {
	own, err := routeHandle(nil)
	if err != nil {
		return err
	}
	defer own.Close()
	near, err := own.LinkByName(name)
	if err == nil {
		err = own.LinkDel(near)
	}
	if err != nil {
		return fmt.Errorf("link: delete %s: %w", name, os.NewSyscallError("netlink", err))
	}
	return nil
}

// createVeth takes the next slot whose names are free and enters it in s.
func createVeth(own *netlink.Handle, s *Spec, farNS *os.File) error {
	for range slots {
		s.Slot = int(opened.Add(1)-1) % slots
		s.Device, s.Far = fmt.Sprintf("send%d", s.Slot), fmt.Sprintf("%s%d", s.Kind, s.Slot)
		veth := &netlink.Veth{LinkAttrs: netlink.NewLinkAttrs(), PeerName: s.Far}
		veth.Name = s.Device
		if farNS != nil {
			veth.PeerNamespace = netlink.NsFd(farNS.Fd())
		}
		err := own.LinkAdd(veth)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, unix.EOPNOTSUPP):
			return fmt.Errorf("link: this kernel has no veth devices (CONFIG_VETH), which %s is made of; take the link loopback: %w", s.Kind, os.NewSyscallError("netlink", err))
		case !errors.Is(err, unix.EEXIST):
			return fmt.Errorf("link: make the devices %s and %s: %w", s.Device, s.Far, os.NewSyscallError("netlink", err))
		}
	}
	return fmt.Errorf("link: %d links are open in this namespace: close one first", slots)
}

// setUpVeth brings both ends up and gives them addresses and each other as
// permanent neighbours. The far end of a sink gets no address: packets to an
// address of this namespace would go through lo.
func setUpVeth(own, far *netlink.Handle, s *Spec, near netlink.Link, receiving bool) error {
	farLink, err := far.LinkByName(s.Far)
	if err != nil {
		return fmt.Errorf("link: find %s: %w", s.Far, err)
	}
	s.Source, s.Dest = addresses(s.Family, s.Slot)
	for _, end := range []struct {
		handle *netlink.Handle
		link   netlink.Link
	}{{own, near}, {far, farLink}} {
		if err := bringUpSilent(end.handle, end.link, s.Family); err != nil {
			return err
		}
	}
	if err := addAddress(own, near, s.Source, s.Dest.Addr(), farLink.Attrs().HardwareAddr); err != nil {
		return err
	}
	if !receiving {
		return nil
	}
	return addAddress(far, farLink, s.Dest.Addr(), s.Source, near.Attrs().HardwareAddr)
}

func bringUpSilent(h *netlink.Handle, l netlink.Link, family int) error {
	err := h.LinkSetIP6AddrGenMode(l, nl.IN6_ADDR_GEN_MODE_NONE)
	if errors.Is(err, unix.EAFNOSUPPORT) && family == 4 {
		err = nil // no IPv6 in this kernel, so none of its frames
	}
	if err != nil {
		return fmt.Errorf("link: keep %s from generating IPv6 addresses: %w", l.Attrs().Name, os.NewSyscallError("netlink", err))
	}
	if err := h.LinkSetARPOff(l); err != nil {
		return fmt.Errorf("link: switch ARP off on %s: %w", l.Attrs().Name, os.NewSyscallError("netlink", err))
	}
	if err := h.LinkSetUp(l); err != nil {
		return fmt.Errorf("link: bring up %s: %w", l.Attrs().Name, os.NewSyscallError("netlink", err))
	}
	return nil
}

func addAddress(h *netlink.Handle, l netlink.Link, local, peer netip.Addr, peerHardware net.HardwareAddr) error {
	bits := 30
	address := &netlink.Addr{}
	if local.Is6() {
		bits = 64
		address.Flags = unix.IFA_F_NODAD
	}
	address.IPNet = &net.IPNet{IP: local.AsSlice(), Mask: net.CIDRMask(bits, local.BitLen())}
	if err := h.AddrAdd(l, address); err != nil {
		return fmt.Errorf("link: give %s the address %s: %w", l.Attrs().Name, local, os.NewSyscallError("netlink", err))
	}
	err := h.NeighSet(&netlink.Neigh{
		LinkIndex:    l.Attrs().Index,
		State:        netlink.NUD_PERMANENT,
		IP:           peer.AsSlice(),
		HardwareAddr: peerHardware,
	})
	if err != nil {
		return fmt.Errorf("link: make %s a neighbour on %s: %w", peer, l.Attrs().Name, os.NewSyscallError("netlink", err))
	}
	if local.Is6() {
		return AwaitAddress(h, l, address.IPNet.IP)
	}
	return nil
}

// AwaitAddress waits until an IPv6 address of a device that is up takes packets. The kernel enters its
// local route from a work queue, even where it doesn't look for duplicates
// (addrconf_dad_start, net/ipv6/addrconf.c), and drops what comes before.
func AwaitAddress(h *netlink.Handle, l netlink.Link, ip net.IP) error {
	want := &netlink.Route{Table: unix.RT_TABLE_LOCAL, Dst: &net.IPNet{IP: ip, Mask: net.CIDRMask(128, 128)}}
	for deadline := time.Now().Add(netlinkTimeout); ; time.Sleep(time.Millisecond) {
		routes, err := h.RouteListFiltered(netlink.FAMILY_V6, want, netlink.RT_FILTER_TABLE|netlink.RT_FILTER_DST)
		if err != nil {
			return fmt.Errorf("link: read the routes of %s: %w", l.Attrs().Name, os.NewSyscallError("netlink", err))
		}
		if len(routes) > 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("link: %s doesn't take packets for its address %s within %v", l.Attrs().Name, ip, netlinkTimeout)
		}
	}
}

// port is where messages go in a namespace of our own, whose ports are all
// free.
const port = 20009

// addresses gives the two ends of a slot theirs: a subnet of 198.18.0.0/15,
// which RFC 2544 sets aside for benchmarks, or a unique local one (RFC 4193).
func addresses(family, slot int) (near netip.Addr, far netip.AddrPort) {
	if family == 6 {
		subnet := [16]byte{0xfd, 0x53, 0x65, 0x6e, 0x64, 0x62, 0, byte(slot)}
		subnet[15] = 1
		near = netip.AddrFrom16(subnet)
	} else {
		near = netip.AddrFrom4([4]byte{198, 18, byte(slot), 1})
	}
	return near, netip.AddrPortFrom(near.Next(), port)
}
