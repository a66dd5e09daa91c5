package nic

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

func TestDescribeVeth(t *testing.T) {
	dev, _ := veth(t)
	skipWithout(t, dev, "tx-udp-segmentation", "channels.tx")
	d, err := dev.Describe()
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != "veth-a" || d.Driver != "veth" || d.MTU != 1500 {
		t.Errorf("described as %s, driver %s, MTU %d; want veth-a, veth, 1500", d.Name, d.Driver, d.MTU)
	}
	for name, want := range map[string]string{
		"tx-udp-segmentation": "on",
		"tx-scatter-gather":   "on",
		"netns-local":         "off [fixed]",
		"rx-hashing":          "off [fixed]",
	} {
		if got, ok := d.Features[name]; ok && got != want {
			t.Errorf("feature %s is %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"tx-udp-segmentation", "tx-scatter-gather", "rx-hashing"} {
		if _, ok := d.Features[name]; !ok {
			t.Errorf("feature %s is missing", name)
		}
	}
	for name, want := range map[string]int64{"gso_max_size": 65536, "gso_max_segs": 65535, "txqueuelen": 1000, "channels.tx": 1, "channels.rx": 1} {
		if got := d.Limits[name]; got != want {
			t.Errorf("%s is %d, want %d", name, got, want)
		}
	}
	for _, absent := range []string{"mtu", "ring.tx", "coalesce.tx-usecs"} {
		if n, ok := d.Limits[absent]; ok {
			t.Errorf("a veth has %s=%d", absent, n)
		}
	}
}

func TestDescribeLoopback(t *testing.T) {
	dev, err := Open("lo")
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	d, err := dev.Describe()
	if err != nil {
		t.Fatal(err)
	}
	if d.MTU < 16436 || d.Features["loopback"] != "on [fixed]" {
		t.Errorf("lo has MTU %d and loopback %q", d.MTU, d.Features["loopback"])
	}
	if d.Driver != "" {
		t.Errorf("lo has a driver %q", d.Driver)
	}
}

func TestMTU(t *testing.T) {
	dev, _ := veth(t)
	if err := dev.SetMTU(9000); err != nil {
		t.Fatal(err)
	}
	if mtu, err := dev.MTU(); err != nil || mtu != 9000 {
		t.Errorf("MTU reads back %d, %v; want 9000", mtu, err)
	}
	for _, bad := range []int{-1, 0, 67, 70000} {
		err := dev.SetMTU(bad)
		if !errors.As(err, new(*SettingError)) {
			t.Errorf("SetMTU(%d): %v, want a SettingError", bad, err)
		}
	}
	if mtu, err := dev.MTU(); err != nil || mtu != 9000 {
		t.Errorf("after refusals the MTU is %d, %v; want 9000", mtu, err)
	}
}

func TestFeatureUnknown(t *testing.T) {
	dev, _ := veth(t)
	_, err := dev.Feature("tx-udp-segmentatoin")
	if e := new(SettingError); !errors.As(err, &e) || e.Setting != "tx-udp-segmentatoin" || !strings.Contains(e.Reason, "tx-udp-segmentation") {
		t.Errorf("misspelt feature: %v, want a SettingError that names the nearest", err)
	}
}

func TestOpenUnknown(t *testing.T) {
	_, err := Open("eht0")
	if !errors.Is(err, unix.ENODEV) || !strings.Contains(err.Error(), "lo") {
		t.Errorf("Open of no device: %v, want ENODEV and the names that there are", err)
	}
	// Longer than IFNAMSIZ, which the ethtool ioctl would cut to another name.
	if _, err := Open("lo" + strings.Repeat("x", 40)); err == nil {
		t.Error("Open of an overlong name succeeded")
	}
}

// TestDeviceGone takes the device away, or its name, which another one gets.
func TestDeviceGone(t *testing.T) {
	tests := []struct {
		name string
		take func(link, peer netlink.Link) error
	}{
		{"deleted", func(link, _ netlink.Link) error { return netlink.LinkDel(link) }},
		{"renamed", func(link, peer netlink.Link) error {
			return errors.Join(netlink.LinkSetName(link, "veth-c"), netlink.LinkSetName(peer, "veth-a"))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dev, peerName := veth(t)
			undo, err := dev.Apply(mustParse(t, "mtu=9000"))
			if err != nil {
				t.Fatal(err)
			}
			link, linkErr := netlink.LinkByName(dev.Name())
			peer, peerErr := netlink.LinkByName(peerName)
			if err := errors.Join(linkErr, peerErr); err != nil {
				t.Fatal(err)
			}
			if err := tt.take(link, peer); err != nil {
				t.Fatal(err)
			}
			calls := map[string]func() error{
				"undo":     undo,
				"MTU":      func() error { _, err := dev.MTU(); return err },
				"SetMTU":   func() error { return dev.SetMTU(1500) },
				"Feature":  func() error { _, err := dev.Feature("rx-gro"); return err },
				"Describe": func() error { _, err := dev.Describe(); return err },
				"Apply":    func() error { _, err := dev.Apply(mustParse(t, "mtu=1400")); return err },
			}
			for name, call := range calls {
				if err := call(); !errors.Is(err, unix.ENODEV) {
					t.Errorf("%s of a device that is gone: %v, want ENODEV", name, err)
				}
			}
		})
	}
}

// moveToNewNamespace moves a device to a fresh network namespace and returns
// the file that keeps it.
func moveToNewNamespace(device string) (namespace *os.File, err error) {
	err = onLostThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return os.NewSyscallError("unshare", err)
		}
		namespace, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	if err != nil {
		return nil, err
	}
	link, err := netlink.LinkByName(device)
	if err == nil {
		err = netlink.LinkSetNsFd(link, int(namespace.Fd()))
	}
	if err != nil {
		namespace.Close()
		return nil, fmt.Errorf("move %s: %w", device, err)
	}
	return namespace, nil
}

func mustParse(t *testing.T, s string) Profile {
	t.Helper()
	p, err := ParseProfile(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
