package nic

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Description is a device with its settings in effect.
type Description struct {
	Name     string
	Driver   string            // "" where the device has none, as lo
	MTU      int               // bytes
	Qdisc    string            // the root qdisc's kind, "" where a device that is down has none
	Features map[string]string // by ethtool name: "on" or "off", with " [fixed]" where it can't be changed
	// Limits holds the numbered settings that the device has, but for the MTU,
	// by their profile names. Coalescing settings that are 0 are left out:
	// the kernel doesn't tell them from those that the device lacks.
	Limits map[string]int64
}

// Describe reads the device's settings.
func (d *Device) Describe() (Description, error) {
	features, err := d.features()
	if err != nil {
		return Description{}, err
	}
	numbers, err := d.numbers()
	if err != nil {
		return Description{}, err
	}
	qdiscs, err := d.qdiscs()
	if err != nil {
		return Description{}, err
	}
	driver, err := d.driver()
	if err != nil {
		return Description{}, err
	}
	description := Description{
		Name:     d.name,
		Driver:   driver,
		MTU:      int(numbers["mtu"].value),
		Qdisc:    rootKind(qdiscState(qdiscs)),
		Features: map[string]string{},
		Limits:   map[string]int64{},
	}
	for name, f := range features {
		description.Features[name] = onOff(f.Active)
		if fixed(f) {
			description.Features[name] += " [fixed]"
		}
	}
	for name, n := range numbers {
		if name == "mtu" || n.value == 0 && strings.HasPrefix(name, "coalesce.") {
			continue
		}
		description.Limits[name] = n.value
	}
	return description, nil
}

// driver names what drives the device, "" for a device that nothing does.
func (d *Device) driver() (string, error) {
	driver, err := d.tool.DriverName(d.name)
	if err != nil && !errors.Is(err, unix.EOPNOTSUPP) {
		return "", fmt.Errorf("nic: read the driver of %s: %w", d.name, os.NewSyscallError("ioctl", err))
	}
	return driver, nil
}
