package nic

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// guarded asks of a device by its name.
func guarded(t *testing.T, name string) error {
	t.Helper()
	dev, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	return dev.Guarded()
}

// routed gives a device an address and a route by it, until it is deleted.
func routed(t *testing.T, name, address, destination string, table int) {
	t.Helper()
	addressed(t, name, address)
	link, err := netlink.LinkByName(name)
	if err != nil {
		t.Fatal(err)
	}
	_, to, err := net.ParseCIDR(destination)
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.RouteAdd(&netlink.Route{LinkIndex: link.Attrs().Index, Dst: to, Table: table}); err != nil {
		t.Fatal(err)
	}
}

// TestGuardedRoutes has default routes of either family, in whatever table, and
// one that is none.
func TestGuardedRoutes(t *testing.T) {
	for _, tt := range []struct {
		name, address, destination string
		table                      int
		says                       string // "" for not guarded
	}{
		{"IPv4", "192.0.2.1/24", "0.0.0.0/0", unix.RT_TABLE_MAIN, "it carries the IPv4 default route"},
		{"IPv4 of another table", "192.0.2.1/24", "0.0.0.0/0", 1234, "it carries the IPv4 default route"},
		{"IPv6", "2001:db8::1/64", "::/0", unix.RT_TABLE_MAIN, "it carries the IPv6 default route"},
		{"half of IPv4", "192.0.2.1/24", "0.0.0.0/1", unix.RT_TABLE_MAIN, "it carries the route to 0.0.0.0/1, a part of a default one"},
		{"the other half", "192.0.2.1/24", "128.0.0.0/1", 1234, "it carries the route to 128.0.0.0/1, a part of a default one"},
		{"half of IPv6", "2001:db8::1/64", "::/1", unix.RT_TABLE_MAIN, "it carries the route to ::/1, a part of a default one"},
		{"the other half of that", "2001:db8::1/64", "8000::/1", unix.RT_TABLE_MAIN, "it carries the route to 8000::/1, a part of a default one"},
		{"what is assigned of IPv6", "2001:db8::1/64", "2000::/3", unix.RT_TABLE_MAIN, "it carries the route to 2000::/3, a part of a default one"},
		{"a network's", "192.0.2.1/24", "198.51.100.0/24", unix.RT_TABLE_MAIN, ""},
		{"a large network's", "192.0.2.1/24", "64.0.0.0/2", unix.RT_TABLE_MAIN, ""},
		{"a large network's of IPv6", "2001:db8::1/64", "2000::/4", unix.RT_TABLE_MAIN, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dev, peer := veth(t)
			up(t, dev)
			routed(t, dev.Name(), tt.address, tt.destination, tt.table)
			err := dev.Guarded()
			if e := new(GuardError); tt.says == "" && err != nil || tt.says != "" && (!errors.As(err, &e) || e.Reason != tt.says || e.Device != dev.Name()) {
				t.Errorf("got %v, want %q", err, tt.says)
			}
			// What the peer does to the link, the route suffers too.
			if err := guarded(t, peer); (tt.says == "") != (err == nil) {
				t.Errorf("the peer: %v", err)
			}
			if err := guarded(t, "lo"); err != nil {
				t.Errorf("lo: %v", err)
			}
		})
	}
}

