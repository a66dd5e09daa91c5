package nic

import (
	"fmt"
	"strconv"
)

// Apply gives the device the profile's settings and reads each back. Features
// that a setting takes along (tx-scatter-gather takes TCP and generic
// segmentation with it) are not an error: Describe and Feature show what is in
// effect.
//
// The returned undo puts back every setting as it was before Apply, those taken
// along included; it may be called more than once. On an error nothing stays
// changed and undo is nil. What the device lacks, holds fixed or refuses is a
// *SettingError. Addresses are no settings: see SetMTU for what becomes of them.
func (d *Device) Apply(p Profile) (undo func() error, err error) {
	w, err := d.plan(p)
	if err != nil {
		return nil, err
	}
	before, err := d.State()
	if err != nil {
		return nil, err
	}
	undo = func() error { return d.Restore(before) }
	if err := d.change(w); err != nil {
		if undoErr := undo(); undoErr != nil {
			err = fmt.Errorf("%w; and then: %w", err, undoErr)
		}
		return nil, err
	}
	return undo, nil
}

// wanted is a profile by the calls that set it.
type wanted struct {
	features map[string]bool
	numbers  map[string]int64
	qdisc    string // "" to leave it
}

// plan reads a profile and tells, without changing anything, what the device
// can't have.
func (d *Device) plan(p Profile) (wanted, error) {
	w := wanted{features: map[string]bool{}, numbers: map[string]int64{}}
	for _, s := range p.Settings() {
		switch {
		case s.Name == qdiscSetting:
			w.qdisc = s.Value
		case numberedIndex(s.Name) < 0:
			w.features[s.Name] = s.Value == "on"
		default:
			n, err := strconv.ParseInt(s.Value, 10, 64)
			if err != nil {
				return w, &SettingError{Device: d.name, Setting: s.String(), Reason: "not a decimal number", Err: err}
			}
			w.numbers[s.Name] = n
		}
	}
	if _, err := d.attrs(); err != nil { // also of the default profile
		return w, err
	}
	for _, check := range []func() error{
		func() error { return d.checkFeatures(w.features) },
		func() error { return d.checkNumbers(w.numbers) },
		func() error { return d.checkQdisc(w.qdisc) },
	} {
		if err := check(); err != nil {
			return w, err
		}
	}
	return w, nil
}

// change writes and reads back; it may leave half of it done.
func (d *Device) change(w wanted) error {
	for _, step := range []func() error{
		func() error { return d.setFeatures(w.features) },
		func() error { return d.setNumbers(w.numbers) },
		func() error { return d.setQdisc(w.qdisc) },
		func() error { return d.verifyFeatures(w.features) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
