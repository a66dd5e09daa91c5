// Package nic reads, applies and puts back the settings of a Linux network
// device: its ethtool features, rings, channels and interrupt coalescing, what
// ip-link(8) sets, and the kind of its root qdisc. It imports no other package of
// this module.
//
// A Profile is portable text; a Device exists on Linux alone. Device.Apply is for
// devices that are the process's own. One that was there before and stays after
// it is changed through a Lease, which keeps a journal on disk of how the device
// was.
package nic

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Default is the text of the profile that changes nothing.
const Default = "default"

// Profile is a set of device settings. Profiles with the same settings are
// equal under ==; the zero Profile is the default one and changes nothing.
type Profile struct {
	settings string // canonical: sorted by name, joined by commas
}

// ParseProfile reads "default", or settings joined by commas: ethtool features
// (tx-udp-segmentation=off), numbers (mtu=9000, ring.tx=512) and the root qdisc's
// kind (qdisc=pfifo), which takes its default parameters. It checks the words only: whether a device has a setting shows when the profile is applied.
func ParseProfile(s string) (Profile, error) {
	if s == Default {
		return Profile{}, nil
	}
	if s == "" {
		return Profile{}, errors.New("NIC profile is empty: write default, or settings joined by commas such as mtu=9000,tx-udp-segmentation=off")
	}
	var settings []Setting
	for word := range strings.SplitSeq(s, ",") {
		setting, err := parseSetting(word)
		if err != nil {
			return Profile{}, fmt.Errorf("NIC profile %q: %w", s, err)
		}
		for _, earlier := range settings {
			if earlier.Name == setting.Name {
				return Profile{}, fmt.Errorf("NIC profile %q: %s is set twice: keep one", s, setting.Name)
			}
		}
		settings = append(settings, setting)
	}
	slices.SortFunc(settings, func(a, b Setting) int { return strings.Compare(a.Name, b.Name) })
	words := make([]string, len(settings))
	for i, setting := range settings {
		words[i] = setting.String()
	}
	return Profile{strings.Join(words, ",")}, nil
}

// String gives the profile in canonical form: what ParseProfile reads back as
// the same profile.
func (p Profile) String() string {
	if p.settings == "" {
		return Default
	}
	return p.settings
}

// Settings returns the profile's settings in order of their names, none for the
// default profile.
func (p Profile) Settings() []Setting {
	if p.settings == "" {
		return nil
	}
	var settings []Setting
	for word := range strings.SplitSeq(p.settings, ",") {
		name, value, _ := strings.Cut(word, "=")
		settings = append(settings, Setting{name, value})
	}
	return settings
}

func parseSetting(word string) (Setting, error) {
	switch word {
	case "":
		return Setting{}, errors.New("there is nothing between two commas or at an end: write settings as name=value")
	case Default:
		return Setting{}, errors.New("default stands alone: leave it out beside other settings")
	}
	name, value, ok := strings.Cut(word, "=")
	if !ok {
		return Setting{}, fmt.Errorf("%q has no value: write name=value, for example mtu=9000 or tx-udp-segmentation=off", word)
	}
	if err := checkName(name); err != nil {
		return Setting{}, err
	}
	if value == "" {
		return Setting{}, fmt.Errorf("%s has an empty value: write %s=%s", name, name, exampleValue(name))
	}
	if name == qdiscSetting {
		if !isQdiscKind(value) {
			return Setting{}, fmt.Errorf("qdisc=%q: a kind has up to %d lower-case letters, digits and '_', as pfifo_fast has", value, maxQdiscKind)
		}
		return Setting{name, value}, nil
	}
	i := numberedIndex(name)
	if i < 0 {
		return parseFeature(name, value)
	}
	n, err := strconv.ParseUint(value, 10, 32)
	if err != nil || uint32(n) < numbered[i].least {
		return Setting{}, fmt.Errorf("%s=%q is no number for it: write a decimal number from %d to 4294967295", name, value, numbered[i].least)
	}
	return Setting{name, strconv.FormatUint(n, 10)}, nil
}

func parseFeature(name, value string) (Setting, error) {
	if fam := family(name); fam != "" {
		if known := namesOf(fam); len(known) > 0 {
			return Setting{}, fmt.Errorf("%s is no setting: %s has %s", name, fam, strings.Join(known, ", "))
		}
		return Setting{}, fmt.Errorf("%s is no setting: before the dot stands ring, channels or coalesce", name)
	}
	if value == "on" || value == "off" {
		return Setting{name, value}, nil
	}
	return Setting{}, fmt.Errorf("%s=%q: %s is taken for an ethtool feature, which is on or off; settings with a number are %s, ring.*, channels.* and coalesce.*, and qdisc takes a kind",
		name, value, name, strings.Join(namesOf(""), ", "))
}

// checkName holds names to the letters that the kernel's own have, so that a
// profile is safe in file names, record keys and benchmark names.
func checkName(name string) error {
	if name == "" {
		return errors.New("a value stands without a name: write name=value")
	}
	for _, r := range name {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '-', r == '_', r == '.':
		case r == ' ' || r == '\t':
			return fmt.Errorf("%q has a space in it: join settings by commas alone", name)
		default:
			return fmt.Errorf("%q has %q in it: names are lower-case letters, digits, '-', '_' and '.'", name, r)
		}
	}
	return nil
}

// maxQdiscKind is IFNAMSIZ less its zero byte, as for TCA_KIND in
// net/sched/sch_api.c.
const maxQdiscKind = 15

// isQdiscKind holds kinds to the letters that the kernel's own have.
func isQdiscKind(s string) bool {
	return s != "" && len(s) <= maxQdiscKind && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

func exampleValue(name string) string {
	switch {
	case name == "mtu":
		return "9000"
	case name == qdiscSetting:
		return "pfifo"
	case numberedIndex(name) >= 0:
		return "64"
	default:
		return "off"
	}
}
