package nic

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// State is every setting of a device that can be changed: what Restore needs to
// put the device back. It is plain data, so that it can be written to disk
// before a change and outlive the process.
type State struct {
	Device string `json:"device"`
	// Wanted holds the features that can be changed, as asked for. A feature
	// that another one takes along stays wanted and comes back with it.
	Wanted map[string]bool `json:"wanted"`
	// Active holds the same features as they are in effect.
	Active  map[string]bool  `json:"active"`
	Numbers map[string]int64 `json:"numbers"` // by the names of NumberedSettings
	// Qdiscs are those that someone configured, root first, or the root alone
	// where it is the kernel's own. Empty where the device is down.
	Qdiscs []Qdisc `json:"qdiscs,omitempty"`
}

// State reads the device's settings.
func (d *Device) State() (State, error) {
	features, err := d.features()
	if err != nil {
		return State{}, err
	}
	numbers, err := d.numbers()
	if err != nil {
		return State{}, err
	}
	qdiscs, err := d.qdiscs()
	if err != nil {
		return State{}, err
	}
	s := State{d.name, map[string]bool{}, map[string]bool{}, map[string]int64{}, qdiscState(qdiscs)}
	for name, f := range features {
		if !fixed(f) {
			s.Wanted[name], s.Active[name] = f.Requested, f.Active
		}
	}
	for name, n := range numbers {
		s.Numbers[name] = n.value
	}
	return s, nil
}

// restorePasses bounds Restore: a setting that takes another along is put right
// by the next pass.
const restorePasses = 3

// Restore puts the device back to a state that was read from it, touching only
// what differs, and reads it back. It goes on after a setting that the device
// refuses; the error names what is not as it was. Restoring twice is no harm.
func (d *Device) Restore(was State) error {
	var refused error
	for pass := 0; ; pass++ {
		now, err := d.State()
		if err != nil {
			return err
		}
		diff := now.differences(was)
		if len(diff) == 0 {
			return nil
		}
		if pass == restorePasses {
			err := fmt.Errorf("nic: %s could not be put back: %s", d.name, strings.Join(diff, ", "))
			if refused != nil {
				err = fmt.Errorf("%w: %w", err, refused)
			}
			return err
		}
		refused = d.restoreOnce(now, was)
	}
}

// restoreOnce writes what differs and returns the first refusal.
func (d *Device) restoreOnce(now, was State) error {
	numbers, features := map[string]int64{}, map[string]bool{}
	for name, value := range was.Numbers {
		if now.Numbers[name] != value {
			numbers[name] = value
		}
	}
	for name, on := range was.Wanted {
		if now.Wanted[name] != on {
			features[name] = on
		}
	}
	return cmp.Or(d.writeNumbers(numbers), d.setFeatures(features), d.restoreQdiscs(now.Qdiscs, was.Qdiscs))
}

// differences names the settings of was that are not so in s.
func (s State) differences(was State) []string {
	var diff []string
	for name, on := range was.Wanted {
		if s.Wanted[name] != on || s.Active[name] != was.Active[name] {
			diff = append(diff, featureWord(name, was.Active[name]))
		}
	}
	for name, value := range was.Numbers {
		if s.Numbers[name] != value {
			diff = append(diff, numberWord(name, value))
		}
	}
	if !sameQdiscs(s.Qdiscs, was.Qdiscs) {
		diff = append(diff, qdiscWord(rootKind(was.Qdiscs)))
	}
	slices.Sort(diff)
	return diff
}
