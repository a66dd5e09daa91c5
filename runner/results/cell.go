// Package results is the record of a run: its types, the JSON Lines reader and
// writer, the Go benchmark projection and the statistics that every chart and
// table is made from. It builds wherever Go does and imports no other package
// of this module.
package results

// Fill values: what the sender writes into a buffer before each send.
const (
	FillStamp = "stamp" // a 16-byte sequence
	FillFull  = "full"  // the whole payload
)

// PagesHuge is the value of Cell.Pages for buffers in huge pages.
const PagesHuge = "huge"

// ProfileDefault is the NIC profile that changes nothing.
const ProfileDefault = "default"

// Protocols.
const (
	ProtoUDP = "udp"
	ProtoTCP = "tcp"
)

// Cell is one point of the sweep: what was sent, how, and over what.
// Cells are comparable and serve as map keys.
type Cell struct {
	Link      string `json:"link"`      // sink, pair, loopback, nic
	Proto     string `json:"proto"`     // ProtoUDP or ProtoTCP
	Family    int    `json:"family"`    // 4 or 6
	Connected bool   `json:"connected"` // the socket is connected to its peer
	NIC       string `json:"nic"`       // NIC profile in canonical form
	Flows     int    `json:"flows"`     // senders at once
	// Rate is the messages a second that all flows together are to send at set
	// times; 0 for as many as they can.
	Rate      int64 `json:"rate,omitempty"`
	Footprint int64 `json:"footprint"` // bytes of buffers that a flow walks round
	// Pages is what the buffers lie in: "" for small pages, PagesHuge for huge ones.
	Pages    string `json:"pages,omitempty"`
	Fill     string `json:"fill"`    // FillStamp or FillFull
	Segment  int    `json:"segment"` // UDP_SEGMENT in bytes, 0 for none
	Size     int    `json:"size"`    // payload bytes a message
	Batch    int    `json:"batch"`   // messages asked for a batch
	Strategy string `json:"strategy"`
	AA       bool   `json:"aa,omitempty"` // the baseline's second visit in a round
}

// Group is the cell without its strategy: the cells of one group differ in the
// way of sending alone and are compared with each other.
func (c Cell) Group() Cell {
	c.Strategy, c.AA = "", false
	return c
}
