package nic

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/safchain/ethtool"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// replyTimeout bounds the wait for an answer of rtnetlink. Answers come from
// the calling thread's own system call, so only a broken kernel reaches it.
const replyTimeout = 5 * time.Second

// Device is a network device in one network namespace. It holds sockets in that
// namespace, which stays alive as long as they do. A device that was
// removed or renamed since, or moved to another namespace, is gone: every call
// returns an error that wraps unix.ENODEV, and another device that has its name
// now is left alone. A Device is not safe for concurrent use.
type Device struct {
	name  string
	index int
	link  *netlink.Handle
	tool  *ethtool.Ethtool
	route nl.SocketHandle // for request, and for events of links
}

// Open finds a device of the calling thread's network namespace by its name or
// one of its alternative names. An error that wraps unix.ENODEV means that
// there is no such device.
func Open(name string) (*Device, error) {
	link, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("nic: open a route socket: %w", os.NewSyscallError("socket", err))
	}
	tool, err := ethtool.NewEthtool()
	if err != nil {
		link.Close()
		return nil, fmt.Errorf("nic: open an ethtool socket: %w", os.NewSyscallError("socket", err))
	}
	route, err := nl.Subscribe(unix.NETLINK_ROUTE) // to nothing yet
	if err != nil {
		link.Close()
		tool.Close()
		return nil, fmt.Errorf("nic: open a route socket: %w", os.NewSyscallError("socket", err))
	}
	d := &Device{link: link, tool: tool, route: nl.SocketHandle{Socket: route}}
	if err := d.find(name); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// Close releases the sockets. The device keeps the settings it has.
func (d *Device) Close() {
	d.link.Close()
	d.tool.Close()
	d.route.Close()
}

// Name returns the device's name as it was when the device was opened.
func (d *Device) Name() string { return d.name }

// MTU returns the largest payload of a frame in bytes, without the Ethernet
// header.
func (d *Device) MTU() (int, error) {
	attrs, err := d.attrs()
	if err != nil {
		return 0, err
	}
	return attrs.MTU, nil
}

// SetMTU sets the MTU in bytes and reads it back. An MTU below 1280 makes the
// kernel take the device's IPv6 addresses and neighbours away, of which a
// greater MTU brings the link-local address back alone (addrconf_notify,
// net/ipv6/addrconf.c).
func (d *Device) SetMTU(bytes int) error {
	if bytes < 0 || int64(bytes) > 1<<32-1 {
		return &SettingError{Device: d.name, Setting: fmt.Sprintf("mtu=%d", bytes), Reason: "an MTU is a positive number of bytes"}
	}
	if _, err := d.attrs(); err != nil {
		return err
	}
	return d.setNumbers(map[string]int64{"mtu": int64(bytes)})
}

// find resolves a name to the device's index and its proper name.
func (d *Device) find(name string) error {
	if err := d.link.SetSocketTimeout(replyTimeout); err != nil {
		return fmt.Errorf("nic: %w", os.NewSyscallError("setsockopt", err))
	}
	if err := d.setReceiveTimeout(replyTimeout); err != nil {
		return err
	}
	link, err := d.link.LinkByName(name)
	if errors.As(err, new(netlink.LinkNotFoundError)) {
		return fmt.Errorf("nic: no device %q here, only %s: %w", name, d.others(), unix.ENODEV)
	}
	if err != nil {
		return fmt.Errorf("nic: look up %q: %w", name, os.NewSyscallError("netlink", err))
	}
	d.name, d.index = link.Attrs().Name, link.Attrs().Index
	return nil
}

// others names the devices that there are.
func (d *Device) others() string {
	links, err := d.links()
	if err != nil {
		return "others that can't be listed"
	}
	var names []string
	for _, link := range links {
		names = append(names, link.Name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// links reads all devices of the namespace.
func (d *Device) links() ([]*netlink.LinkAttrs, error) {
	var links []netlink.Link
	err := whole(func() (err error) {
		links, err = d.link.LinkList()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("nic: list the devices: %w", os.NewSyscallError("netlink", err))
	}
	attrs := make([]*netlink.LinkAttrs, len(links))
	for i, link := range links {
		attrs[i] = link.Attrs()
	}
	return attrs, nil
}

// setReceiveTimeout bounds the wait for the next message on the route socket.
func (d *Device) setReceiveTimeout(timeout time.Duration) error {
	tv := unix.NsecToTimeval(timeout.Nanoseconds())
	if err := d.route.Socket.SetReceiveTimeout(&tv); err != nil {
		return fmt.Errorf("nic: %w", os.NewSyscallError("setsockopt", err))
	}
	return nil
}

// attrs are those of self.
func (d *Device) attrs() (*netlink.LinkAttrs, error) {
	link, err := d.self()
	if err != nil {
		return nil, err
	}
	return link.Attrs(), nil
}

// self reads what rtnetlink(7) says of the device now. ethtool goes by the
// name and rtnetlink by the index, so it makes sure that both still mean the
// same device.
func (d *Device) self() (netlink.Link, error) {
	link, err := d.link.LinkByIndex(d.index)
	if errors.As(err, new(netlink.LinkNotFoundError)) {
		return nil, fmt.Errorf("nic: device %s is gone: %w", d.name, unix.ENODEV)
	}
	if err != nil {
		return nil, fmt.Errorf("nic: read %s: %w", d.name, os.NewSyscallError("netlink", err))
	}
	if now := link.Attrs().Name; now != d.name {
		return nil, fmt.Errorf("nic: device %s is now named %s: open it by that name: %w", d.name, now, unix.ENODEV)
	}
	return link, nil
}
