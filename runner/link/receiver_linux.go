package link

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// quiet is how long no datagram may come before what is still missing counts as
// lost. Delivery on one machine takes microseconds; this leaves room for a
// kernel thread that delivers to get its turn.
const quiet = 50 * time.Millisecond

// Receiver counts the messages that a link delivers. Its methods may be called
// from any goroutine.
type Receiver interface {
	// Counts returns what has been received since Listen.
	Counts() (Counts, error)
	// Settle is called when the senders are done. It waits until so many messages
	// since Listen are counted, and gives up when nothing more has come for a
	// while, or after the timeout. Messages that are still open then count as
	// incomplete. Counts.Sub takes those of an earlier Settle off.
	Settle(messages int64, timeout time.Duration) (Counts, error)
	// Close ends the receiver. What still waits in its queue is not counted, and
	// Counts may not be asked any more.
	Close() error
}

// datagramReceiver is a thread that reads a UDP socket.
type datagramReceiver struct {
	socket *DatagramSocket
	owns   bool          // the socket ends with it
	drops  uint32        // that the socket had when the receiver began
	wake   int           // an eventfd(2) that ends the thread's wait
	idle   chan struct{} // has an element when the queue has run empty since it was last taken
	ended  chan struct{} // closed when the thread has ended
	close  sync.Once

	mu        sync.Mutex
	assembler assembler
	busy      bool // datagrams may have left the queue and not be counted yet
	closing   bool
	err       error
}

// newReceiver starts the receiving thread. The socket's memory is the receiver's until
// it is closed.
func newReceiver(s *DatagramSocket, o ListenOptions, owns bool) (*datagramReceiver, error) {
	drops, err := socketDrops(s.fd)
	if err != nil {
		return nil, fmt.Errorf("link: count drops: %w", err)
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("link: %w", os.NewSyscallError("eventfd", err))
	}
	r := &datagramReceiver{
		socket:    s,
		owns:      owns,
		drops:     drops,
		wake:      wake,
		idle:      make(chan struct{}, 1),
		ended:     make(chan struct{}),
		assembler: assembler{size: o.Size, start: o.Start, intact: o.Intact, flows: map[uint16]*flow{}},
	}
	pinned := make(chan error)
	onDiscardedThread(func() { r.run(o.CPU, pinned) })
	if err := <-pinned; err != nil {
		unix.Close(wake)
		return nil, err
	}
	return r, nil
}

// run is the receiving thread's, which stays pinned to the CPU.
func (r *datagramReceiver) run(cpu int, pinned chan<- error) {
	defer close(r.ended)
	if cpu >= 0 {
		var set unix.CPUSet
		set.Set(cpu)
		if err := unix.SchedSetaffinity(0, &set); err != nil {
			pinned <- fmt.Errorf("link: pin the receiver to CPU %d: %w", cpu, os.NewSyscallError("sched_setaffinity", err))
			return
		}
	}
	pinned <- nil
	for {
		if err := r.empty(); err != nil {
			r.fail(err)
			return
		}
		waiting := []unix.PollFd{{Fd: int32(r.socket.fd), Events: unix.POLLIN}, {Fd: int32(r.wake), Events: unix.POLLIN}}
		if _, err := unix.Poll(waiting, -1); err != nil && err != unix.EINTR {
			r.fail(os.NewSyscallError("poll", err))
			return
		}
		r.mu.Lock()
		closing := r.closing
		r.mu.Unlock()
		if closing {
			return
		}
	}
}

// empty takes all that waits in the queue.
func (r *datagramReceiver) empty() error {
	r.mu.Lock()
	r.busy = true
	r.mu.Unlock()
	received := r.socket.received
	for {
		n, err := received.receive(r.socket.fd)
		r.mu.Lock()
		for i := range n {
			from, payload, segment := received.at(i)
			if !r.socket.takes(from) {
				r.assembler.counts.Foreign++
				continue
			}
			r.assembler.receive(from.Port(), payload, segment)
		}
		if errors.Is(err, unix.EAGAIN) {
			r.busy = false
		}
		closing := r.closing
		r.mu.Unlock()
		switch {
		case errors.Is(err, unix.EAGAIN) || closing:
			select {
			case r.idle <- struct{}{}:
			default:
			}
			return nil
		case err != nil && !errors.Is(err, unix.EINTR):
			return err
		}
	}
}

func (r *datagramReceiver) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = fmt.Errorf("link: receive: %w", err)
}

func (r *datagramReceiver) Counts() (Counts, error) {
	drops, err := socketDrops(r.socket.fd)
	if err != nil {
		return Counts{}, fmt.Errorf("link: count drops: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	counts := r.assembler.counts
	counts.Drops = int64(drops - r.drops) // which the kernel lets wrap
	return counts, r.err
}

// Settle waits until all that has reached the receiver's queue is counted, too.
func (r *datagramReceiver) Settle(messages int64, timeout time.Duration) (Counts, error) {
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	silence := time.NewTimer(quiet)
	defer silence.Stop()
	var last Counts
	for {
		counted, err := r.countedAll()
		if err != nil {
			return Counts{}, err
		}
		counts, err := r.Counts()
		if err != nil {
			return counts, err
		}
		if counted && counts.Messages >= messages {
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
			if counted, err := r.countedAll(); err != nil || counted {
				return r.finish()
			}
			silence.Reset(quiet)
		}
	}
}

// countedAll reports whether everything that had reached the queue when it was
// called has been counted. The order matters: what the queue no longer holds
// left it while busy was set.
func (r *datagramReceiver) countedAll() (bool, error) {
	queue := []unix.PollFd{{Fd: int32(r.socket.fd), Events: unix.POLLIN}}
	n, err := unix.Poll(queue, 0)
	if err != nil && err != unix.EINTR {
		return false, fmt.Errorf("link: look at the receive queue: %w", os.NewSyscallError("poll", err))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return err == nil && n == 0 && !r.busy, nil
}

// finish gives open messages up and returns the counts.
func (r *datagramReceiver) finish() (Counts, error) {
	r.mu.Lock()
	r.assembler.cutAll()
	r.mu.Unlock()
	return r.Counts()
}

func (r *datagramReceiver) Close() error {
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
		if r.owns {
			err = errors.Join(err, r.socket.Close())
		}
	})
	return err
}
