package recv

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"sendbench/runner/link"
	"sendbench/runner/link/control"
	"sendbench/runner/meter"
	"sendbench/runner/results"
)

const (
	// receiveBuffer is the SO_RCVBUF asked for, in bytes, of all flows together, and
	// flowBuffer what each has at least: some 5 ms at 10 Gbit/s.
	receiveBuffer = 64 << 20
	flowBuffer    = 6 << 20
)

// Host opens receivers on this machine, in the network namespace of the calling
// process.
type Host struct {
	// DataPort is the first port that data is taken on, 0 for ports that the kernel
	// chooses.
	DataPort uint16
}

// Open is for control.Server: it makes the receiver of a session. Sockets are bound to
// the address that the control connection came to, and take from its sender alone.
func (h Host) Open(agreed control.Terms, local, peer netip.AddrPort) (control.Receiver, error) {
	if int(h.DataPort)+agreed.Flows-1 > 1<<16-1 {
		return nil, fmt.Errorf("%d flows from port %d on: there is no port above %d", agreed.Flows, h.DataPort, 1<<16-1)
	}
	allowed, err := meter.AllowedCPUs()
	if err != nil {
		return nil, err
	}
	r := &receiver{terms: agreed, device: deviceOf(local.Addr()), closing: make(chan struct{})}
	if agreed.Proto == results.ProtoTCP {
		err = r.openStreams(netip.AddrPortFrom(local.Addr(), h.DataPort), peer.Addr())
	} else {
		err = r.openDatagrams(netip.AddrPortFrom(local.Addr(), h.DataPort), peer.Addr())
	}
	if err == nil {
		r.cpus = threadCPUs(allowed, len(r.sources))
		r.peer, err = r.describe(allowed)
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// source is where data comes in: a UDP socket, or a TCP port with its connections.
type source interface {
	Port() uint16
	Discard(until time.Time) (received int64, err error)
	Listen(link.ListenOptions) (link.Receiver, error)
	Close() error
}

// openDatagrams binds a socket for each flow, at ports in a row.
func (r *receiver) openDatagrams(first netip.AddrPort, peer netip.Addr) error {
	r.bufferAsked = max(receiveBuffer/r.terms.Flows, flowBuffer)
	for i := range r.terms.Flows {
		port := uint16(0)
		if first.Port() != 0 {
			port = first.Port() + uint16(i)
		}
		s, err := link.OpenDatagrams(netip.AddrPortFrom(first.Addr(), port), peer, r.bufferAsked)
		if err != nil {
			return err
		}
		r.sources = append(r.sources, s)
		r.buffer = s.Buffer()
	}
	return nil
}

// openStreams listens for the connections of all flows. The kernel sizes their
// buffers by itself (tcp(7), tcp_rmem).
func (r *receiver) openStreams(at netip.AddrPort, peer netip.Addr) error {
	s, err := link.OpenStreams(at, peer)
	if err != nil {
		return err
	}
	r.sources = append(r.sources, s)
	return nil
}

// threadCPUs pins each receiving thread to a CPU where one is left for all else, and
// none (-1) otherwise.
func threadCPUs(allowed []int, threads int) []int {
	if len(allowed) > threads {
		return meter.PickFlowCPUs(allowed, threads)
	}
	none := make([]int, threads)
	for i := range none {
		none[i] = -1
	}
	return none
}
