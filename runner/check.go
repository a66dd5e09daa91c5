//go:build linux

package runner

import (
	"fmt"
	"time"

	"sendbench/runner/link"
	"sendbench/runner/results"
)

// check holds what was counted in three places against each other: accepted by
// the kernel, seen by the far end's device, and released. A disagreement is an
// error, which makes the trial invalid.
func (r *Rig) check(t *results.Trial, s *session, st stretch) error {
	c := t.Cell
	if t.Bytes != t.Messages*int64(c.Size) {
		return fmt.Errorf("the kernel accepted %d bytes in %d messages of %d", t.Bytes, t.Messages, c.Size)
	}
	if s.zeroCopy && st.tally.Notifications != t.Messages {
		return fmt.Errorf("%d messages were accepted and %d released", t.Messages, st.tally.Notifications)
	}
	check := r.checkDatagrams
	if r.link.Name() == link.NIC {
		check = r.checkRemote
		if seen := oddities(st.arrived, r.link.Family()); seen != "" {
			t.Warnings = append(t.Warnings, seen)
		}
	}
	if c.Proto == results.ProtoTCP {
		check = func(t *results.Trial, st stretch) error { return checkStream(t, st.stream, st.wire, r.link.Shared()) }
	}
	if err := check(t, st); err != nil {
		return err
	}
	// A sender that waits for completions gives up its CPU of its own will; one
	// that is preempted has lost it. Over TCP every sender waits for its peer.
	if c.Proto != results.ProtoTCP && st.lost > 0 && float64(st.thread) < 0.95*float64(st.sending()) && st.helper == 0 && c.Rate == 0 {
		t.Warnings = append(t.Warnings, "the sender lost its CPU to others for more than 5 % of the trial")
	}
	if late := latelyFreed(t, r.link.Name()); late != "" {
		t.Warnings = append(t.Warnings, late)
	}
	if st.spread > st.elapsed/results.Slices {
		t.Warnings = append(t.Warnings, "the flows didn't begin together")
	}
	if st.tally.Unreported > 0 {
		t.Warnings = append(t.Warnings, "this kernel doesn't report whether it copied (Linux 6.2 does)")
	}
	return nil
}

// waited is the share of a trial above which one release is worth a remark.
const waited = 0.2

// latelyFreed is a remark on a trial that waited for the release of a packet which was
// received on this machine: its receiver leaves it to the CPU that made it to free it,
// which that does when the next packet comes (skb_attempt_defer_free,
// net/core/skbuff.c), and after the last there is none. Kernels with commit
// 0943404b1f3b free those of zero copy at once. The kernel has the buffer until then,
// and so would an application's, so the time counts. Over TCP a release takes as long as
// the peer's acknowledgement.
func latelyFreed(t *results.Trial, kind string) string {
	local := kind == link.Pair || kind == link.Loopback
	if !local || t.Cell.Proto == results.ProtoTCP || t.Notifications == 0 || float64(t.ReleaseMaxNS) < waited*float64(t.ElapsedNS) {
		return ""
	}
	return fmt.Sprintf("a buffer was released %v after it was sent, in a trial of %v: a packet that a receiver on this machine has read can stay with the kernel until the sender's CPU has other traffic, and the trial waits for it",
		time.Duration(t.ReleaseMaxNS).Round(time.Microsecond), time.Duration(t.ElapsedNS).Round(time.Microsecond))
}

// checkDatagrams holds what was accepted against what the device has counted and what
// the receiver has.
func (r *Rig) checkDatagrams(t *results.Trial, st stretch) error {
	c := t.Cell
	one, err := link.Expected(r.path, c.Size, c.Segment)
	if err != nil {
		return err
	}
	want, got := one.Mul(t.Messages), st.wire
	switch {
	case got == want:
	case got.Dropped > 0 && got.Frames+got.Dropped == want.Frames && got.Bytes < want.Bytes:
		return fmt.Errorf("the device dropped %d of %d frames, which is quicker than to send them; a larger net.core.netdev_max_backlog has room for them",
			got.Dropped, want.Frames)
	case r.link.Shared() && got.Frames > want.Frames:
		t.Warnings = append(t.Warnings, fmt.Sprintf("the device counted %d frames of other programs", got.Frames-want.Frames))
	default:
		return fmt.Errorf("the far end counted %d frames, %d bytes, and %d dropped; %d messages make %d frames, %d bytes",
			got.Frames, got.Bytes, got.Dropped, t.Messages, want.Frames, want.Bytes)
	}
	return checkDelivery(t, max(one.Frames, datagrams(c)))
}

// datagrams is how many of them a message of a cell is.
func datagrams(c results.Cell) int64 {
	if c.Segment == 0 {
		return 1
	}
	return int64((c.Size + c.Segment - 1) / c.Segment)
}

// checkDelivery holds what a receiver has against what was sent: whatever is missing
// was dropped in a place that counts it, and nothing else was. A message is lost by
// one of its parts, of which it has so many, or by all.
func checkDelivery(t *results.Trial, parts int64) error {
	if t.DeliveredMessages == nil {
		return nil
	}
	lost, dropped := t.Messages-*t.DeliveredMessages, *t.DroppedDevice+*t.DroppedSocket
	switch {
	case lost < 0:
		return fmt.Errorf("%d messages were sent and %d delivered", t.Messages, *t.DeliveredMessages)
	case dropped < lost || dropped > lost*parts:
		return fmt.Errorf("%d messages of %d were lost; the device dropped %d frames and the receiver's buffer %d datagrams, of %d a message",
			lost, t.Messages, *t.DroppedDevice, *t.DroppedSocket, parts)
	case lost > 0:
		t.Warnings = append(t.Warnings, "messages were lost for want of room in the receiver's buffer")
	}
	return nil
}
