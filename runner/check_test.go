//go:build linux

package runner

import (
	"testing"

	"sendbench/runner/results"
)

// TestCheckDelivery: what was sent is delivered, or dropped where it is counted.
func TestCheckDelivery(t *testing.T) {
	for _, c := range []struct {
		name                            string
		sent, delivered, device, socket int64
		good                            bool
		warnings                        int
	}{
		{"all arrived", 10, 10, 0, 0, true, 0},
		{"one datagram a message", 10, 7, 0, 3, true, 1},
		{"several frames a message", 10, 7, 0, 120, true, 1},
		{"lost in the device, of which the wire's count tells", 10, 9, 1, 0, true, 0},
		{"both", 10, 7, 2, 1, true, 1},
		{"nowhere", 10, 9, 0, 0, false, 0},
		{"more than were dropped", 10, 5, 1, 3, false, 0},
		{"more than were sent", 10, 11, 0, 0, false, 0},
	} {
		trial := results.Trial{Messages: c.sent, DeliveredMessages: &c.delivered, DroppedDevice: &c.device, DroppedSocket: &c.socket}
		if err := checkDelivery(&trial); (err == nil) != c.good || len(trial.Warnings) != c.warnings {
			t.Errorf("%s: %v, warnings %q", c.name, err, trial.Warnings)
		}
	}
	if err := checkDelivery(&results.Trial{Messages: 10}); err != nil {
		t.Errorf("without a receiver: %v", err)
	}
}
