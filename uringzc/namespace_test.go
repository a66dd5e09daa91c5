//go:build linux

package uringzc

import (
	"errors"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// inNamespace runs a test in a process and a network namespace of its own, in
// which it may do to devices what it likes: the namespace ends with the process.
// An ordinary user gets a user namespace around it, which unshare(2) would grant
// to a process of one thread only.
func inNamespace(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	if isAlone() {
		setUp(t, "lo")
		test(t)
		return
	}
	cmd := alone(t, unix.CLONE_NEWNET)
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
	}
	runAlone(t, cmd)
}

// setUp brings a device of this namespace up.
func setUp(t *testing.T, device string) netlink.Link {
	t.Helper()
	link, err := netlink.LinkByName(device)
	if err != nil {
		t.Fatal(err)
	}
	err = netlink.LinkSetUp(link)
	if errors.Is(err, unix.EPERM) {
		t.Skip("this machine grants no power in a network namespace of our own:", err)
	}
	if err != nil {
		t.Fatalf("set %s up: %v", device, err)
	}
	return link
}

// Ends of the pair that addVeth makes. 198.18.0.0/15 is for such things (RFC
// 2544).
const (
	nearAddress = "198.18.0.1"
	farAddress  = "198.18.0.2"
)

// addVeth makes a veth(4) pair that is up, one end here and the other in a
// second namespace, with an address each. What far returns in there is handed
// on; its sockets stay in that namespace, which lasts as long as the test.
func addVeth[T any](t *testing.T, far func() (T, error)) (near netlink.Link, inside T) {
	t.Helper()
	const nearName, farName = "near", "far"
	type result struct {
		value T
		err   error
	}
	ready, moved, done := make(chan error), make(chan struct{}), make(chan result)
	var thread int
	go func() {
		runtime.LockOSThread() // and lose the thread, which isn't where it was
		err := os.NewSyscallError("unshare", unix.Unshare(unix.CLONE_NEWNET))
		thread = unix.Gettid()
		if ready <- err; err != nil {
			return
		}
		<-moved
		var r result
		var namespace *os.File
		if namespace, r.err = os.Open("/proc/thread-self/ns/net"); r.err != nil {
			done <- r
			return
		}
		t.Cleanup(func() { namespace.Close() })
		if r.err = bringUp(farName, farAddress); r.err == nil {
			r.value, r.err = far()
		}
		done <- r
	}()
	if err := <-ready; err != nil {
		t.Skip("this machine grants no second network namespace:", err)
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name = nearName
	err := netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: farName, PeerNamespace: netlink.NsPid(thread)})
	if errors.Is(err, unix.EOPNOTSUPP) {
		t.Skip("this kernel has no veth:", err)
	}
	if err != nil {
		t.Fatal("make a veth pair:", err)
	}
	t.Cleanup(func() {
		if link, err := netlink.LinkByName(nearName); err == nil { // the test left it
			netlink.LinkDel(link)
		}
	})
	close(moved)
	r := <-done
	if r.err != nil {
		t.Fatal("in the second namespace:", r.err)
	}
	if err := bringUp(nearName, nearAddress); err != nil {
		t.Fatal(err)
	}
	if near, err = netlink.LinkByName(nearName); err != nil {
		t.Fatal(err)
	}
	return near, r.value
}

// bringUp gives a device of the calling thread's namespace an address.
func bringUp(device, address string) error {
	link, err := netlink.LinkByName(device)
	if err != nil {
		return err
	}
	if err := netlink.AddrAdd(link, &netlink.Addr{IPNet: &net.IPNet{IP: net.ParseIP(address), Mask: net.CIDRMask(24, 32)}}); err != nil {
		return err
	}
	return netlink.LinkSetUp(link)
}

// within calls ask until it says yes, and fails the test if it doesn't in time:
// for what the kernel does by and by and tells nobody of.
func within(t testing.TB, what string, ask func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	for !ask() {
		if time.Since(start) > patience {
			t.Fatalf("not within %v: %s", patience, what)
		}
		runtime.Gosched()
	}
	return time.Since(start)
}
