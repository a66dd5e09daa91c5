package probe

import (
	"slices"

	"sendbench/runner/link"
	"sendbench/runner/meter"
)

// tapHolders finds those that hold the taps of copy facts, which are on some devices of
// the calling thread's network namespace.
func tapHolders(devices []string) []link.Holder {
	if len(devices) == 0 {
		return nil
	}
	return holders(meter.Taps(), devices)
}

// holders are those of taps that see what some devices send. One that asks for one
// protocol isn't given what is sent (dev_queue_xmit_nit, net/core/dev.c).
func holders(taps []meter.Tap, devices []string) []link.Holder {
	var found []link.Holder
	add := func(h link.Holder) {
		if !slices.Contains(found, h) {
			found = append(found, h)
		}
	}
	for _, tap := range taps {
		if !tap.SeesSent() || !slices.Contains(devices, tap.Device) {
			continue
		}
		if len(tap.Programs) == 0 {
			add(link.Holder{Program: tap.Holder()})
		}
		for _, p := range tap.Programs {
			add(link.Holder{Program: p.Name, PID: p.PID})
		}
	}
	return found
}
