package link

import (
	"fmt"
	"strings"
)

// words says in plain words what a link is and what it can't show.
func words(s Spec) (description, caveat string) {
	switch s.Kind {
	case Sink:
		return "a veth pair whose far end drops every frame as it comes in",
			"the sink has no receiver and no DMA: it shows what sending costs the sender, not what a network card or a peer adds"
	case Pair:
		return "a veth pair to a receiver in a second network namespace",
			"the pair copies on delivery, so zero copy can't pay here: it shows that messages arrive, not how fast a network card takes them"
	case NIC:
		return fmt.Sprintf("%s, to a receiver on another host", s.Device),
			"frames of other programs on this device are counted with its own; where the receiver or the way to it is slower than the sender, it shows in what is dropped, and over TCP in the rate"
	}
	description, caveat = "loopback, with a receiver on it", "loopback always copies, so zero copy can't pay here"
	if s.Shared {
		description += ", in the network namespace that the program was started in"
		caveat += "; frames of other programs on this machine are counted with its own"
	}
	return description, caveat
}

// isOn reads a feature as a record has it: "on", perhaps with " [fixed]".
func isOn(feature string) bool { return strings.HasPrefix(feature, "on") }
