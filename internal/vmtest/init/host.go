//go:build linux

package main

import (
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
	"sendbench/internal/vmtest/guest"
)

// carrierWait bounds how long a card may take until its link is up. An e1000e takes
// two seconds and more to find out what it is connected to.
const carrierWait = 30 * time.Second

// bringUpLoopback sets up lo of the calling thread's network namespace.
func bringUpLoopback() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	if err := netlink.LinkSetUp(lo); err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	return nil
}

// makeHosts makes the namespaces of the hosts, with their cards in them and up. They
// last as long as the files that are returned, by name.
func makeHosts(hosts []guest.Host) (map[string]*os.File, error) {
	namespaces := map[string]*os.File{}
	for _, h := range hosts {
		ns, err := makeHost(h)
		if err != nil {
			return nil, fmt.Errorf("host %s: %w", h.Name, err)
		}
		namespaces[h.Name] = ns
	}
	// A card may find its link up only when the other end is.
	for _, h := range hosts {
		if err := within(namespaces[h.Name], func() error { return awaitCarrier(h.Device) }); err != nil {
			return nil, fmt.Errorf("host %s: %w", h.Name, err)
		}
	}
	return namespaces, nil
}

func makeHost(h guest.Host) (*os.File, error) {
	card, err := find(h.MAC)
	if err != nil {
		return nil, err
	}
	ns, err := newNamespace()
	if err != nil {
		return nil, err
	}
	if err := netlink.LinkSetNsFd(card, int(ns.Fd())); err != nil {
		return nil, fmt.Errorf("move %s: %w", card.Attrs().Name, err)
	}
	return ns, within(ns, func() error { return setUp(h) })
}

// find finds a card that a driver has taken, which drivers do before their loading
// ends.
func find(mac string) (netlink.Link, error) {
	links, err := netlink.LinkList()
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		if l.Attrs().HardwareAddr.String() == mac {
			return l, nil
		}
	}
	return nil, fmt.Errorf("no network card has the address %s: its driver isn't loaded or refused it", mac)
}

// setUp names a host's card, gives it its addresses and sets it up.
func setUp(h guest.Host) error {
	if err := bringUpLoopback(); err != nil {
		return err
	}
	card, err := find(h.MAC)
	if err != nil {
		return err
	}
	if err := netlink.LinkSetName(card, h.Device); err != nil {
		return fmt.Errorf("name it %s: %w", h.Device, err)
	}
	for _, address := range h.Address {
		a, err := netlink.ParseAddr(address)
		if err != nil {
			return err
		}
		if a.IP.To4() == nil {
			a.Flags = unix.IFA_F_NODAD // nobody else has it, and finding that out takes a second
		}
		if err := netlink.AddrAdd(card, a); err != nil {
			return fmt.Errorf("address %s: %w", address, err)
		}
	}
	return netlink.LinkSetUp(card)
}

// setDown sets the hosts' cards down, which shows that they still can be after all that
// was done to them.
func setDown(hosts []guest.Host, namespaces map[string]*os.File) error {
	for _, h := range hosts {
		err := within(namespaces[h.Name], func() error {
			card, err := find(h.MAC)
			if err != nil {
				return err
			}
			return netlink.LinkSetDown(card)
		})
		if err != nil {
			return fmt.Errorf("host %s: set %s down: %w", h.Name, h.Device, err)
		}
	}
	return nil
}

// awaitCarrier waits until the link of a device is up.
func awaitCarrier(device string) error {
	updates, done := make(chan netlink.LinkUpdate), make(chan struct{})
	defer close(done)
	if err := netlink.LinkSubscribeWithOptions(updates, done, netlink.LinkSubscribeOptions{ListExisting: true}); err != nil {
		return err
	}
	late := time.After(carrierWait)
	for {
		select {
		case u, ok := <-updates:
			if !ok {
				return fmt.Errorf("%s: the kernel tells of no more changes", device)
			}
			if u.Attrs().Name == device && u.IfInfomsg.Flags&unix.IFF_LOWER_UP != 0 {
				return nil
			}
		case <-late:
			return fmt.Errorf("%s has no carrier after %v", device, carrierWait)
		}
	}
}

// newNamespace makes a network namespace.
func newNamespace() (ns *os.File, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and lose the thread, which isn't where it was
		if err = unix.Unshare(unix.CLONE_NEWNET); err != nil {
			err = os.NewSyscallError("unshare", err)
			return
		}
		ns, err = os.Open("/proc/thread-self/ns/net")
	}()
	<-done
	return ns, err
}

// within calls f on a thread in a network namespace, see setns(2).
func within(ns *os.File, f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- os.NewSyscallError("setns", err)
			return
		}
		done <- f()
	}()
	return <-done
}
