//go:build linux

package uringzc

import (
	"math"
	"testing"

	"golang.org/x/sys/unix"
)

func TestCompletion(t *testing.T) {
	for _, tt := range []struct {
		name                string
		c                   Completion
		more, notif, copied bool
		err                 error
	}{
		{"plain result", Completion{Res: 10}, false, false, false, nil},
		{"plain error", Completion{Res: -int32(unix.EPIPE)}, false, false, false, unix.EPIPE},
		{"zero-copy result", Completion{Res: 10, Flags: cqeMore}, true, false, false, nil},
		{"zero-copy result of no bytes", Completion{Flags: cqeMore}, true, false, false, nil},
		{"zero-copy error", Completion{Res: -int32(unix.ENOMEM), Flags: cqeMore}, true, false, false, unix.ENOMEM},
		{"zero-copy error at preparation", Completion{Res: -int32(unix.EINVAL)}, false, false, false, unix.EINVAL},
		{"cancelled", Completion{Res: -int32(unix.ECANCELED), Flags: cqeMore}, true, false, false, unix.ECANCELED},
		{"cancelled before it began", Completion{Res: -int32(unix.ECANCELED)}, false, false, false, unix.ECANCELED},
		{"release", Completion{Flags: cqeNotif}, false, true, false, nil},
		{"release, copied", Completion{Res: math.MinInt32, Flags: cqeNotif}, false, true, true, nil},
		{"release, copied, with other bits", Completion{Res: math.MinInt32 + 5, Flags: cqeNotif}, false, true, true, nil},
		{"release with a bit that isn't the copied one", Completion{Res: 1 << 30, Flags: cqeNotif}, false, true, false, nil},
		{"release that isn't the last", Completion{Flags: cqeNotif | cqeMore}, true, true, false, nil},
		{"result that looks copied", Completion{Res: math.MinInt32}, false, false, false, unix.Errno(1 << 31)},
		{"zero-copy result that looks copied", Completion{Res: math.MinInt32, Flags: cqeMore}, true, false, false, unix.Errno(1 << 31)},
		{"flags of other things", Completion{Res: 10, Flags: ^uint32(cqeMore | cqeNotif)}, false, false, false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.c
			if c.More() != tt.more || c.Notification() != tt.notif || c.Copied() != tt.copied {
				t.Errorf("more %v, notification %v, copied %v", c.More(), c.Notification(), c.Copied())
			}
			if c.Err() != tt.err {
				t.Errorf("error %v, want %v", c.Err(), tt.err)
			}
		})
	}
}

// FuzzCompletion holds any 16 bytes that a kernel might post to what callers
// rely on: the two flags decide alone whether more follows and what an event
// is, a release is no error, and only a release is copied.
func FuzzCompletion(f *testing.F) {
	for _, res := range []int32{0, 1, math.MaxInt32, -1, -int32(unix.ECANCELED), math.MinInt32} {
		for _, flags := range []uint32{0, cqeMore, cqeNotif, cqeMore | cqeNotif, math.MaxUint32} {
			f.Add(res, flags)
		}
	}
	f.Fuzz(func(t *testing.T, res int32, flags uint32) {
		c := Completion{Res: res, Flags: flags}
		other := Completion{Res: ^res, Flags: flags}
		if c.More() != other.More() || c.Notification() != other.Notification() {
			t.Error("the sign of Res decides")
		}
		if c.More() != (flags&2 != 0) || c.Notification() != (flags&8 != 0) {
			t.Errorf("flags %#x: more %v, notification %v", flags, c.More(), c.Notification())
		}
		if c.Copied() != (c.Notification() && res < 0) {
			t.Errorf("copied %v for %d with flags %#x", c.Copied(), res, flags)
		}
		err := c.Err()
		if (err != nil) != (res < 0 && !c.Notification()) {
			t.Fatalf("error %v for %d with flags %#x", err, res, flags)
		}
		if err != nil && (int64(err.(unix.Errno)) != -int64(res) || err.Error() == "") {
			t.Errorf("error %d, %q for %d", err, err, res)
		}
	})
}
