package link

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// streamReceiver is a thread that reads all connections of Streams. It acknowledges
// at once whenever it has read all there was: a sender that waits for the last of its
// bytes to be acknowledged would otherwise wait for the delayed acknowledgement's
// timer, 40 ms and more (TCP_QUICKACK, tcp(7)).
type streamReceiver struct {
	receiving // whose lock is also held while a read's bytes are not counted yet
	streams   *Streams
	options   ListenOptions
	flags     int // of each read

	counts Counts // guarded by receiving's lock
}

func newStreamReceiver(s *Streams, o ListenOptions) (*streamReceiver, error) {
	r := &streamReceiver{streams: s, options: o}
	if o.Start == nil {
		r.flags = unix.MSG_TRUNC
	}
	if err := r.start(o.CPU, r.receive); err != nil {
		return nil, err
	}
	return r, nil
}

// receive is the receiving thread's.
func (r *streamReceiver) receive() error {
	var events [16]unix.EpollEvent
	for !r.asked() {
		n, err := unix.EpollWait(r.streams.queue, events[:], 0)
		if err != nil && err != unix.EINTR {
			return os.NewSyscallError("epoll_wait", err)
		}
		for _, e := range events[:max(n, 0)] {
			if err := r.serve(int(e.Fd)); err != nil {
				return err
			}
		}
		if n != 0 || err != nil {
			continue
		}
		r.allRead()
		if err := r.wait(r.streams.queue); err != nil {
			return err
		}
	}
	return nil
}

// serve accepts, or reads a connection.
func (r *streamReceiver) serve(fd int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if fd != r.streams.listener {
		return r.read(fd)
	}
	foreign, err := r.streams.accept()
	if foreign {
		r.counts.Foreign++
	}
	return err
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

func (r *streamReceiver) Counts() (Counts, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counts, r.err
}

// Settle waits until all that has reached the sockets is counted, too.
func (r *streamReceiver) Settle(messages int64, timeout time.Duration) (Counts, error) {
	if err := r.settled(messages, timeout, r.counted); err != nil {
		return Counts{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.streams.connections {
		c.cut(&r.counts) // open messages are given up
	}
	return r.counts, r.err
}

// counted returns the counts, and whether they are of all that had arrived: while it
// holds the lock, what was read is counted, and what wasn't shows in the queue.
func (r *streamReceiver) counted() (counts Counts, all bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	waits, err := awaits(r.streams.queue)
	if err != nil {
		return r.counts, false, err
	}
	return r.counts, !waits, r.err
}

func (r *streamReceiver) Close() error {
	ended, err := r.stop()
	if ended {
		r.streams.receiver = nil
	}
	return err
}
