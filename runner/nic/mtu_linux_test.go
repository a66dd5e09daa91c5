package nic

import (
	"errors"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// TestLeaseMTU lowers the MTU of devices that have something to lose by it, or
// something on them that has: without Force they keep it. What the kernel gives them
// by itself is no reason.
func TestLeaseMTU(t *testing.T) {
	for _, tt := range []struct {
		name, profile string
		says          string // "" for applied
		build         func(t *testing.T, lower netlink.Link)
	}{
		{"link-local address", "mtu=1000", "", nil},
		{"IPv4", "mtu=1000", "", func(t *testing.T, _ netlink.Link) {
			routed(t, vethName, "192.0.2.1/24", "198.51.100.0/24", unix.RT_TABLE_MAIN)
		}},
		{"address", "mtu=1279", "it would lose the address 2001:db8:1::1 for good, since IPv6 needs 1280", func(t *testing.T, _ netlink.Link) {
			addressed(t, vethName, "2001:db8:1::1/64")
		}},
		{"address, not as low", "mtu=1280", "", func(t *testing.T, _ netlink.Link) { addressed(t, vethName, "2001:db8:1::1/64") }},
		{"address, among others", "txqueuelen=7,mtu=68,tx-scatter-gather=off", "it would lose the address", func(t *testing.T, _ netlink.Link) {
			addressed(t, vethName, "2001:db8:1::1/64")
		}},
		{"another link-local address", "mtu=1000", "it would lose the address fe80::", func(t *testing.T, _ netlink.Link) { addressed(t, vethName, "fe80::7/64") }},
		{"route", "mtu=1000", "it would lose the route to 2001:db8:9::/64", func(t *testing.T, lower netlink.Link) {
			_, to, _ := net.ParseCIDR("2001:db8:9::/64")
			if err := netlink.RouteAdd(&netlink.Route{LinkIndex: lower.Attrs().Index, Dst: to, Table: 1234}); err != nil {
				t.Fatal(err)
			}
		}},
		{"macvlan", "mtu=1400", "upper-1, which is built on it, would follow from 1500 and stay there", onMacvlan},
		{"macvlan with a lower MTU", "mtu=1400", "", func(t *testing.T, lower netlink.Link) {
			onMacvlan(t, lower)
			lowered(t, "upper-1", 1400)
		}},
		{"macvlan, raised", "mtu=1501", "", onMacvlan},
		{"port of a bridge with an address", "mtu=1000", "upper-1, which is built on it, would lose the address 2001:db8:1::1", func(t *testing.T, lower netlink.Link) {
			onBridge(t, lower)
			addressed(t, "upper-1", "2001:db8:1::1/64")
		}},
		{"port of a bridge", "mtu=1000", "", onBridge},
		{"port of a bridge with a macvlan", "mtu=1400", "upper-2, which is built on it, would follow", func(t *testing.T, lower netlink.Link) {
			onBridge(t, lower)
			bridge, err := netlink.LinkByName("upper-1")
			if err != nil {
				t.Fatal(err)
			}
			built(t, &netlink.Macvlan{LinkAttrs: netlink.LinkAttrs{Name: "upper-2", ParentIndex: bridge.Attrs().Index, MTU: 1500, TxQLen: -1}, Mode: netlink.MACVLAN_MODE_BRIDGE})
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dev, _ := veth(t)
			up(t, dev)
			if tt.build != nil {
				tt.build(t, linkOf(t, dev))
			}
			before := allMTUs(t)
			full := fullState(t, dev)
			l := lease(t, dev)
			undo, err := l.Apply(mustParse(t, tt.profile))
			if tt.says == "" {
				if err != nil {
					t.Fatal(err)
				}
				if err := errors.Join(undo(), l.Close()); err != nil {
					t.Error(err)
				}
				if after := allMTUs(t); !slices.Equal(after, before) {
					t.Errorf("put back: %v, want %v", after, before)
				}
				return
			}
			defer l.Close()
			e := new(SettingError)
			if !errors.As(err, &e) || !strings.HasPrefix(e.Setting, "mtu=") || !strings.Contains(e.Reason, tt.says) || !strings.Contains(e.Reason, "or --force") || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want a SettingError with %q", err, tt.says)
			}
			if after := fullState(t, dev); len(after.State.differences(full.State)) > 0 || !slices.Equal(after.Addresses, full.Addresses) {
				t.Errorf("it is %+v, want %+v", after, full)
			}
			forced, err := l.device.plan(mustParse(t, tt.profile))
			if err != nil {
				t.Fatal(err)
			}
			l.force = true
			if err := l.guard(forced); err != nil {
				t.Errorf("with force: %v", err)
			}
		})
	}
}

