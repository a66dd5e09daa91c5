//go:build linux

package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
	"sendbench/runner/link"
	"sendbench/runner/nic"
)

// insideEnv marks the process that has the near host's network namespace to itself.
const insideEnv = "SENDBENCH_TEST_NEAR_HOST"

// onNearHost runs a test, or a part of one, in a process of its own, which is root in a
// user and a network namespace: that is the near host. It reports whether this is that
// process.
func onNearHost(t *testing.T) bool {
	t.Helper()
	if os.Getenv(insideEnv) != "" {
		return true
	}
	name := "^" + strings.ReplaceAll(t.Name(), "/", "$/^") + "$"
	args := []string{"-test.run=" + name, "-test.v=" + fmt.Sprint(testing.Verbose())}
	if testing.Short() {
		args = append(args, "-test.short")
	}
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", args...)
	cmd.Env = append(outsideEnviron(), insideEnv+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EACCES) {
		t.Skipf("needs a user and a network namespace: %v", err)
	}
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("in the near host's namespace: %v", err)
	}
	return false
}

// host is a network namespace.
type host struct {
	t      *testing.T
	ns     *os.File // nil for the near host, whose namespace is that of this process
	handle *netlink.Handle
	mend   func() // takes the rule of drop away
}

func nearHost(t *testing.T) *host {
	t.Helper()
	h := &host{t: t}
	h.open(netns.None())
	return h
}

// newHost makes a host of its own, which lasts as long as the test.
func newHost(t *testing.T) *host {
	t.Helper()
	h := &host{t: t}
	h.must(onThread(func() (err error) {
		if err = unix.Unshare(unix.CLONE_NEWNET); err == nil {
			h.ns, err = os.Open("/proc/thread-self/ns/net")
		}
		return err
	}))
	t.Cleanup(func() { h.ns.Close() })
	h.open(netns.NsHandle(h.ns.Fd()))
	return h
}

func (h *host) open(ns netns.NsHandle) {
	h.t.Helper()
	var err error
	if ns == netns.None() {
		h.handle, err = netlink.NewHandle()
	} else {
		h.handle, err = netlink.NewHandleAt(ns)
	}
	h.must(err)
	h.t.Cleanup(h.handle.Close)
	lo, err := h.handle.LinkByName("lo")
	h.must(err)
	h.must(h.handle.LinkSetUp(lo))
}

func (h *host) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// onThread runs f on a thread of its own that ends with it.
func onThread(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		done <- f()
	}()
	return <-done
}

// do runs f on a thread that is on the host.
func (h *host) do(f func() error) {
	h.t.Helper()
	h.must(h.on(f))
}

// on is do for goroutines that can't end the test.
func (h *host) on(f func() error) error {
	return onThread(func() error {
		if h.ns != nil {
			if err := unix.Setns(int(h.ns.Fd()), unix.CLONE_NEWNET); err != nil {
				return err
			}
		}
		return f()
	})
}

// start starts a command on the host.
func (h *host) start(cmd *exec.Cmd) {
	h.t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	h.do(cmd.Start)
	h.t.Cleanup(func() { _ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }) // where the test failed
}

// cable connects two hosts, each by a device with this name and an address of each
// family: 10.N.0.1, fdN::1 and fe80::1 on the first, .2 and ::2 on the other.
func cable(a *host, nameA string, b *host, nameB string, n int) {
	a.t.Helper()
	veth := &netlink.Veth{LinkAttrs: netlink.NewLinkAttrs(), PeerName: nameB}
	veth.Name = nameA
	if b.ns != nil {
		veth.PeerNamespace = netlink.NsFd(b.ns.Fd())
	}
	a.must(a.handle.LinkAdd(veth))
	a.t.Cleanup(func() { _ = a.handle.LinkDel(veth) }) // the test may have taken it away
	type wait struct {
		h      *host
		device netlink.Link
		ip     net.IP
	}
	var waits []wait
	for i, end := range []struct {
		h    *host
		name string
	}{{a, nameA}, {b, nameB}} {
		device := end.h.device(end.name)
		for _, address := range []string{fmt.Sprintf("10.%d.0.%d/24", n, i+1), fmt.Sprintf("fd%02x::%d/64", n, i+1), fmt.Sprintf("fe80::%d/64", i+1)} {
			parsed, err := netlink.ParseAddr(address)
			end.h.must(err)
			parsed.Flags = unix.IFA_F_NODAD
			end.h.must(end.h.handle.AddrAdd(device, parsed))
			if parsed.IP.To4() == nil {
				waits = append(waits, wait{end.h, device, parsed.IP})
			}
		}
		end.h.must(end.h.handle.LinkSetMTU(device, 9000))
		end.h.must(end.h.handle.LinkSetUp(device))
	}
	for _, w := range waits { // until both ends are up there is no carrier
		w.h.must(link.AwaitAddress(w.h.handle, w.device, w.ip))
	}
}

func (h *host) device(name string) netlink.Link {
	h.t.Helper()
	device, err := h.handle.LinkByName(name)
	h.must(err)
	return device
}

func (h *host) setMTU(name string, mtu int) {
	h.t.Helper()
	h.must(h.handle.LinkSetMTU(h.device(name), mtu))
}

// route leads a network by way of a neighbour.
func (h *host) route(network, by string) {
	h.t.Helper()
	_, destination, err := net.ParseCIDR(network)
	h.must(err)
	h.must(h.handle.RouteAdd(&netlink.Route{Dst: destination, Gw: net.ParseIP(by)}))
}

// forward makes the host a router.
func (h *host) forward() {
	h.t.Helper()
	h.do(func() error { return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0) })
}

// state reads all settings of a device of the near host.
func state(t *testing.T, name string) nic.State {
	t.Helper()
	device, err := nic.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	s, err := device.State()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asBefore checks that a device of the near host is as it was.
func asBefore(t *testing.T, was nic.State) {
	t.Helper()
	if diff := cmp.Diff(was, state(t, was.Device)); diff != "" {
		t.Errorf("%s is not as it was (-before +after):\n%s", was.Device, diff)
	}
}
