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
		{"zero-copy error", Completion{Res: -int32(unix.ENOMEM), Flags: cqeMore}, true, false, false, unix.ENOMEM},
		{"release", Completion{Flags: cqeNotif}, false, true, false, nil},
		{"release, copied", Completion{Res: math.MinInt32, Flags: cqeNotif}, false, true, true, nil},
		{"release, copied, with other bits", Completion{Res: math.MinInt32 + 5, Flags: cqeNotif}, false, true, true, nil},
		{"result that looks copied", Completion{Res: math.MinInt32}, false, false, false, unix.Errno(1 << 31)},
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
