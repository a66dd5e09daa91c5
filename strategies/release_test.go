//go:build linux

package strategies

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"sendbench/uringzc"
)

// On loopback the kernel copies and notifies inside the send, so that a buffer
// taken back too early doesn't show there. These tests hold back what the kernel
// says instead.

// The completion flags of include/uapi/linux/io_uring.h.
const (
	flagMore  = 1 << 1
	flagNotif = 1 << 3
)

func buffersOf(t *testing.T, size, slots, batch int) *Buffers {
	t.Helper()
	b, err := NewBuffers(make([]byte, slots*Stride(size)), size, batch, 0, Stamp)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestUringReleasesByFlags: law 1 for io_uring.
func TestUringReleasesByFlags(t *testing.T) {
	for _, c := range []struct {
		name     string
		events   []uringzc.Completion
		released []bool // after each event
		failed   bool
	}{
		{"sent", []uringzc.Completion{{Res: 1000, Flags: flagMore}, {Flags: flagNotif}}, []bool{false, true}, false},
		{"sent and copied", []uringzc.Completion{{Res: 1000, Flags: flagMore}, {Res: -1 << 31, Flags: flagNotif}}, []bool{false, true}, false},
		{"a plain send", []uringzc.Completion{{Res: 1000}}, []bool{true}, false},
		{"failed in execution", []uringzc.Completion{{Res: -int32(unix.ECONNREFUSED), Flags: flagMore}, {Flags: flagNotif}}, []bool{false, true}, true},
		{"cancelled", []uringzc.Completion{{Res: -int32(unix.ECANCELED), Flags: flagMore}, {Flags: flagNotif}}, []bool{false, true}, true},
		{"failed in preparation", []uringzc.Completion{{Res: -int32(unix.EINVAL)}}, []bool{true}, true},
		{"an errno that is none", []uringzc.Completion{{Res: -1 << 31, Flags: flagMore}, {Flags: flagNotif}}, []bool{false, true}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := buffersOf(t, 1000, 2, 1)
			var tally Tally
			u := &uringSender{b: b, t: &tally, feature: "SEND_ZC", reports: true}
			first := b.Take(1)
			b.Lend(first, 1, Now())
			b.Lend(b.Take(1), 1, Now()) // the next batch; the one after it needs the first's buffer
			for i, event := range c.events {
				event.UserData = first
				if err := u.complete(&event, Now()); err != nil {
					t.Fatal(err)
				}
				if b.Ready(1) != c.released[i] {
					t.Errorf("after event %d the buffer is given out: %v, want %v", i, b.Ready(1), c.released[i])
				}
			}
			if (u.failed != nil) != c.failed {
				t.Errorf("failed: %v, want %v", u.failed, c.failed)
			}
			if err := u.complete(&uringzc.Completion{UserData: first, Flags: flagNotif}, Now()); err == nil {
				t.Error("a second release went unnoticed")
			}
		})
	}
}

// heldBack is an error queue that says nothing before it is told to.
type heldBack struct{ notices []notice }

func (h *heldBack) read(into *[8]notice) (int, error) {
	n := copy(into[:], h.notices)
	h.notices = h.notices[n:]
	return n, nil
}

func (h *heldBack) wait(time.Duration) error { return nil }

// TestSendmmsgReleasesByNotice: law 1 for MSG_ZEROCOPY, on a real socket whose
// notifications are held back.
func TestSendmmsgReleasesByNotice(t *testing.T) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fds[0])
	defer unix.Close(fds[1])
	b := buffersOf(t, 64, 8, 4)
	var tally Tally
	queue := &heldBack{}
	s := newSendmmsgZC(fds[0], 4, queue)
	s.calls = 1<<32 - 2
	if err := s.Begin(b, &tally); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Send(b.Take(4), 4); err != nil {
			t.Fatal(err)
		}
	}
	if b.InFlight() != 8 || b.Ready(4) {
		t.Fatalf("%d messages in flight with no notification, want 8", b.InFlight())
	}
	// The calls are counted modulo 2^32, and these go over it.
	queue.notices = []notice{{low: 1<<32 - 2, high: 1<<32 - 1, copied: true}, {low: 0, high: 0}}
	if err := s.Reap(ReapLimit); err != nil {
		t.Fatal(err)
	}
	if b.InFlight() != 5 || tally.Notifications != 3 || tally.Copied != 2 {
		t.Errorf("in flight %d, %d notifications, %d copied; want 5, 3, 2", b.InFlight(), tally.Notifications, tally.Copied)
	}
	if b.Ready(4) || !b.Ready(3) {
		t.Error("three buffers are released, and not three are given out")
	}
	queue.notices = []notice{{low: 1, high: 5}}
	if err := s.Reap(ReapLimit); err != nil {
		t.Fatal(err)
	}
	if b.InFlight() != 0 {
		t.Errorf("%d in flight after the last notification", b.InFlight())
	}
	queue.notices = []notice{{low: 6, high: 6}}
	if err := s.take(); err == nil {
		t.Error("a notification for a call that was never made went unnoticed")
	}
}
