package nic

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// TestApply sets each profile, sees it in effect, and sees it undone.
func TestApply(t *testing.T) {
	tests := []struct {
		profile  string
		features map[string]bool
		numbers  map[string]int64
	}{
		{"default", map[string]bool{"tx-udp-segmentation": true, "tx-scatter-gather": true}, map[string]int64{"mtu": 1500}},
		{"tx-udp-segmentation=off", map[string]bool{"tx-udp-segmentation": false, "tx-tcp-segmentation": true, "tx-scatter-gather": true}, nil},
		{"tx-scatter-gather=off", map[string]bool{"tx-scatter-gather": false, "tx-tcp-segmentation": false, "tx-generic-segmentation": false}, nil},
		{"tx-checksum-ip-generic=off", map[string]bool{"tx-checksum-ip-generic": false, "tx-tcp-segmentation": false}, nil},
		{"mtu=9000", nil, map[string]int64{"mtu": 9000}},
		{"gso_max_size=16384", nil, map[string]int64{"gso_max_size": 16384}},
		{"gso_max_segs=8,txqueuelen=77", nil, map[string]int64{"gso_max_segs": 8, "txqueuelen": 77}},
		{"mtu=4000,rx-gro=on,tx-udp-segmentation=off", map[string]bool{"rx-gro": true, "tx-udp-segmentation": false}, map[string]int64{"mtu": 4000}},
		{"channels.rx=1,channels.tx=1", nil, map[string]int64{"channels.tx": 1, "channels.rx": 1}},
		{"rx-hashing=off", map[string]bool{"rx-hashing": false}, nil}, // fixed, and as wanted
	}
	for _, tt := range tests {
		t.Run(tt.profile, func(t *testing.T) {
			dev, _ := veth(t)
			for name, on := range tt.features {
				if on {
					skipWithout(t, dev, name)
				}
			}
			skipWithout(t, dev, slices.Collect(maps.Keys(tt.numbers))...)
			before := stateOf(t, dev)
			undo, err := dev.Apply(mustParse(t, tt.profile))
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range tt.features {
				if on, err := dev.Feature(name); err != nil || on != want {
					t.Errorf("%s is %t, %v; want %t", name, on, err, want)
				}
			}
			numbers := stateOf(t, dev).Numbers
			for name, want := range tt.numbers {
				if numbers[name] != want {
					t.Errorf("%s is %d, want %d", name, numbers[name], want)
				}
			}
			for range 2 {
				if err := undo(); err != nil {
					t.Fatal("undo:", err)
				}
				if diff := cmp.Diff(before, stateOf(t, dev)); diff != "" {
					t.Errorf("undo left (-before +after):\n%s", diff)
				}
			}
		})
	}
}

