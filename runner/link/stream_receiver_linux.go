package link

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// streamReceiver is a thread that reads all connections of Streams. It acknowledges
// at once whenever it has read all there was: a sender that waits for the last of its
// bytes to be acknowledged would otherwise wait for the delayed acknowledgement's
// timer, 40 ms and more (TCP_QUICKACK, tcp(7)).
type streamReceiver struct {
	streams *Streams
	options ListenOptions
	flags   int           // of each read
	wake    int           // an eventfd(2) that ends the thread's wait
	idle    chan struct{} // has an element when all was read since it was last taken
	ended   chan struct{} // closed when the thread has ended
	close   sync.Once

	mu      sync.Mutex // also held while a read's bytes are not counted yet
	counts  Counts
	closing bool
	err     error
}

func newStreamReceiver(s *Streams, o ListenOptions) (*streamReceiver, error) {
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("link: %w", os.NewSyscallError("eventfd", err))
	}
	r := &streamReceiver{streams: s, options: o, wake: wake, idle: make(chan struct{}, 1), ended: make(chan struct{})}
	if o.Start == nil {
		r.flags = unix.MSG_TRUNC
	}
	pinned := make(chan error)
	onDiscardedThread(func() { r.run(pinned) })
	if err := <-pinned; err != nil {
		return nil, errors.Join(err, os.NewSyscallError("close", unix.Close(wake)))
	}
	return r, nil
}

// run is the receiving thread's, which stays pinned to the CPU.
func (r *streamReceiver) run(pinned chan<- error) {
	defer close(r.ended)
	if cpu := r.options.CPU; cpu >= 0 {
		var set unix.CPUSet
		set.Set(cpu)
		if err := unix.SchedSetaffinity(0, &set); err != nil {
			pinned <- fmt.Errorf("link: pin the receiver to CPU %d: %w", cpu, os.NewSyscallError("sched_setaffinity", err))
			return
		}
	}
	pinned <- nil
	var events [16]unix.EpollEvent
	for {
		n, err := unix.EpollWait(r.streams.queue, events[:], 0)
		if n == 0 && err == nil {
			err = r.wait()
		}
		if err != nil && err != unix.EINTR {
			r.fail(err)
			return
		}
		for _, e := range events[:max(n, 0)] {
			if !r.serve(int(e.Fd)) {
				return
			}
		}
		if r.asked() {
			return
		}
	}
}

// wait returns when there is something to read or the receiver is to end.
func (r *streamReceiver) wait() error {
	select {
	case r.idle <- struct{}{}:
	default:
	}
	waiting := []unix.PollFd{{Fd: int32(r.streams.queue), Events: unix.POLLIN}, {Fd: int32(r.wake), Events: unix.POLLIN}}
	if _, err := unix.Poll(waiting, -1); err != nil && err != unix.EINTR {
		return os.NewSyscallError("poll", err)
	}
	return nil
}

// asked tells whether the receiver is to end.
func (r *streamReceiver) asked() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closing
}

// serve accepts, or reads a connection; false if that failed.
func (r *streamReceiver) serve(fd int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := error(nil)
	if fd == r.streams.listener {
		var foreign bool
		if foreign, err = r.streams.accept(); foreign {
			r.counts.Foreign++
		}
	} else {
		err = r.read(fd)
	}
	if err != nil {
		r.err = fmt.Errorf("link: receive: %w", err)
	}
	return err == nil
}

// read reads a connection until it is empty, or others have waited long enough.
func (r *streamReceiver) read(fd int) error {
	c := r.streams.connections[int32(fd)]
	for range streamCalls {
		n, empty, err := r.streams.read(fd, r.flags)
		if err != nil {
			return err
		}
		r.counts.Received += int64(n)
		if r.options.Start == nil {
			c.take(n, &r.options, &r.counts)
		} else {
			c.check(r.streams.memory[:n], &r.options, &r.counts)
		}
		switch {
		case empty && r.streams.connections[int32(fd)] == nil: // it has ended
			c.cut(&r.counts)
			return nil
		case empty:
			return os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1))
		}
	}
	return nil
}

func (r *streamReceiver) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = fmt.Errorf("link: receive: %w", err)
}

func (r *streamReceiver) Counts() (Counts, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counts, r.err
}

// Settle waits until all that has reached the sockets is counted, too.
func (r *streamReceiver) Settle(messages int64, timeout time.Duration) (Counts, error) {
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	silence := time.NewTimer(quiet)
	defer silence.Stop()
	var last Counts
	for {
		counts, all, err := r.counted()
		if err != nil {
			return counts, err
		}
		if all && counts.Messages >= messages {
			return r.finish()
		}
		if counts != last {
			last = counts
			silence.Reset(quiet)
		}
		select {
		case <-r.idle:
		case <-r.ended:
			return r.finish()
		case <-deadline.C:
			return r.finish()
		case <-silence.C:
			if now, all, err := r.counted(); err != nil || all && now == last {
				return r.finish()
			}
			silence.Reset(quiet)
		}
	}
}

// counted returns the counts, and whether they are of all that had arrived: while it
// holds the lock, what was read is counted, and what wasn't shows in the queue.
func (r *streamReceiver) counted() (counts Counts, all bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	queue := []unix.PollFd{{Fd: int32(r.streams.queue), Events: unix.POLLIN}}
	n, err := unix.Poll(queue, 0)
	if err != nil && err != unix.EINTR {
		return r.counts, false, fmt.Errorf("link: look at the streams: %w", os.NewSyscallError("poll", err))
	}
	return r.counts, err == nil && n == 0, r.err
}

// finish gives open messages up and returns the counts.
func (r *streamReceiver) finish() (Counts, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.streams.connections {
		c.cut(&r.counts)
	}
	return r.counts, r.err
}

func (r *streamReceiver) Close() error {
	var err error
	r.close.Do(func() {
		r.mu.Lock()
		r.closing = true
		r.mu.Unlock()
		// Any number but 0 wakes the thread, whatever the byte order.
		_, writeErr := unix.Write(r.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
		if writeErr != nil {
			err = fmt.Errorf("link: wake the receiver: %w", os.NewSyscallError("write", writeErr))
			return
		}
		<-r.ended
		err = os.NewSyscallError("close", unix.Close(r.wake))
		r.streams.receiver = nil
	})
	return err
}
