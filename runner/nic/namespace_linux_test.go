package nic

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// insideVariable marks the process that runs the tests in a namespace of its
// own.
const insideVariable = "NIC_TEST_INSIDE"

// noNamespace says why there is no namespace to test devices in, "" if there
// is.
var noNamespace string

// TestMain runs the tests in a network namespace that ends with them. unshare(2)
// of a user namespace needs a single-threaded process, so the binary starts
// itself again.
func TestMain(m *testing.M) {
	unix.Umask(0o022) // a group that may write to a journal's directory has it refused
	if role := roles[os.Getenv(roleVariable)]; role != nil {
		if err := role(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if os.Getenv(insideVariable) != "" {
		os.Exit(m.Run())
	}
	code, err := runInNamespace()
	if err != nil {
		noNamespace = err.Error()
		code = m.Run()
	}
	os.Exit(code)
}

func runInNamespace() (exitCode int, err error) {
	runtime.LockOSThread() // the death signal follows the thread that started the child
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), insideVariable+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("this machine grants no network namespace: %w", err)
	}
	err = cmd.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}

// veth makes a pair for the test and opens its first end.
func veth(t *testing.T) (dev *Device, peer string) {
	t.Helper()
	return vethOf(t, 1), peerName
}

const vethName, peerName = "veth-a", "veth-b"

// vethOf makes a pair whose first end has so many queues, and opens that.
func vethOf(t *testing.T, queues int) *Device {
	t.Helper()
	if noNamespace != "" {
		t.Skip(noNamespace)
	}
	pair := &netlink.Veth{LinkAttrs: netlink.NewLinkAttrs(), PeerName: peerName}
	pair.Name, pair.NumTxQueues, pair.NumRxQueues = vethName, queues, queues
	err := netlink.LinkAdd(pair)
	if errors.Is(err, unix.EPERM) {
		t.Skip("this machine grants no power in a network namespace of our own:", err)
	}
	if err != nil {
		t.Fatal("make a veth pair:", err)
	}
	t.Cleanup(func() {
		if err := netlink.LinkDel(pair); err != nil && !errors.As(err, new(netlink.LinkNotFoundError)) && !errors.Is(err, unix.ENODEV) {
			t.Error("delete the veth pair:", err)
		}
	})
	dev, err := Open(vethName)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(dev.Close)
	return dev
}

// skipWithout skips a test of settings that older kernels don't have on a veth: they
// have no channels before Linux 5.13, and no tx-udp-segmentation before 5.16.
func skipWithout(t *testing.T, dev *Device, settings ...string) {
	t.Helper()
	for _, name := range settings {
		if k := knob(t, dev, name); k == nil || k.Fixed {
			t.Skipf("this kernel has no %s to set on a veth", name)
		}
	}
}

// knob is a setting as Show has it, nil where there is none of that name.
func knob(t *testing.T, dev *Device, name string) *Knob {
	t.Helper()
	o, err := dev.Show()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(o.Settings, func(k Knob) bool { return k.Name == name })
	if i < 0 {
		return nil
	}
	return &o.Settings[i]
}

func linkOf(t *testing.T, dev *Device) netlink.Link {
	t.Helper()
	link, err := netlink.LinkByIndex(dev.index)
	if err != nil {
		t.Fatal(err)
	}
	return link
}

// up sets both ends of the pair up and waits for the carrier.
func up(t *testing.T, dev *Device) {
	t.Helper()
	for _, name := range []string{vethName, peerName} {
		setUp(t, name)
	}
	if err := dev.awaitCarrier(unix.IFF_LOWER_UP|unix.IFF_RUNNING, carrierWait{patience: carrierPatience}); err != nil {
		t.Fatal(err)
	}
}

func setUp(t *testing.T, name string) {
	t.Helper()
	link, err := netlink.LinkByName(name)
	if err == nil {
		err = netlink.LinkSetUp(link)
	}
	if err != nil {
		t.Fatal(name, err)
	}
}

// onLostThread runs f on a thread of its own that ends with it, so that f may
// change the thread's namespace and capabilities.
func onLostThread(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		done <- f()
	}()
	return <-done
}

// TestNamespaceInode holds the number that takes the cookie's place before Linux
// 5.14 to the one that the namespace is known by, here and elsewhere.
func TestNamespaceInode(t *testing.T) {
	dev, _ := veth(t)
	here, err := namespaceInode(dev.route.Socket.GetFd())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprintf("net:[%d]", here), namespaceLabel(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if again, err := hereInode(); err != nil || again != here {
		t.Errorf("%d, %v from /proc; want %d", again, err, here)
	}
	err = onLostThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return err
		}
		socket, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(socket)
		if there, err := namespaceInode(socket); err != nil || there == here {
			return fmt.Errorf("%d, %w in another namespace; want another number than %d", there, err, here)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