// TestUndoKeepsEarlierChoices has features that were off, and a size that
// another one takes along, before the profile came.
func TestUndoKeepsEarlierChoices(t *testing.T) {
	dev, _ := veth(t)
	if _, ok := stateOf(t, dev).Numbers["gso_ipv4_max_size"]; !ok {
		t.Skip("gso_ipv4_max_size needs kernel 6.3")
	}
	if _, err := dev.Apply(mustParse(t, "tx-tcp-segmentation=off,gso_ipv4_max_size=20000,gso_max_size=30000")); err != nil {
		t.Fatal(err)
	}
	outer := stateOf(t, dev)
	if outer.Wanted["tx-tcp-segmentation"] || outer.Numbers["gso_ipv4_max_size"] != 20000 {
		t.Fatalf("not set up as asked: %+v", outer)
	}
	undoFirst, err := dev.Apply(mustParse(t, "tx-scatter-gather=off,gso_max_size=10000"))
	if err != nil {
		t.Fatal(err)
	}
	if got := stateOf(t, dev).Numbers["gso_ipv4_max_size"]; got != 10000 {
		t.Errorf("gso_max_size=10000 took gso_ipv4_max_size to %d; the kernel is taken to set both", got)
	}
	inner := stateOf(t, dev)
	undoSecond, err := dev.Apply(mustParse(t, "mtu=2000,tx-checksum-ip-generic=off"))
	if err != nil {
		t.Fatal(err)
	}
	if err := undoSecond(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(inner, stateOf(t, dev)); diff != "" {
		t.Errorf("the inner undo left (-before +after):\n%s", diff)
	}
	if err := undoFirst(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(outer, stateOf(t, dev)); diff != "" {
		t.Errorf("the outer undo left (-before +after):\n%s", diff)
	}
}

// TestApplyRefused holds that an error is one line that says what would be
// right, and that nothing stays changed, wherever in the profile it arose.
func TestApplyRefused(t *testing.T) {
	tests := []struct{ profile, setting, says string }{
		{"tx-udp-segmentaton=off", "tx-udp-segmentaton=off", "no such feature here; the nearest are tx-udp-segmentation"},
		{"gso=off", "gso=off", "its full name is tx-generic-segmentation"},
		{"flux-capacitor=on", "flux-capacitor=on", " that there are: tx-scatter-gather, tx-checksum-ip-generic, tx-udp-segmentation, tx-tcp-segmentation, tx-generic-segmentation"},
		{"rx-hashing=on", "rx-hashing=on", "fixed off on this device"},
		{"ring.tx=64", "ring.tx=64", "no such setting, only mtu, gso_max_size"},
		{"coalesce.tx-usecs=8", "coalesce.tx-usecs=8", "no such setting"},
		{"channels.tx=1000000", "channels.tx=1000000", "at most"},
		{"gso_max_size=4000000000", "gso_max_size=4000000000", "at most"},
		{"mtu=70000", "mtu=70000", "out of the device's range"},
		{"mtu=70000,tx-udp-segmentation=off", "mtu=70000", "out of the device's range"}, // features go first
		{"gso_max_segs=8,mtu=9000,channels.rx=0,channels.tx=0", "channels.rx=0,channels.tx=0", "out of the device's range"},
		{"tx-scatter-gather=off,tx-tcp-segmentation=on", "tx-tcp-segmentation=on", "the device kept it off"},
	}
	for _, tt := range tests {
		t.Run(tt.profile, func(t *testing.T) {
			dev, _ := veth(t)
			if name, _, _ := strings.Cut(tt.setting, "="); family(name) == "channels" {
				skipWithout(t, dev, name)
			}
			if name, _, _ := strings.Cut(tt.setting, "="); tt.says == "at most" && knob(t, dev, name).Most == nil {
				t.Skipf("this kernel doesn't tell the bound of %s", name)
			}
			before := stateOf(t, dev)
			undo, err := dev.Apply(mustParse(t, tt.profile))
			e := new(SettingError)
			if !errors.As(err, &e) || undo != nil {
				t.Fatalf("got undo %t, %v; want a SettingError", undo != nil, err)
			}
			if e.Device != dev.Name() || e.Setting != tt.setting || !strings.Contains(e.Reason, tt.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %+v, want setting %s and %q in one line", *e, tt.setting, tt.says)
			}
			if diff := cmp.Diff(before, stateOf(t, dev)); diff != "" {
				t.Errorf("the refusal left (-before +after):\n%s", diff)
			}
		})
	}
}

// TestApplyWithoutPermission drops CAP_NET_ADMIN in the middle of a device's
// use.
func TestApplyWithoutPermission(t *testing.T) {
	dev, _ := veth(t)
	before := stateOf(t, dev)
	for _, profile := range []string{"mtu=9000", "tx-udp-segmentation=off"} {
		err := onLostThread(func() error {
			header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
			var none [2]unix.CapUserData // the header's version takes two
			if err := unix.Capset(&header, &none[0]); err != nil {
				return err
			}
			_, err := dev.Apply(mustParse(t, profile))
			return err
		})
		if !errors.Is(err, unix.EPERM) || !strings.Contains(err.Error(), "CAP_NET_ADMIN") {
			t.Errorf("%s without capabilities: %v, want EPERM and the capability's name", profile, err)
		}
	}
	if diff := cmp.Diff(before, stateOf(t, dev)); diff != "" {
		t.Errorf("left (-before +after):\n%s", diff)
	}
}

// TestRestoreFromText writes a state out and has another handle put it back, as
// after a crash.
func TestRestoreFromText(t *testing.T) {
	dev, _ := veth(t)
	before := stateOf(t, dev)
	text, err := json.Marshal(before)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dev.Apply(mustParse(t, "gso_max_size=9999,mtu=3000,tx-scatter-gather=off,txqueuelen=5")); err != nil {
		t.Fatal(err)
	}
	later, err := Open(dev.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer later.Close()
	var read State
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	if err := later.Restore(read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, stateOf(t, later)); diff != "" {
		t.Errorf("restored (-before +after):\n%s", diff)
	}
}

// TestRestoreTellsWhatItCannot asks for a state that the device can't have; the
// rest is put back all the same.
func TestRestoreTellsWhatItCannot(t *testing.T) {
	dev, _ := veth(t)
	impossible := stateOf(t, dev)
	impossible.Numbers = maps.Clone(impossible.Numbers)
	impossible.Numbers["mtu"] = 70000
	impossible.Numbers["txqueuelen"] = 55
	err := dev.Restore(impossible)
	if err == nil || !strings.Contains(err.Error(), "could not be put back: mtu=70000") || !errors.Is(err, unix.EINVAL) {
		t.Errorf("got %v, want the MTU named and EINVAL", err)
	}
	if got := stateOf(t, dev).Numbers["txqueuelen"]; got != 55 {
		t.Errorf("txqueuelen is %d, want 55 in spite of the MTU", got)
	}
}

func stateOf(t *testing.T, dev *Device) State {
	t.Helper()
	s, err := dev.State()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
