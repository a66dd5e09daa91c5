package nic

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestShow(t *testing.T) {
	dev := vethOf(t, 2)
	skipWithout(t, dev, "channels.tx")
	up(t, dev)
	o, err := dev.Show()
	if err != nil {
		t.Fatal(err)
	}
	if o.Device != vethName || o.Driver != "veth" || !o.Carrier || o.Guarded != "" {
		t.Errorf("shown as %s, driver %s, carrier %t, guarded %q", o.Device, o.Driver, o.Carrier, o.Guarded)
	}
	for _, want := range []Knob{
		{Name: "mtu", Value: "1500", Least: new(int64(68)), Most: new(int64(65535)), Note: "below 1280 the device loses its IPv6 addresses"},
		{Name: "txqueuelen", Value: "1000", Least: new(int64(0))},
		{Name: "gso_max_segs", Value: "65535", Least: new(int64(1)), Most: new(int64(65535))},
		{Name: "channels.tx", Value: "2", Least: new(int64(0)), Most: new(int64(2))},
		{Name: "tx-vlan-hw-insert", Value: "on", Choices: []string{"off", "on"}},
		{Name: "rx-hashing", Value: "off", Fixed: true},
	} {
		i := slices.IndexFunc(o.Settings, func(k Knob) bool { return k.Name == want.Name })
		if i < 0 {
			t.Errorf("%s is missing", want.Name)
			continue
		}
		if diff := cmp.Diff(want, o.Settings[i]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want.Name, diff)
		}
	}
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	var read Overview
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(o, read); diff != "" {
		t.Errorf("read back from JSON (-wrote +read):\n%s", diff)
	}
}

// TestShowTakes holds what is said of features that go along to what this kernel
// does.
func TestShowTakes(t *testing.T) {
	dev, _ := veth(t)
	o, err := dev.Show()
	if err != nil {
		t.Fatal(err)
	}
	was := stateOf(t, dev).Active
	tried := 0
	for _, k := range o.Settings {
		if len(k.Choices) == 0 || k.Value != "on" {
			continue
		}
		undo, err := dev.Apply(mustParse(t, k.Name+"=off"))
		if err != nil {
			t.Error(err)
			continue
		}
		var taken []string
		for name, on := range stateOf(t, dev).Active {
			if was[name] && !on && name != k.Name {
				taken = append(taken, name)
			}
		}
		slices.Sort(taken)
		said := k.Takes
		if k.Name == "tx-checksum-ip-generic" && !slices.Contains(taken, "tx-udp-segmentation") {
			t.Log("UDP segmentation stays on without checksums, as before Linux 6.11")
			said = slices.DeleteFunc(slices.Clone(said), func(name string) bool { return name == "tx-udp-segmentation" })
		}
		if !slices.Equal(taken, said) {
			t.Errorf("%s takes along %v, and is said to take %v", k.Name, taken, said)
		}
		if err := undo(); err != nil {
			t.Fatal(err)
		}
		tried++
	}
	if tried < 10 {
		t.Errorf("only %d features were tried", tried)
	}
}

// TestShowWaiting has a feature that is asked for and can't be.
func TestShowWaiting(t *testing.T) {
	dev, _ := veth(t)
	if _, err := dev.Apply(mustParse(t, "tx-scatter-gather=off")); err != nil {
		t.Fatal(err)
	}
	o, err := dev.Show()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range o.Settings {
		if k.Name == "tx-tcp-segmentation" && (k.Value != "off" || k.Note == "" || k.Fixed) {
			t.Errorf("without scatter-gather it is %+v", k)
		}
	}
}

func TestDevices(t *testing.T) {
	veth(t)
	names, err := Devices()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"lo", vethName, peerName} {
		if !slices.Contains(names, want) {
			t.Errorf("%v lacks %s", names, want)
		}
	}
}
