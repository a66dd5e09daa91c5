//go:build linux

package runner

import (
	"strings"
	"testing"

	"sendbench/runner/link"
	"sendbench/runner/results"
)

// TestCheckDelivery: what was sent is delivered, or dropped where it is counted.
func TestCheckDelivery(t *testing.T) {
	for _, c := range []struct {
		name                            string
		sent, delivered, device, socket int64
		parts                           int64
		good                            bool
		warnings                        int
	}{
		{"all arrived", 10, 10, 0, 0, 1, true, 0},
		{"one datagram a message", 10, 7, 0, 3, 1, true, 1},
		{"several frames a message", 10, 7, 0, 120, 44, true, 1},
		{"lost in the device, of which the wire's count tells", 10, 9, 1, 0, 1, true, 1},
		{"both", 10, 7, 2, 1, 1, true, 1},
		{"nowhere", 10, 9, 0, 0, 1, false, 0},
		{"more than were dropped", 10, 5, 1, 3, 1, false, 0},
		{"dropped more than was lost", 10, 10, 0, 5, 44, false, 0},
		{"more parts than the lost have", 10, 9, 0, 45, 44, false, 0},
		{"more than were sent", 10, 11, 0, 0, 1, false, 0},
	} {
		trial := results.Trial{Messages: c.sent, DeliveredMessages: &c.delivered, DroppedDevice: &c.device, DroppedSocket: &c.socket}
		if err := checkDelivery(&trial, c.parts); (err == nil) != c.good || len(trial.Warnings) != c.warnings {
			t.Errorf("%s: %v, warnings %q", c.name, err, trial.Warnings)
		}
	}
	if err := checkDelivery(&results.Trial{Messages: 10}, 1); err != nil {
		t.Errorf("without a receiver: %v", err)
	}
}

// TestLatelyFreed: a trial that waited for one release says so where the kernel may have
// held it back.
func TestLatelyFreed(t *testing.T) {
	const ms = 1_000_000
	for _, c := range []struct {
		name, kind, proto string
		released, elapsed int64 // ns
		notified          int64
		told              bool
	}{
		{"at once", link.Pair, results.ProtoUDP, ms, 25 * ms, 10, false},
		{"late on a pair", link.Pair, results.ProtoUDP, 1992 * ms, 2006 * ms, 10, true},
		{"late on loopback", link.Loopback, results.ProtoUDP, 10 * ms, 35 * ms, 10, true},
		{"nobody receives", link.Sink, results.ProtoUDP, 10 * ms, 35 * ms, 10, false},
		{"on the way to another host", link.NIC, results.ProtoUDP, 10 * ms, 35 * ms, 10, false},
		{"acknowledged late", link.Pair, results.ProtoTCP, 10 * ms, 35 * ms, 10, false},
		{"copied by the call", link.Pair, results.ProtoUDP, 10 * ms, 35 * ms, 0, false},
	} {
		trial := results.Trial{Cell: results.Cell{Proto: c.proto}, ReleaseMaxNS: c.released, ElapsedNS: c.elapsed, Notifications: c.notified}
		if got := latelyFreed(&trial, c.kind); (got != "") != c.told || strings.Contains(got, "\n") {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
