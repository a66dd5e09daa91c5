package control

import (
	"fmt"
	"net/netip"

	"sendbench/runner/results"
)

// Terms are what a sender asks for and a receiver agrees to.
type Terms struct {
	Proto  string `json:"proto"`  // results.ProtoUDP or results.ProtoTCP
	Family int    `json:"family"` // 4 or 6, that of the control connection
	Flows  int    `json:"flows"`  // senders, each on a socket of its own
	// BitsPerSecond is the most payload that is sent, 0 for as much as the receiver
	// takes; in an agreement 0 is no bound.
	BitsPerSecond int64 `json:"bits_per_second"`
	// Seconds is how long the session lasts at most, 0 for as long as the receiver
	// gives; in an agreement 0 is no bound.
	Seconds int64 `json:"seconds"`
}

// MaxFlows is the most senders of a session.
const MaxFlows = 64

// check says what no receiver agrees to.
func (t Terms) check() error {
	switch {
	case t.Proto != results.ProtoUDP && t.Proto != results.ProtoTCP:
		return fmt.Errorf("protocol %q: a receiver takes %s and %s", t.Proto, results.ProtoUDP, results.ProtoTCP)
	case t.Family != 4 && t.Family != 6:
		return fmt.Errorf("address family %d: it is 4 or 6", t.Family)
	case t.Flows < 1 || t.Flows > MaxFlows:
		return fmt.Errorf("%d flows: a receiver takes 1 to %d", t.Flows, MaxFlows)
	case t.BitsPerSecond < 0 || t.Seconds < 0:
		return fmt.Errorf("%d bit/s for %d s: neither can be negative", t.BitsPerSecond, t.Seconds)
	}
	return nil
}

// within says what of agreed terms isn't within those that were asked for.
func (t Terms) within(asked Terms) error {
	beyond := func(agreed, asked int64) bool { return agreed < 0 || asked > 0 && (agreed == 0 || agreed > asked) }
	switch {
	case t.Proto != asked.Proto:
		return fmt.Errorf("protocol %q, asked was %q", t.Proto, asked.Proto)
	case t.Family != asked.Family:
		return fmt.Errorf("address family %d, asked was %d", t.Family, asked.Family)
	case t.Flows != asked.Flows:
		return fmt.Errorf("%d flows, asked were %d", t.Flows, asked.Flows)
	case beyond(t.BitsPerSecond, asked.BitsPerSecond):
		return fmt.Errorf("%d bit/s, asked were %d", t.BitsPerSecond, asked.BitsPerSecond)
	case beyond(t.Seconds, asked.Seconds):
		return fmt.Errorf("%d s, asked were %d", t.Seconds, asked.Seconds)
	}
	return nil
}

// Limits are the most that a receiver takes.
type Limits struct {
	BitsPerSecond int64 // of payload, 0 for no limit
	Seconds       int64 // of a session, 0 for no limit
}

// grant returns the terms as they are agreed: of each bound the lesser.
func (l Limits) grant(t Terms) Terms {
	t.BitsPerSecond = Lesser(t.BitsPerSecond, l.BitsPerSecond)
	t.Seconds = Lesser(t.Seconds, l.Seconds)
	return t
}

// Lesser is the lesser of two bounds, of which 0 is none.
func Lesser(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// Agreement is what a receiver says to a sender whose terms it takes.
type Agreement struct {
	Token string `json:"token"` // with which other processes of the sender join
	// Ports are where it takes data, at the address of the control connection: of UDP
	// one for each flow, of TCP one for all.
	Ports []uint16     `json:"ports"`
	Terms Terms        `json:"terms"` // as agreed
	Peer  results.Peer `json:"peer"`
	// Local and Sender are the ends of this control connection as the receiver sees
	// them. TLS proves who agrees and not at which address, and data goes to the
	// address that was dialled: a sender that sees other ends has a relay before it,
	// and an agreement of somebody else.
	Local  netip.AddrPort `json:"local"`
	Sender netip.AddrPort `json:"sender"`
}

// Stretch is what a receiver is to count next.
type Stretch struct {
	Size  int  `json:"size"`  // payload bytes of a message
	Check bool `json:"check"` // whether content is looked at
}
