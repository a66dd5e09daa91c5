//go:build linux

package vmtest

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// tapsEnv is set in a process that is to become another program, its arguments, in a
// network namespace with two bridged taps.
const tapsEnv = "VMTEST_TAPS"

// taps are the names of the two.
var taps = [2]string{"tap0", "tap1"}

// betweenTaps is a command that runs in a network namespace of its own, with a user
// namespace around it where we aren't root, and taps. Whoever starts it has to call
// BecomeProgram first thing in its main function. Of what QEMU 7.2 has to join two
// cards, taps alone pass on packets that are to be segmented or checksummed by the
// receiver (a virtio-net header), and vhost-user, which takes a program at its other
// end: without it virtio_net can't offload anything, and has no scatter-gather.
func betweenTaps(cmd *exec.Cmd) {
	cmd.Args = append([]string{cmd.Args[0], cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/proc/self/exe"
	cmd.Env = append(cmd.Environ(), tapsEnv+"=1")
	attr := cmd.SysProcAttr
	attr.Cloneflags |= unix.CLONE_NEWNET
	if os.Geteuid() != 0 {
		attr.Cloneflags |= unix.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
	}
}

// BecomeProgram replaces this process by the program that it was started for between
// two taps, if it was. It returns only if that failed.
func BecomeProgram() error {
	if os.Getenv(tapsEnv) == "" {
		return nil
	}
	if err := makeTaps(); err != nil {
		return err
	}
	if err := os.Unsetenv(tapsEnv); err != nil {
		return err
	}
	return fmt.Errorf("run %s: %w", os.Args[1], unix.Exec(os.Args[1], os.Args[1:], os.Environ()))
}

// makeTaps makes the two and a bridge between them, in a namespace that has no
// other device and so says nothing by itself.
func makeTaps() error {
	// Threads of a process are in the namespace that it was made in.
	runtime.LockOSThread()
	if err := os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("IPv6 of the taps: %w", err)
	}
	snoop := false
	bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "bridge0"}, MulticastSnooping: &snoop}
	links := []netlink.Link{bridge}
	for _, name := range taps {
		links = append(links, &netlink.Tuntap{LinkAttrs: netlink.LinkAttrs{Name: name}, Mode: netlink.TUNTAP_MODE_TAP})
	}
	for _, l := range links {
		name := l.Attrs().Name
		if err := netlink.LinkAdd(l); err != nil {
			return fmt.Errorf("make %s: %w", name, err)
		}
		if l != links[0] {
			if err := netlink.LinkSetMaster(l, bridge); err != nil {
				return fmt.Errorf("%s on the bridge: %w", name, err)
			}
		}
		if err := netlink.LinkSetUp(l); err != nil {
			return fmt.Errorf("set %s up: %w", name, err)
		}
	}
	return nil
}

// canTap tells why this machine can't have taps, nil if it can.
func canTap() error {
	path, err := exec.LookPath(emulator)
	if err != nil {
		return err
	}
	cmd := exec.Command(path, "--version")
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	betweenTaps(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("no taps here: %w: %s", err, out)
	}
	return nil
}
