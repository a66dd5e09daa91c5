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
	before, err := d.State()
	if err != nil {
		return nil, err
	}
	undo = func() error { return d.Restore(before) }
	if err := d.set(p); err != nil {
		if undoErr := undo(); undoErr != nil {
			err = fmt.Errorf("%w; and then: %w", err, undoErr)
		}
		return nil, err
	}
	return undo, nil
}

// set checks, writes and reads back; it may leave half of it done.
func (d *Device) set(p Profile) error {
	features, numbers := map[string]bool{}, map[string]int64{}
	for _, s := range p.Settings() {
		if numberedIndex(s.Name) < 0 {
			features[s.Name] = s.Value == "on"
			continue
		}
		n, err := strconv.ParseInt(s.Value, 10, 64)
		if err != nil {
			return &SettingError{Device: d.name, Setting: s.String(), Reason: "not a decimal number", Err: err}
		}
		numbers[s.Name] = n
	}
	for _, step := range []func() error{
		func() error { return d.checkFeatures(features) },
		func() error { return d.checkNumbers(numbers) },
		func() error { return d.setFeatures(features) },
		func() error { return d.setNumbers(numbers) },
		func() error { return d.verifyFeatures(features) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