// TestMTUTakesAddresses holds the kernel to what the guard rests on.
func TestMTUTakesAddresses(t *testing.T) {
	dev, _ := veth(t)
	up(t, dev)
	addressed(t, vethName, "2001:db8:1::1/64")
	for _, mtu := range []int{1279, 1500} {
		if err := dev.SetMTU(mtu); err != nil {
			t.Fatal(err)
		}
		if has, err := dev.ipv6Of(linkOf(t, dev)); has != "" || err != nil {
			t.Errorf("at %d: %s, %v; want none", mtu, has, err)
		}
	}
	onMacvlan(t, linkOf(t, dev))
	for _, mtu := range []int{1400, 1500} {
		if err := dev.SetMTU(mtu); err != nil {
			t.Fatal(err)
		}
	}
	if upper, err := netlink.LinkByName("upper-1"); err != nil || upper.Attrs().MTU != 1400 {
		t.Errorf("what is built on it: %+v, %v; want an MTU of 1400", upper, err)
	}
}

func allMTUs(t *testing.T) []int {
	t.Helper()
	links, err := netlink.LinkList()
	if err != nil {
		t.Fatal(err)
	}
	var mtus []int
	for _, l := range links {
		mtus = append(mtus, l.Attrs().MTU)
	}
	return mtus
}

// addressed gives a device an address, until it is deleted.
func addressed(t *testing.T, name, address string) {
	t.Helper()
	link, err := netlink.LinkByName(name)
	if err != nil {
		t.Fatal(err)
	}
	setUp(t, name)
	ip, subnet, err := net.ParseCIDR(address)
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.AddrAdd(link, &netlink.Addr{IPNet: &net.IPNet{IP: ip, Mask: subnet.Mask}, Flags: unix.IFA_F_NODAD}); err != nil {
		t.Fatal(err)
	}
}

func onMacvlan(t *testing.T, lower netlink.Link) {
	t.Helper()
	built(t, &netlink.Macvlan{LinkAttrs: netlink.LinkAttrs{Name: "upper-1", ParentIndex: lower.Attrs().Index, TxQLen: -1}, Mode: netlink.MACVLAN_MODE_BRIDGE})
}

func onBridge(t *testing.T, lower netlink.Link) {
	t.Helper()
	bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "upper-1", TxQLen: -1}}
	built(t, bridge)
	if err := netlink.LinkSetMaster(lower, bridge); err != nil {
		t.Fatal(err)
	}
}

func lowered(t *testing.T, name string, mtu int) {
	t.Helper()
	link, err := netlink.LinkByName(name)
	if err == nil {
		err = netlink.LinkSetMTU(link, mtu)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// built adds a link until the test ends.
func built(t *testing.T, link netlink.Link) {
	t.Helper()
	err := netlink.LinkAdd(link)
	if errors.Is(err, unix.EOPNOTSUPP) {
		t.Skipf("this kernel hasn't %s", link.Type())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := netlink.LinkDel(link); err != nil && !errors.Is(err, unix.ENODEV) && !errors.As(err, new(netlink.LinkNotFoundError)) {
			t.Error(err)
		}
	})
}
