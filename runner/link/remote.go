package link

import (
	"fmt"
	"net/netip"
	"strings"

	"sendbench/runner/results"
)

// Remote is the way to a receiver on another host, see OpenNIC.
type Remote struct {
	Device string // that packets leave by
	To     string // host and port of the receiver's control connection
	Secret []byte // that both share
	// MaxBitsPerSecond bounds the payload that is sent, 0 for no bound of our own.
	// The receiver may ask for less.
	MaxBitsPerSecond int64
	// Force changes settings of a device that carries the default route or the
	// session's own SSH connection.
	Force bool
}

// Terms are what a run asks its receiver to take.
type Terms struct {
	Proto   string // results.ProtoUDP or results.ProtoTCP; "" is UDP
	Family  int    // 4 or 6; 0 for that of the receiver's address
	Flows   int    // senders at once, at most
	Seconds int64  // that it may take, 0 for as long as the receiver gives
}

// Session is what a process needs to join its run's session with a receiver. It has a
// secret in it: it goes from process to process in private.
type Session struct {
	Control          netip.AddrPort `json:"control"`
	Secret           []byte         `json:"secret"`
	Token            string         `json:"token"`
	Ports            []uint16       `json:"ports"` // of UDP one a flow, of TCP one for all
	MaxBitsPerSecond int64          `json:"max_bits_per_second"`
	PeerMTU          int            `json:"peer_mtu"` // of the device that receives, 0 if unknown
}

// PeerChange says in what a receiver isn't the one that it was, so that figures can't be
// compared: "another kernel on the receiver's host (6.1, now 6.12)", say. It is "" if it
// is the same.
func PeerChange(was, now results.Peer) string {
	for _, f := range []struct {
		what     string
		was, now any
	}{
		{"host as the receiver", was.Hostname, now.Hostname},
		{"kernel on the receiver's host", was.Kernel, now.Kernel},
		{"device on the receiver's host", was.Device.Name, now.Device.Name},
		{"bound on the bits a second", was.MaxBitsPerSecond, now.MaxBitsPerSecond},
	} {
		if f.was != f.now {
			return fmt.Sprintf("another %s (%v, now %v)", f.what, f.was, f.now)
		}
	}
	return ""
}

// GoneError says that a run's receiver isn't there any more, or takes no more.
// Nothing may be sent to it.
type GoneError struct {
	To  string // its control address
	Err error  // what became of it
}

func (e *GoneError) Error() string {
	// What it wraps is a line of its own.
	why := strings.TrimPrefix(e.Err.Error(), "control: ")
	return fmt.Sprintf("the receiver at %s is gone: %s", e.To, strings.Replace(why, "the receiver at "+e.To, "it", 1))
}

func (e *GoneError) Unwrap() error { return e.Err }

// UnrestoredError says that a device isn't as it was before the run.
type UnrestoredError struct {
	Device string
	Err    error
}

func (e *UnrestoredError) Error() string {
	return fmt.Sprintf("%s is not as it was: %s", e.Device, strings.TrimPrefix(e.Err.Error(), "nic: "))
}

func (e *UnrestoredError) Unwrap() error { return e.Err }
