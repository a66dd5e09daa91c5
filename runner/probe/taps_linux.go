package probe

import (
	"slices"
	"strings"

	"sendbench/runner/meter"
)

// holders returns the programs that hold taps on some devices of the calling
// thread's network namespace, and see what is sent.
func holders(taps []string, devices []string) []string {
	var found []string
	for _, tap := range taps {
		if program, ok := holder(tap, devices); ok && !slices.Contains(found, program) {
			found = append(found, program)
		}
	}
	return found
}

// holder reads "tcpdump on eth0, every protocol", as results.Disturbance has taps.
// One that asks for one protocol isn't given what is sent (dev_queue_xmit_nit,
// net/core/dev.c). A program may have any name, a device no space in its own.
func holder(tap string, devices []string) (program string, ok bool) {
	rest, ok := strings.CutSuffix(tap, ", every protocol")
	at := strings.LastIndex(rest, " on ")
	if !ok || at < 0 || !slices.Contains(devices, rest[at+len(" on "):]) {
		return "", false
	}
	return rest[:at], true
}

// tapHolders asks for those that hold the taps of copy facts.
func tapHolders(devices []string) []string {
	if len(devices) == 0 {
		return nil
	}
	return holders(meter.Disturb(-1).Taps, devices)
}
