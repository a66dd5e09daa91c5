package nic

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// TestWatchAfter: a link is watched where a driver may reset its hardware.
func TestWatchAfter(t *testing.T) {
	for _, test := range []struct {
		driver, profile string
		watched         bool
	}{
		{"ixgbe", "default", false},
		{"ixgbe", "mtu=9000", true},
		{"ixgbe", "ring.tx=512", true},
		{"virtio_net", "channels.combined=2", true},
		{"ixgbe", "coalesce.tx-usecs=10", true},
		{"ixgbe", "tx-udp-segmentation=off", true},
		{"ixgbe", "txqueuelen=7,gso_max_size=16384,gso_max_segs=8,qdisc=pfifo", false},
		{"ixgbe", "txqueuelen=7,mtu=9000", true},
		{"veth", "mtu=9000,tx-scatter-gather=off", false},
		{"dummy", "mtu=9000", false},
		{"", "mtu=9000", false}, // lo
	} {
		if got := watchAfter(test.driver, mustParse(t, test.profile)); (got > 0) != test.watched {
			t.Errorf("%q, %s: watched for %v, want that to be %t", test.driver, test.profile, got, test.watched)
		}
	}
}

// TestAwaitLink waits for the link of a device that was put back.
func TestAwaitLink(t *testing.T) {
	dev, peer := veth(t)
	if err := dev.awaitLink(time.Hour); err != nil {
		t.Errorf("a device that is down: %v", err)
	}
	setUp(t, dev.Name())
	if err := dev.awaitLink(10 * time.Millisecond); !errors.Is(err, ErrNoLink) || strings.Contains(err.Error(), "\n") {
		t.Errorf("the far end is down: %v, want one line with ErrNoLink", err)
	}
	setUp(t, peer)
	if err := dev.awaitLink(carrierPatience); err != nil {
		t.Errorf("both ends are up: %v", err)
	}
}

// TestLeaseCarrier takes the link away with a change: one that comes back is
// waited for, one that doesn't makes the change go.
func TestLeaseCarrier(t *testing.T) {
	peerLink := func(t *testing.T) netlink.Link {
		peer, err := netlink.LinkByName(peerName)
		if err != nil {
			t.Fatal(err)
		}
		return peer
	}
	profile := "mtu=1400"
	t.Run("comes back", func(t *testing.T) {
		dev, _ := veth(t)
		up(t, dev)
		l := lease(t, dev)
		peer := peerLink(t)
		back := make(chan error, 1)
		undo, err := l.apply(mustParse(t, profile), func(w wanted) error {
			if err := errors.Join(dev.change(w), netlink.LinkSetDown(peer)); err != nil {
				return err
			}
			go func() { back <- netlink.LinkSetUp(peer) }()
			return nil
		})
		if err := errors.Join(err, <-back); err != nil {
			t.Fatal(err)
		}
		if has, err := dev.carrier(); err != nil || has != unix.IFF_LOWER_UP|unix.IFF_RUNNING {
			t.Errorf("applied while the link was away: %x, %v", has, err)
		}
		if err := errors.Join(undo(), l.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Run("stays away", func(t *testing.T) {
		dev, _ := veth(t)
		up(t, dev)
		before := stateOf(t, dev)
		l := lease(t, dev)
		l.patience = 50 * time.Millisecond
		undo, err := l.apply(mustParse(t, profile), func(w wanted) error {
			return errors.Join(dev.change(w), netlink.LinkSetDown(peerLink(t)))
		})
		if e := new(SettingError); !errors.As(err, &e) || undo != nil || e.Setting != profile || !strings.Contains(e.Reason, "did not come back") {
			t.Errorf("got undo %t, %v; want a SettingError about the link", undo != nil, err)
		}
		if diff := cmp.Diff(before, stateOf(t, dev)); diff != "" {
			t.Errorf("left (-before +after):\n%s", diff)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Run("goes late", func(t *testing.T) {
		dev, _ := veth(t)
		up(t, dev)
		before := stateOf(t, dev)
		l := lease(t, dev)
		l.patience = 50 * time.Millisecond
		l.watch = func(string, Profile) time.Duration { return time.Hour } // it ends with the link
		peer := peerLink(t)
		away := make(chan error, 1)
		undo, err := l.apply(mustParse(t, profile), func(w wanted) error {
			if err := dev.change(w); err != nil {
				return err
			}
			go func() { away <- netlink.LinkSetDown(peer) }()
			return nil
		})
		if e := new(SettingError); !errors.As(err, &e) || undo != nil || !strings.Contains(e.Reason, "did not come back") {
			t.Errorf("got undo %t, %v; want a SettingError about the link", undo != nil, err)
		}
		if diff := cmp.Diff(before, stateOf(t, dev)); diff != "" {
			t.Errorf("left (-before +after):\n%s", diff)
		}
		if err := errors.Join(<-away, l.Close()); err != nil {
			t.Error(err)
		}
	})
	// A wait that is ended, with a link that is there or away, leaves the device as
	// it was.
	for name, change := range map[string]func(netlink.Link) error{
		"ended while it is watched":    func(netlink.Link) error { return nil },
		"ended while it is waited for": netlink.LinkSetDown,
	} {
		t.Run(name, func(t *testing.T) {
			dev, _ := veth(t)
			up(t, dev)
			before := stateOf(t, dev)
			ended := make(chan struct{})
			l, err := dev.Lease(LeaseOptions{Dir: t.TempDir(), Ended: ended})
			if err != nil {
				t.Fatal(err)
			}
			l.patience, l.watch = time.Hour, func(string, Profile) time.Duration { return time.Hour }
			peer := peerLink(t)
			undo, err := l.apply(mustParse(t, profile), func(w wanted) error {
				if err := errors.Join(dev.change(w), change(peer)); err != nil {
					return err
				}
				go close(ended)
				return nil
			})
			if !errors.Is(err, errWaitEnded) || undo != nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("got undo %t, %v; want one line with %v", undo != nil, err, errWaitEnded)
			}
			if diff := cmp.Diff(before, stateOf(t, dev)); diff != "" {
				t.Errorf("left (-before +after):\n%s", diff)
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("never had one", func(t *testing.T) {
		dev, _ := veth(t) // down
		l := lease(t, dev)
		if _, err := l.Apply(mustParse(t, profile)); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}
