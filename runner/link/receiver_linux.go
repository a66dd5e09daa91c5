package link

import (
	"errors"
	"fmt"
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
	receiving
	socket *DatagramSocket
	owns   bool   // the socket ends with it
	drops  uint32 // that the socket had when the receiver began

	// Guarded by receiving's lock.
	assembler assembler
	busy      bool // datagrams may have left the queue and not be counted yet
}

// newReceiver starts the receiving thread. The socket's memory is the receiver's until
// it is closed.
func newReceiver(s *DatagramSocket, o ListenOptions, owns bool) (*datagramReceiver, error) {
	drops, err := socketDrops(s.fd)
	if err != nil {
		return nil, fmt.Errorf("link: count drops: %w", err)
	}
	r := &datagramReceiver{
		socket:    s,
		owns:      owns,
		drops:     drops,
		assembler: assembler{size: o.Size, start: o.Start, intact: o.Intact, flows: map[uint16]*flow{}},
	}
	if err := r.start(o.CPU, r.receive); err != nil {
		return nil, err
	}
	return r, nil
}

// receive is the receiving thread's.
func (r *datagramReceiver) receive() error {
	for !r.asked() {
		if err := r.readAll(); err != nil {
			return err
		}
		r.allRead()
		if err := r.wait(r.socket.fd); err != nil {
			return err
		}
	}
	return nil
}

// readAll takes all that waits in the queue, or stops early if the receiver is to end.
func (r *datagramReceiver) readAll() error {
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
			return nil
		case err != nil && !errors.Is(err, unix.EINTR):
			return err
		}
	}
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
	if err := r.settled(messages, timeout, r.counted); err != nil {
		return Counts{}, err
	}
	r.mu.Lock()
	r.assembler.cutAll() // open messages are given up
	r.mu.Unlock()
	return r.Counts()
}

// counted returns the counts, and whether everything that had reached the queue when it
// was called is in them. The order matters: what the queue no longer holds left it while
// busy was set.
func (r *datagramReceiver) counted() (counts Counts, all bool, err error) {
	waits, err := awaits(r.socket.fd)
	if err != nil {
		return counts, false, err
	}
	r.mu.Lock()
	all = !waits && !r.busy
	r.mu.Unlock()
	counts, err = r.Counts()
	return counts, all, err
}

func (r *datagramReceiver) Close() error {
	ended, err := r.stop()
	if ended && r.owns {
		err = errors.Join(err, r.socket.Close())
	}
	return err
}
