package probe

import (
	"sendbench/runner/link"
	"sendbench/runner/results"
)

// Schema is the version of the report's form. Fields may be added to it; those that
// are there stay.
const Schema = 1

// Report is what a probe found, and the form of --json.
type Report struct {
	Schema  int    `json:"schema"`
	Verdict string `json:"verdict"` // Device's where one was asked for, or else Link's
	Surroundings
	Features []Feature `json:"features"` // of the kernel, each tried
	// PiecesMax is the most pieces of memory, apart from each other, that one
	// zero-copy message was taken in (MAX_SKB_FRAGS, include/linux/skbuff.h); 0 unknown.
	PiecesMax int `json:"pieces_max"`
	// Behaviours are what kernels do differently without lacking anything, each tried.
	Behaviours []Feature `json:"behaviours"`
	Link       Link      `json:"link"`
}

// Surroundings are what is to be seen where the command was started, and can't be
// from inside a namespace of its own.
type Surroundings struct {
	Kernel     string   `json:"kernel"`     // release
	Privileges string   `json:"privileges"` // "root" or "ordinary user"
	Limits     Limits   `json:"limits"`
	Device     *Device  `json:"device"`    // nil where none was asked for
	RootAdds   []string `json:"root_adds"` // what root would see or could do; none for root
	FellBack   string   `json:"fell_back"` // why the link isn't the one asked for, "" where it is
}

// State says whether something is there.
type State string

// The states of a feature.
const (
	Yes     State = "yes"
	No      State = "no"
	Unknown State = "unknown" // the try itself failed
)

// Feature is one thing that a kernel may have and a way of sending needs.
type Feature struct {
	Name  string `json:"name"` // the kernel's own
	State State  `json:"state"`
	Why   string `json:"why,omitempty"` // the reason where it isn't Yes
}

// The kernel's names of what has none in package uringzc.
const (
	usageReports    = "IORING_SEND_ZC_REPORT_USAGE"
	registerBuffers = "IORING_REGISTER_BUFFERS"
	registerRing    = "IORING_REGISTER_RING_FDS"
	sendMsgFixed    = "IORING_OP_SENDMSG_ZC from registered buffers"
)

// Outcome is what became of a try.
type Outcome string

// The outcomes of a try.
const (
	ZeroCopy    Outcome = "zero-copy"   // the kernel sent from the buffer itself, and says so
	Copied      Outcome = "copied"      // it was asked not to copy, and did
	Sent        Outcome = "sent"        // a way that copies always
	Unreported  Outcome = "unreported"  // it was asked not to copy, and doesn't say whether it did
	Unsupported Outcome = "unsupported" // this kernel, limit or user doesn't let it
	Failed      Outcome = "failed"
)

// Try is a few messages sent in one way.
type Try struct {
	Strategy     string           `json:"strategy"`
	SizeBytes    int              `json:"size_bytes"`    // payload of a message
	SegmentBytes int              `json:"segment_bytes"` // UDP_SEGMENT, 0 for off
	Outcome      Outcome          `json:"outcome"`
	Reason       string           `json:"reason,omitempty"` // of Unsupported and Failed
	Copy         *link.CopyReason `json:"copy,omitempty"`   // presumed reason of Copied and Unreported
}

// Link is what sends over a link came to.
type Link struct {
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Namespace   string         `json:"namespace"` // "network namespace", "user and network namespace" or "none"
	Device      results.Device `json:"device"`
	Family      int            `json:"family"`              // 4 or 6
	AutoSegment int            `json:"auto_segment_bytes"`  // UDP_SEGMENT of --segment auto
	Tries       []Try          `json:"tries"`               // over UDP
	TCPTries    []Try          `json:"tcp_tries,omitempty"` // where the link has a receiver
	Verdict     Verdict        `json:"verdict"`             // on UDP
}

// Device is a real device as it stands.
type Device struct {
	results.Device
	Up          bool              `json:"up"`
	Family      int               `json:"family"`             // that the rest is said for
	AutoSegment int               `json:"auto_segment_bytes"` //
	Reasons     []link.CopyReason `json:"reasons"`            // that stand against zero copy at any size
	Sizes       []Presumed        `json:"sizes"`
	Notes       []Note            `json:"notes"` // on what doesn't copy but bears on sends
	Verdict     Verdict           `json:"verdict"`
}

// Presumed is what would become of messages of a size.
type Presumed struct {
	SizeBytes    int             `json:"size_bytes"`
	SegmentBytes int             `json:"segment_bytes"` // 0 for off
	Copied       bool            `json:"copied"`
	Copy         link.CopyReason `json:"copy,omitzero"`
}

// Note is something to know, and what to do about it.
type Note struct {
	About string `json:"about"` // a setting's or limit's own name
	Value string `json:"value"` // for people, with its unit
	Means string `json:"means"` // for sends
	Low   bool   `json:"low"`   // it stands in the way of the default sweep
	Cure  string `json:"cure,omitempty"`
}

// Sizes are the payloads in bytes that are tried, each with UDP_SEGMENT and without.
var Sizes = []int{64, 1400, 4096, 16384, 64000}
