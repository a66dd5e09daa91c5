//go:build linux

// Package settings tries every setting of a network device that sendbench nic show
// lists: each is changed, read back and undone. It is tests alone, which run in a
// virtual machine: what they do to a device may cut it off.
package settings

import (
	"encoding/json"
	"errors"
	"flag"
	"slices"
	"strconv"
	"testing"

	"sendbench/runner/nic"
)

var device = flag.String("device", "", "`NAME` of the network device whose settings to change")

func TestSettings(t *testing.T) {
	if *device == "" {
		t.Skip("no device to change: -device names one")
	}
	d, err := nic.Open(*device)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	before := state(t, d)
	for _, k := range show(t, d) {
		t.Run(k.Name, func(t *testing.T) {
			if k.Fixed {
				t.Skip("fixed at", k.Value)
			}
			change(t, d, k)
		})
	}
	if after := state(t, d); after != before {
		t.Errorf("the device isn't as it was:\n%s\nbefore:\n%s", after, before)
	}
}

// change gives a setting another value that the driver takes.
func change(t *testing.T, d *nic.Device, k nic.Knob) {
	lease, err := d.Lease(nic.LeaseOptions{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := lease.Close(); err != nil {
			t.Error(err)
		}
	}()
	var refused error
	for _, value := range others(k) {
		p, err := nic.ParseProfile(k.Name + "=" + value)
		if err != nil {
			t.Fatal(err)
		}
		before := state(t, d)
		undo, err := lease.Apply(p)
		if after := state(t, d); err != nil && after != before {
			t.Fatalf("%s is refused, %v, and the device isn't as it was:\n%s\nbefore:\n%s", p, err, after, before)
		}
		var setting *nic.SettingError
		if errors.As(err, &setting) {
			refused = errors.Join(refused, err)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if now := find(show(t, d), k.Name); now.Value != value {
			t.Errorf("%s is set and %s is read back", p, now.Value)
		}
		if err := undo(); err != nil {
			t.Fatal(err)
		}
		if after := state(t, d); after != before {
			t.Fatalf("after %s the device isn't as it was:\n%s\nbefore:\n%s", p, after, before)
		}
		return
	}
	t.Skipf("every other value is refused: %v", refused)
}

// others are values to try, other than the present one.
func others(k nic.Knob) []string {
	list := slices.Clone(k.Choices)
	if n, err := strconv.ParseInt(k.Value, 10, 64); err == nil && list == nil {
		numbers := []int64{n * 7 / 8, 64}
		for _, bound := range []*int64{k.Least, k.Most} {
			if bound != nil {
				numbers = append(numbers, *bound)
			}
		}
		for _, n := range numbers {
			if k.Least != nil && n >= *k.Least && (k.Most == nil || n <= *k.Most) {
				list = append(list, strconv.FormatInt(n, 10))
			}
		}
	}
	if k.Name == "qdisc" {
		list = []string{"pfifo", "pfifo_fast"}
	}
	return slices.DeleteFunc(list, func(v string) bool { return v == k.Value })
}

func show(t *testing.T, d *nic.Device) []nic.Knob {
	t.Helper()
	o, err := d.Show()
	if err != nil {
		t.Fatal(err)
	}
	return o.Settings
}

func find(list []nic.Knob, name string) nic.Knob {
	return list[slices.IndexFunc(list, func(k nic.Knob) bool { return k.Name == name })]
}

// state is all that Restore would put back, as text.
func state(t *testing.T, d *nic.Device) string {
	t.Helper()
	s, err := d.State()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
