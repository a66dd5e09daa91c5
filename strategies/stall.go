//go:build linux

package strategies

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// stallLimit bounds how long a sender tries again what the kernel refuses for
// want of space.
const stallLimit = time.Second

// stall bounds a row of refused sends. The zero value is ready.
type stall struct{ since int64 }

// retry returns nil if the send is worth another try, and err if it is an error
// of another kind or the row has lasted too long.
//
// EINTR: a signal came first; Go's runtime preempts threads by signal. EAGAIN,
// EBUSY, ENOBUFS, ENOMEM: socket buffer, completion queue, device queue or memory
// were full (send(2), io_uring_enter(2)).
func (s *stall) retry(err error) error {
	switch err {
	case unix.EINTR:
		return nil
	case unix.EAGAIN, unix.EBUSY, unix.ENOBUFS, unix.ENOMEM:
	default:
		return err
	}
	now := Now()
	if s.since == 0 {
		s.since = now
	}
	if now-s.since > int64(stallLimit) {
		return err
	}
	return nil
}

// reset ends the row: something went through.
func (s *stall) reset() { s.since = 0 }

// pause gives up the CPU for a moment.
func (s *stall) pause() error {
	if _, err := unix.Poll(nil, 1); err != nil && err != unix.EINTR {
		return os.NewSyscallError("poll", err)
	}
	return nil
}