// TestGuardedKin has the default route on a device that is built on others, and on
// one that others are built on.
func TestGuardedKin(t *testing.T) {
	for _, tt := range []struct {
		kind  string
		build func(lower netlink.Link) error // upper-1 on lower, and for a child upper-2
	}{
		{"bridge", func(lower netlink.Link) error {
			bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "upper-1"}}
			if err := netlink.LinkAdd(bridge); err != nil {
				return err
			}
			return netlink.LinkSetMaster(lower, bridge)
		}},
		{"macvlan", func(lower netlink.Link) error {
			return each("upper-1", "upper-2", func(attrs netlink.LinkAttrs) netlink.Link {
				attrs.ParentIndex = lower.Attrs().Index
				return &netlink.Macvlan{LinkAttrs: attrs, Mode: netlink.MACVLAN_MODE_BRIDGE}
			})
		}},
		{"vlan", func(lower netlink.Link) error {
			id := 0
			return each("upper-1", "upper-2", func(attrs netlink.LinkAttrs) netlink.Link {
				attrs.ParentIndex, id = lower.Attrs().Index, id+1
				return &netlink.Vlan{LinkAttrs: attrs, VlanId: id}
			})
		}},
	} {
		for _, routeOn := range []string{"upper-1", vethName} {
			dev, _ := veth(t)
			err := tt.build(linkOf(t, dev))
			if errors.Is(err, unix.EOPNOTSUPP) {
				t.Logf("not tested with %s: this kernel hasn't it", tt.kind)
				remove(t, dev)
				break
			}
			if err != nil {
				t.Fatal(tt.kind, err)
			}
			up(t, dev)
			routed(t, routeOn, "192.0.2.1/24", "0.0.0.0/0", unix.RT_TABLE_MAIN)
			for _, name := range []string{vethName, "upper-1"} {
				e := new(GuardError)
				if err := guarded(t, name); !errors.As(err, &e) || name != routeOn && !strings.Contains(e.Reason, routeOn+", which depends on it or it on that") {
					t.Errorf("%s, the route on %s: %s is %v, want a GuardError", tt.kind, routeOn, name, err)
				}
			}
			if tt.kind != "bridge" && routeOn == "upper-1" {
				if err := guarded(t, "upper-2"); err != nil {
					t.Errorf("%s: a sibling is %v", tt.kind, err)
				}
			}
			for _, name := range []string{"upper-1", "upper-2"} {
				if link, err := netlink.LinkByName(name); err == nil {
					if err := netlink.LinkDel(link); err != nil {
						t.Error(err)
					}
				}
			}
			remove(t, dev)
		}
	}
}

// each adds a link under each of two names.
func each(first, second string, link func(netlink.LinkAttrs) netlink.Link) error {
	for _, name := range []string{first, second} {
		attrs := netlink.NewLinkAttrs()
		attrs.Name = name
		if err := netlink.LinkAdd(link(attrs)); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes the pair before the test's end.
func remove(t *testing.T, dev *Device) {
	t.Helper()
	if err := netlink.LinkDel(linkOf(t, dev)); err != nil {
		t.Fatal(err)
	}
}

// TestLeaseGuarded holds that a guarded device is changed with Force alone, and
// that a lease which changes nothing is none of the guard's business.
func TestLeaseGuarded(t *testing.T) {
	dev, _ := veth(t)
	up(t, dev)
	routed(t, dev.Name(), "192.0.2.1/24", "0.0.0.0/0", unix.RT_TABLE_MAIN)
	l := lease(t, dev)
	if _, err := l.Apply(Profile{}); err != nil {
		t.Error("the default profile:", err)
	}
	_, err := l.Apply(mustParse(t, "txqueuelen=5"))
	if !errors.As(err, new(*GuardError)) || !strings.Contains(err.Error(), "--force") {
		t.Errorf("without force: %v, want a GuardError", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	forced, err := dev.Lease(LeaseOptions{Force: true, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := forced.Apply(mustParse(t, "txqueuelen=5")); err != nil {
		t.Error("with force:", err)
	}
	if err := forced.Close(); err != nil {
		t.Error(err)
	}
}

// TestSSHRoutes has SSH connections whose client is reached by the device, or
// whose server's address is the device's.
func TestSSHRoutes(t *testing.T) {
	dev, _ := veth(t)
	up(t, dev)
	routed(t, dev.Name(), "192.0.2.1/24", "198.51.100.0/24", unix.RT_TABLE_MAIN)
	for _, tt := range []struct {
		connection string
		here       bool
	}{
		{"198.51.100.7 50000 203.0.113.9 22", true},    // by the route to the client
		{"203.0.113.7 50000 192.0.2.1 22", true},       // by the server's address
		{"203.0.113.7 50000 203.0.113.9 22", false},    // came by another namespace
		{"fe80::7%eth7 50000 2001:db8:9::9 22", false}, // can't be told
		{"::ffff:198.51.100.7 50000 203.0.113.9 22", true},
		{"127.0.0.1 50000 127.0.0.1 22", false},
	} {
		session, ok := parseSSH(tt.connection)
		if !ok {
			t.Fatalf("%q isn't read", tt.connection)
		}
		found := false
		err := dev.sshRoutes([]sshSession{session}, func(index int, _ string) error {
			found = found || index == dev.index
			return nil
		})
		if err != nil || found != tt.here {
			t.Errorf("%s: by the device %t, %v; want %t", tt.connection, found, err, tt.here)
		}
	}
}
