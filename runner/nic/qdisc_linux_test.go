package nic

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// TestQdisc replaces what is there by each kind, from the kernel's own and from
// those that someone configured, and puts it back to the byte.
func TestQdisc(t *testing.T) {
	fifo := func(limit uint32) []byte { return nl.Uint32Attr(limit) }
	for _, tt := range []struct {
		name string
		had  []Qdisc
	}{
		{"default", nil},
		{"pfifo", []Qdisc{{"pfifo", 0x8001 << 16, rootParent, fifo(33)}}},
		{"bfifo", []Qdisc{{"bfifo", 5 << 16, rootParent, fifo(99999)}}},
		{"pfifo_head_drop", []Qdisc{{"pfifo_head_drop", 5 << 16, rootParent, fifo(12)}}},
		{"pfifo_fast", []Qdisc{{"pfifo_fast", 5 << 16, rootParent, nil}}},
		{"noqueue", []Qdisc{{"noqueue", 5 << 16, rootParent, nil}}},
		{"mq", []Qdisc{{"mq", 5 << 16, rootParent, nil}}},
		{"mq with children", []Qdisc{
			{"mq", 5 << 16, rootParent, nil},
			{"pfifo", 6 << 16, 5<<16 | 1, fifo(3)},
			{"bfifo", 7 << 16, 5<<16 | 2, fifo(4000)},
		}},
		{"fq", []Qdisc{{"fq", 5 << 16, rootParent, nil}}},
	} {
		for _, isUp := range []bool{true, false} {
			dev := vethOf(t, 2)
			if isUp {
				up(t, dev)
			}
			err := dev.restoreQdiscs(nil, tt.had)
			if errors.Is(err, unix.ENOENT) {
				t.Logf("not tested with %s: this kernel hasn't it", tt.name)
				remove(t, dev)
				continue
			}
			if err != nil {
				t.Fatal(tt.name, err)
			}
			before := fullState(t, dev)
			for _, kind := range []string{"pfifo", "bfifo", "pfifo_fast", "noqueue", "mq"} {
				undo, err := dev.Apply(mustParse(t, "qdisc="+kind))
				if err != nil {
					t.Errorf("%s, up %t: %v", tt.name, isUp, err)
					continue
				}
				if now := stateOf(t, dev).Qdiscs; rootKind(now) != kind {
					t.Errorf("%s, up %t: qdisc=%s makes %+v", tt.name, isUp, kind, now)
				}
				if err := undo(); err != nil {
					t.Errorf("%s, up %t: undo of %s: %v", tt.name, isUp, kind, err)
				}
				if diff := cmp.Diff(before, fullState(t, dev)); diff != "" {
					t.Errorf("%s, up %t: undo of %s left (-before +after):\n%s", tt.name, isUp, kind, diff)
				}
			}
			remove(t, dev)
		}
	}
}

