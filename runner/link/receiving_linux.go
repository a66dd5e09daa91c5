package link

import (
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// receiving is the thread of a receiver, and what it shares with those who ask for its
// counts.
type receiving struct {
	wake  int           // an eventfd(2) that ends the thread's wait
	idle  chan struct{} // has an element when all was read since it was last taken
	ended chan struct{} // closed when the thread has ended
	close sync.Once

	mu      sync.Mutex
	closing bool
	err     error
}

// start has a thread of its own, pinned to the CPU unless that is negative,
// receive until that returns.
func (r *receiving) start(cpu int, receive func() error) error {
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return fmt.Errorf("link: %w", os.NewSyscallError("eventfd", err))
	}
	r.wake, r.idle, r.ended = wake, make(chan struct{}, 1), make(chan struct{})
	pinned := make(chan error)
	onDiscardedThread(func() {
		defer close(r.ended)
		err := pinReceiver(cpu)
		pinned <- err
		if err != nil {
			return
		}
		if err := receive(); err != nil {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.err = fmt.Errorf("link: receive: %w", err)
		}
	})
	if err := <-pinned; err != nil {
		unix.Close(wake)
		return err
	}
	return nil
}

func pinReceiver(cpu int) error {
	if cpu < 0 {
		return nil
	}
	var set unix.CPUSet
	set.Set(cpu)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("link: pin the receiver to CPU %d: %w", cpu, os.NewSyscallError("sched_setaffinity", err))
	}
	return nil
}

// allRead tells those who wait that all was read.
func (r *receiving) allRead() {
	select {
	case r.idle <- struct{}{}:
	default:
	}
}

// wait returns when fd can be read or the receiver is to end.
func (r *receiving) wait(fd int) error {
	waiting := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(r.wake), Events: unix.POLLIN}}
	if _, err := unix.Poll(waiting, -1); err != nil && err != unix.EINTR {
		return os.NewSyscallError("poll", err)
	}
	return nil
}

// asked tells whether the receiver is to end.
func (r *receiving) asked() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closing
}

// settled waits until so many messages are counted and everything that has arrived is,
// or nothing more has come for a while, the thread has ended, or time is up. counted
// returns the counts, and whether they are of all that had arrived when it was called.
func (r *receiving) settled(messages int64, timeout time.Duration, counted func() (Counts, bool, error)) error {
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	silence := time.NewTimer(quiet)
	defer silence.Stop()
	var last Counts
	for {
		counts, all, err := counted()
		if err != nil || all && counts.Messages >= messages {
			return err
		}
		if counts != last {
			last = counts
			silence.Reset(quiet)
		}
		select {
		case <-r.idle:
		case <-r.ended:
			return nil
		case <-deadline.C:
			return nil
		case <-silence.C:
			if now, all, err := counted(); err != nil || all && now == last {
				return err
			}
			silence.Reset(quiet)
		}
	}
}

// stop ends the thread, and tells whether this call did.
func (r *receiving) stop() (ended bool, err error) {
	r.close.Do(func() {
		r.mu.Lock()
		r.closing = true
		r.mu.Unlock()
		// Any number but 0 wakes the thread, whatever the byte order.
		if _, writeErr := unix.Write(r.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}); writeErr != nil {
			err = fmt.Errorf("link: wake the receiver: %w", os.NewSyscallError("write", writeErr))
			return
		}
		<-r.ended
		ended = true
		err = os.NewSyscallError("close", unix.Close(r.wake))
	})
	return ended, err
}

// awaits tells whether something waits to be read from fd.
func awaits(fd int) (bool, error) {
	queue := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Poll(queue, 0)
	if err == unix.EINTR {
		return true, nil // that it doesn't is not known
	}
	if err != nil {
		return false, fmt.Errorf("link: look at the receive queue: %w", os.NewSyscallError("poll", err))
	}
	return n > 0, nil
}
