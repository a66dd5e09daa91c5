package link

import "net/netip"

// The kinds of link.
const (
	Sink     = "sink"
	Pair     = "pair"
	Loopback = "loopback"
	NIC      = "nic"
)

// Spec says where a link is, so that another process in the same network
// namespace can attach to it. It travels as JSON.
type Spec struct {
	Kind   string         `json:"kind"`
	Family int            `json:"family"` // 4 or 6
	Slot   int            `json:"slot"`   // tells links of one namespace apart
	Shared bool           `json:"shared"` // the device also carries the frames of other programs
	Device string         `json:"device"` // the sending one
	Far    string         `json:"far"`    // the device at the other end, "" on loopback
	Source netip.Addr     `json:"source"`
	Dest   netip.AddrPort `json:"dest"`
	FarFD  int            `json:"far_fd"` // descriptor of the far end's network namespace, 0 where that is this one
	// Session is with the receiver of a NIC, nil of other kinds.
	Session *Session `json:"session,omitempty"`
}
