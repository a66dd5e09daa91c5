//go:build linux

package runner

import (
	"fmt"

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
	one, err := link.Expected(r.path, c.Size, c.Segment)
	if err != nil {
		return err
	}
	want := one.Mul(t.Messages)
	switch {
	case st.wire == want:
	case r.link.Shared() && st.wire.Frames > want.Frames:
		t.Warnings = append(t.Warnings, fmt.Sprintf("the device counted %d frames of other programs", st.wire.Frames-want.Frames))
	default:
		return fmt.Errorf("the far end counted %d frames, %d bytes; %d messages make %d frames, %d bytes",
			st.wire.Frames, st.wire.Bytes, t.Messages, want.Frames, want.Bytes)
	}
	if t.DeliveredMessages != nil && *t.DeliveredMessages > t.Messages {
		return fmt.Errorf("%d messages were sent and %d delivered", t.Messages, *t.DeliveredMessages)
	}
	// A sender that waits for completions gives up its CPU of its own will; one
	// that is preempted has lost it.
	if st.lost > 0 && float64(st.thread) < 0.95*float64(st.elapsed)*float64(len(st.laps)) && st.helper == 0 && c.Rate == 0 {
		t.Warnings = append(t.Warnings, "the sender lost its CPU to others for more than 5 % of the trial")
	}
	if st.tally.Unreported > 0 {
		t.Warnings = append(t.Warnings, "this kernel doesn't report whether it copied (Linux 6.2 does)")
	}
	return nil
}
