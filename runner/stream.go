//go:build linux

package runner

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
	"sendbench/runner/link"
	"sendbench/runner/results"
)

// streamCounts is what the kernel says of a session's TCP connections since they
// began (TCP_INFO, tcp(7) and include/uapi/linux/tcp.h), in bytes of payload.
type streamCounts struct {
	acked         int64
	sent          int64 // those that were sent again counted each time
	retransmitted int64
	header        int64 // bytes in front of a frame's payload, the same for all
}

// streams reads the counts of all connections; of datagrams there are none.
func (s *session) streams(family int) (now streamCounts, err error) {
	for _, f := range s.flows {
		if f.stream == nil {
			continue
		}
		info, err := unix.GetsockoptTCPInfo(f.fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil {
			return now, fmt.Errorf("TCP_INFO: %w", os.NewSyscallError("getsockopt", err))
		}
		now.acked += int64(info.Bytes_acked)
		now.sent += int64(info.Bytes_sent)
		now.retransmitted += int64(info.Bytes_retrans)
		now.header = link.StreamHeader(family, info.Options&tcpTimestamps != 0)
	}
	return now, nil
}

// tcpTimestamps is TCPI_OPT_TIMESTAMPS of include/uapi/linux/tcp.h.
const tcpTimestamps = 1 << 0

// ackOptions is how many bytes of options a TCP header has room for, 40, less those of
// the timestamps.
const ackOptions = 28

// sub returns what was counted between earlier and c.
func (c streamCounts) sub(earlier streamCounts) streamCounts {
	return streamCounts{c.acked - earlier.acked, c.sent - earlier.sent, c.retransmitted - earlier.retransmitted, c.header}
}

// onWire is the payload that a device counted.
func (c streamCounts) onWire(w link.Wire) int64 { return w.Bytes - w.Frames*c.header }

// due is what is sure of a device whose driver counts GSO packets in a form of its own,
// and frames of other programs: it counts the payload that was sent, and a header at
// least. Where each frame has its header and no more, nothing is missing.
func (c streamCounts) due() due {
	return due{
		least: link.Wire{Frames: 1, Bytes: c.sent + c.header},
		all:   func(w link.Wire) bool { return c.onWire(w) == c.sent },
	}
}

// streamArrived is arrived for TCP, of which no count of frames is known beforehand.
func (r *Rig) streamArrived(before link.Wire, c streamCounts) (link.Wire, error) {
	if r.link.Name() == link.NIC {
		return r.passed(before, c.due())
	}
	for start := time.Now(); ; {
		now, err := r.link.Wire()
		if err != nil {
			return link.Wire{}, err
		}
		got := now.Sub(before)
		all := c.onWire(got) >= c.sent || r.link.Shared() && got.Bytes > c.sent
		if all || got.Dropped > 0 || time.Since(start) > settleLimit {
			return got, nil
		}
	}
}

// checkStream holds what was accepted against what the peer has acknowledged, what the
// device has counted, and what the receiver has read. What the device dropped while TCP
// looked on isn't sent again but sent anew (tcp_write_xmit, net/ipv4/tcp_output.c).
func checkStream(t *results.Trial, c streamCounts, wire link.Wire, shared bool) error {
	t.RetransmittedBytes = &c.retransmitted
	switch {
	case c.acked != t.Bytes:
		return fmt.Errorf("the kernel accepted %d bytes, and %d were acknowledged", t.Bytes, c.acked)
	case c.sent-c.retransmitted < t.Bytes || c.sent-c.retransmitted > t.Bytes && wire.Dropped == 0:
		return fmt.Errorf("the kernel accepted %d bytes, and sent %d, %d of them again", t.Bytes, c.sent, c.retransmitted)
	case t.DeliveredMessages != nil && (*t.DeliveredMessages != t.Messages || *t.DeliveredBytes != t.Bytes):
		return fmt.Errorf("%d messages of %d bytes in all were acknowledged, and %d of %d delivered", t.Messages, t.Bytes, *t.DeliveredMessages, *t.DeliveredBytes)
	}
	check := c.checkWire
	if t.Cell.Link == link.NIC {
		check = c.checkSent
	}
	if err := check(t, wire, shared); err != nil {
		return err
	}
	if c.retransmitted > 0 {
		t.Warnings = append(t.Warnings, "the kernel sent some of the payload again")
	}
	return nil
}

// checkSent holds what was sent against what a device of the machine's has counted, as
// far as that is sure.
func (c streamCounts) checkSent(t *results.Trial, wire link.Wire, _ bool) error {
	if !c.due().met(wire) {
		return fmt.Errorf("the device counted %d frames, %d bytes, and %d dropped; %d bytes of payload were sent", wire.Frames, wire.Bytes, wire.Dropped, c.sent)
	}
	if wire.Dropped > 0 {
		t.Warnings = append(t.Warnings, fmt.Sprintf("the device or its queue dropped %d frames, whose payload went again; a longer queue (txqueuelen, ring.tx) has room for them", wire.Dropped))
	}
	// A form that leaves headers out makes this look less.
	if others := c.onWire(wire) - c.sent; float64(others) > strangers*float64(c.sent) {
		t.Warnings = append(t.Warnings, fmt.Sprintf("other programs sent %d bytes over the device beside the trial's %d", others, c.sent))
	}
	return nil
}

// checkWire holds what was sent against what a device has counted that counts each
// frame as it is. TCP puts into a frame what it likes; but what is no header is
// payload, sent once or again. A frame without any, such as a window probe, is all
// header.
func (c streamCounts) checkWire(t *results.Trial, wire link.Wire, shared bool) error {
	payload := c.onWire(wire)
	switch {
	case payload == c.sent:
	case wire.Dropped > 0 && payload < c.sent:
		t.Warnings = append(t.Warnings, fmt.Sprintf("the device dropped %d frames, of which %d bytes went again; a larger net.core.netdev_max_backlog has room for them", wire.Dropped, c.sent-payload))
	case shared && wire.Bytes > c.sent:
		// Other programs' frames have other headers.
	case payload > c.sent && payload-c.sent <= wire.Frames*ackOptions && t.Cell.Link == link.Loopback:
		// lo counts both ways, and acknowledgements can say more in their headers
		// (RFC 2018, RFC 2883).
	default:
		return fmt.Errorf("the device counted %d frames, %d bytes, which makes %d bytes of payload; %d were sent", wire.Frames, wire.Bytes, payload, c.sent)
	}
	return nil
}
