//go:build linux

package strategies

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
	"sendbench/uringzc"
)

// uringSender is what the io_uring strategies share: one submission a message,
// one io_uring_enter a batch, and the two events of a send. They differ in how
// submissions are prepared: n messages from number first on, or fewer and why.
type uringSender struct {
	ring     *uringzc.Ring
	prepare  func(first uint64, n int) (int, error)
	feature  string // for messages
	reports  bool   // notifications say whether the kernel copied
	msgFlags uint32 // of each send

	b      *Buffers
	t      *Tally
	clock  stall
	failed error // of the first send that failed since the last was told

	completions [64]uringzc.Completion // room to take them in
}

// openUring opens a ring for c's socket, which becomes registered file 0.
func openUring(c Config, options uringzc.Options, needs ...uringzc.Op) (*uringSender, error) {
	// Two batches are in flight, and the polling thread, where there is one, may
	// not have looked at either. A zero-copy send has two completions.
	options.Entries = uint32(2 * c.Batch)
	options.InFlight = uint32(2 * c.Batch)
	ring, err := uringzc.Open(options)
	if err != nil {
		return nil, err
	}
	for _, op := range needs {
		if err := ring.Require(op); err != nil {
			return nil, errors.Join(err, ring.Close())
		}
	}
	if err := ring.RegisterFiles([]int{c.FD}); err != nil {
		return nil, errors.Join(err, ring.Close())
	}
	return &uringSender{ring: ring, reports: ring.ReportsUsage()}, nil
}

// socket is the one registered file.
var socket = uringzc.RegisteredFile(0)

func (u *uringSender) Begin(b *Buffers, t *Tally) error {
	u.b, u.t, u.failed, u.clock = b, t, nil, stall{}
	return nil
}

func (u *uringSender) Send(first uint64, n int) error {
	prepared, done := 0, 0
	for prepared < n {
		more, err := u.prepare(first+uint64(prepared), n-prepared)
		u.b.Lend(first+uint64(prepared), more, Now())
		prepared += more
		if err == uringzc.ErrQueueFull {
			// With a polling thread a message may be released before its entry in
			// the queue is free.
			more, err = u.submit()
			done += more
		}
		if err != nil {
			return err // what is prepared goes with the next call, and is lent till then
		}
	}
	for done < n {
		taken, err := u.submit()
		done += taken
		if err == nil {
			err = u.take()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// submit makes one call. That the kernel takes nothing is an error only once it
// has lasted.
func (u *uringSender) submit() (taken int, err error) {
	before := u.ring.Enters()
	taken, err = u.ring.Submit()
	u.t.Syscalls += int64(u.ring.Enters() - before)
	if err == nil && taken > 0 {
		u.clock.reset()
		return taken, nil
	}
	if err == nil {
		return 0, u.clock.retry(unix.EAGAIN)
	}
	// EAGAIN: no memory for a request; EBUSY: completions overflow and are to be
	// read first (io_uring_enter(2)).
	if errno := unix.Errno(0); errors.As(err, &errno) && u.clock.retry(errno) == nil {
		u.t.Retries++
		return taken, nil
	}
	return taken, err
}

// take reads all completions that are there.
func (u *uringSender) take() error {
	now := int64(0)
	for n := len(u.completions); n == len(u.completions); {
		n = u.ring.Reap(u.completions[:])
		if n > 0 && now == 0 {
			now = Now()
		}
		for i := range u.completions[:n] {
			c := &u.completions[i]
			if c.More() && !c.Notification() && c.Res >= 0 {
				// Half of them, in one look: what was sent of a message that isn't
				// released yet.
				u.t.Messages++
				u.t.Bytes += int64(c.Res)
				continue
			}
			if err := u.complete(c, now); err != nil {
				return err
			}
		}
	}
	failed := u.failed
	u.failed = nil
	return failed
}

// complete takes in one of the two events of a send, told by the flags alone: a
// buffer is released by the notification, or, if the result has no F_MORE, by the
// result.
func (u *uringSender) complete(c *uringzc.Completion, now int64) error {
	if c.Notification() {
		u.t.Notifications++
		u.t.Notices++
		if !u.reports {
			u.t.Unreported++
		} else if c.Copied() {
			u.t.Copied++
		}
	} else if err := c.Err(); err == nil {
		u.t.Messages++
		u.t.Bytes += int64(c.Res)
	} else if u.failed == nil {
		u.failed = u.explain(err)
	}
	if c.More() {
		return nil
	}
	return u.b.Release(c.UserData, now)
}

func (u *uringSender) explain(err error) error {
	if errors.Is(err, unix.ENOMEM) {
		return uringzc.LockedMemoryError(u.feature, int64(u.b.Window()*Stride(u.b.Size())), err)
	}
	return fmt.Errorf("%s of %d bytes: %w", u.feature, u.b.Size(), err)
}

func (u *uringSender) Reap(wait time.Duration) error {
	before := u.b.InFlight()
	if err := u.take(); err != nil || u.b.InFlight() < before {
		return err
	}
	enters := u.ring.Enters()
	_, err := u.ring.SubmitAndWait(1, wait)
	u.t.Syscalls += int64(u.ring.Enters() - enters)
	if errors.Is(err, uringzc.ErrTimeout) {
		if wait == 0 {
			return u.take() // an event of those that release nothing may have come
		}
		return fmt.Errorf("%s: no completion within %v, %d buffers in flight", u.feature, wait, u.b.InFlight())
	}
	if err != nil {
		return err
	}
	return u.take()
}

func (u *uringSender) Close() error { return u.ring.Close() }