// TestQdiscObstacle has qdiscs that couldn't be put back: they are not touched.
func TestQdiscObstacle(t *testing.T) {
	htb := func(dev *Device) error {
		attrs := netlink.QdiscAttrs{LinkIndex: dev.index, Handle: 1 << 16, Parent: netlink.HANDLE_ROOT}
		return netlink.QdiscReplace(netlink.NewHtb(attrs))
	}
	for _, tt := range []struct {
		name, says string
		configure  func(dev *Device) error
	}{
		{"htb", "the present qdisc htb can't be put back: the kernel doesn't tell all that makes it", htb},
		{"tbf", "the present qdisc tbf can't be put back", func(dev *Device) error {
			return netlink.QdiscReplace(&netlink.Tbf{
				QdiscAttrs: netlink.QdiscAttrs{LinkIndex: dev.index, Handle: 1 << 16, Parent: netlink.HANDLE_ROOT},
				Rate:       1 << 20, Limit: 1 << 20, Buffer: 1 << 14,
			})
		}},
		{"a class's", "can't be put back", func(dev *Device) error {
			if err := htb(dev); err != nil {
				return err
			}
			class := netlink.NewHtbClass(netlink.ClassAttrs{LinkIndex: dev.index, Parent: 1 << 16, Handle: 1<<16 | 1}, netlink.HtbClassAttrs{Rate: 1 << 30})
			if err := netlink.ClassAdd(class); err != nil {
				return err
			}
			return dev.newQdisc(Qdisc{"pfifo", 2 << 16, 1<<16 | 1, nil})
		}},
	} {
		dev := vethOf(t, 2)
		up(t, dev)
		err := tt.configure(dev)
		if errors.Is(err, unix.ENOENT) {
			t.Logf("not tested with %s: this kernel hasn't it", tt.name)
			remove(t, dev)
			continue
		}
		if err != nil {
			t.Fatal(tt.name, err)
		}
		before := stateOf(t, dev) // the options of htb have a counter in them
		_, err = dev.Apply(mustParse(t, "mtu=9000,qdisc=pfifo"))
		if e := new(SettingError); !errors.As(err, &e) || e.Setting != "qdisc=pfifo" || !strings.Contains(e.Reason, tt.says) {
			t.Errorf("%s: %v, want a SettingError with %q", tt.name, err, tt.says)
		}
		if diff := cmp.Diff(before, stateOf(t, dev)); diff != "" {
			t.Errorf("%s: the refusal left (-before +after):\n%s", tt.name, diff)
		}
		// All else can be set.
		undo, err := dev.Apply(mustParse(t, "mtu=9000,txqueuelen=3"))
		if err == nil {
			err = undo()
		}
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(before, stateOf(t, dev)); diff != "" {
			t.Errorf("%s: undo left (-before +after):\n%s", tt.name, diff)
		}
		remove(t, dev)
	}
}

func TestQdiscRefused(t *testing.T) {
	for _, tt := range []struct{ kind, says string }{
		{"nonsense", "this kernel has no such qdisc"},
		{"tbf", "needs parameters"},
		{"mq", "needs several sending queues"},
		{"ingress", "can't have it as its root"},
	} {
		dev, _ := veth(t)
		// An address that the kernel makes up comes a while after the carrier.
		if err := netlink.LinkSetIP6AddrGenMode(linkOf(t, dev), nl.IN6_ADDR_GEN_MODE_NONE); err != nil {
			t.Fatal(err)
		}
		up(t, dev)
		before := fullState(t, dev)
		_, err := dev.Apply(mustParse(t, "qdisc="+tt.kind))
		if e := new(SettingError); !errors.As(err, &e) || !strings.Contains(e.Reason, tt.says) || e.Setting != "qdisc="+tt.kind {
			t.Errorf("qdisc=%s: %v, want a SettingError with %q", tt.kind, err, tt.says)
		}
		if diff := cmp.Diff(before, fullState(t, dev)); diff != "" {
			t.Errorf("qdisc=%s left (-before +after):\n%s", tt.kind, diff)
		}
		remove(t, dev)
	}
}

// TestDefaultObstacle has a sysctl that was changed after the device got its
// qdisc.
func TestDefaultObstacle(t *testing.T) {
	root := func(kind string, children ...string) (present []presentQdisc) {
		for _, k := range append([]string{kind}, children...) {
			present = append(present, presentQdisc{Qdisc: Qdisc{Kind: k}})
		}
		return present
	}
	for _, tt := range []struct {
		present []presentQdisc
		kind    string
		refused bool
	}{
		{root("noqueue"), "fq_codel", false},
		{root("pfifo_fast"), "pfifo_fast", false},
		{root("pfifo_fast"), "fq_codel", true},
		{root("mq", "fq_codel", "fq_codel"), "fq_codel", false},
		{root("mq", "pfifo_fast", "pfifo_fast"), "fq_codel", true},
		{root("pfifo_fast"), "", false}, // it can't be known
		{nil, "fq_codel", false},
	} {
		if got := defaultObstacle(tt.present, tt.kind); (got != "") != tt.refused {
			t.Errorf("%+v with %q: %q", tt.present, tt.kind, got)
		}
	}
}
