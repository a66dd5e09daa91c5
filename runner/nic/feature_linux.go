package nic

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/safchain/ethtool"
)

// Feature says whether an ethtool feature is active now, whoever turned it on
// or took it along. A name that the kernel doesn't know is a *SettingError.
func (d *Device) Feature(name string) (active bool, err error) {
	features, err := d.features()
	if err != nil {
		return false, err
	}
	f, ok := features[name]
	if !ok {
		return false, d.unknownFeature(name, name, features)
	}
	return f.Active, nil
}

// features reads the state of each feature that this kernel knows, by name
// (ETHTOOL_GFEATURES, net/ethtool/ioctl.c).
func (d *Device) features() (map[string]ethtool.FeatureState, error) {
	if _, err := d.attrs(); err != nil {
		return nil, err
	}
	features, err := d.tool.FeaturesWithState(d.name)
	if err != nil {
		return nil, fmt.Errorf("nic: read the features of %s: %w", d.name, os.NewSyscallError("ioctl", err))
	}
	return features, nil
}

// fixed is ethtool -k's rule for "[fixed]".
func fixed(f ethtool.FeatureState) bool { return !f.Available || f.NeverChanged }

// setFeatures asks for features in one call, so that none depends on the order.
// The kernel answers 0 even where it grants less (netdev_fix_features,
// net/core/dev.c): verifyFeatures tells.
func (d *Device) setFeatures(wanted map[string]bool) error {
	if len(wanted) == 0 {
		return nil
	}
	if err := d.tool.Change(d.name, wanted); err != nil {
		err = os.NewSyscallError("ioctl", err)
		return &SettingError{Device: d.name, Setting: featureWords(wanted), Reason: refusal(err), Err: err}
	}
	return nil
}

// checkFeatures tells without changing anything what the device can't have. A
// fixed feature that is as wanted is no error.
func (d *Device) checkFeatures(wanted map[string]bool) error {
	return d.eachWanted(wanted, func(features map[string]ethtool.FeatureState, name string) error {
		f, ok := features[name]
		if !ok {
			return d.unknownFeature(featureWord(name, wanted[name]), name, features)
		}
		if fixed(f) && f.Active != wanted[name] {
			return &SettingError{Device: d.name, Setting: featureWord(name, wanted[name]),
				Reason: fmt.Sprintf("it is fixed %s on this device: leave it out", onOff(f.Active))}
		}
		return nil
	})
}

// verifyFeatures tells what the device has not become.
func (d *Device) verifyFeatures(wanted map[string]bool) error {
	return d.eachWanted(wanted, func(features map[string]ethtool.FeatureState, name string) error {
		if active := features[name].Active; active != wanted[name] {
			return &SettingError{Device: d.name, Setting: featureWord(name, wanted[name]),
				Reason: fmt.Sprintf("the device kept it %s: leave it out, or turn on what it depends on (tx-scatter-gather, tx-checksum-*)", onOff(active))}
		}
		return nil
	})
}

// eachWanted reads the device's features and looks at those wanted in the order
// of their names, up to the first that is refused.
func (d *Device) eachWanted(wanted map[string]bool, look func(features map[string]ethtool.FeatureState, name string) error) error {
	if len(wanted) == 0 {
		return nil
	}
	features, err := d.features()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if err := look(features, name); err != nil {
			return err
		}
	}
	return nil
}

// unknownFeature explains why a setting, a feature's name alone where it is
// asked for, has a name that the kernel doesn't know.
func (d *Device) unknownFeature(setting, name string, features map[string]ethtool.FeatureState) error {
	return &SettingError{Device: d.name, Setting: setting,
		Reason: "no such feature here; " + nearest(name, slices.Sorted(maps.Keys(features)))}
}

func featureWord(name string, on bool) string { return Setting{name, onOff(on)}.String() }

func featureWords(wanted map[string]bool) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		words = append(words, featureWord(name, wanted[name]))
	}
	return strings.Join(words, ",")
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
