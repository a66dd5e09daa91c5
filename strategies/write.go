//go:build linux

package strategies

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

func write() Strategy {
	return Strategy{
		Name: "write",
		Way:  "one write(2) a message",
		Open: func(c Config) (Sender, error) { return &writeSender{fd: c.FD}, nil },
	}
}

type writeSender struct {
	fd    int
	b     *Buffers
	t     *Tally
	clock stall
}

func (w *writeSender) Begin(b *Buffers, t *Tally) error {
	w.b, w.t = b, t
	return nil
}

// Send releases the whole batch with one look at the clock: the k-th message
// was lent for the k-th part of the batch's time, so the mean of one call
// stands for each.
func (w *writeSender) Send(first uint64, n int) error {
	start := Now()
	for i := range n {
		message := w.b.Message(first + uint64(i))
		for {
			sent, errno := rawWrite(w.fd, message)
			w.t.Syscalls++
			if errno == 0 {
				w.t.Messages++
				w.t.Bytes += int64(sent)
				break
			}
			if err := w.clock.retry(errno); err != nil {
				w.b.Recall(first, n)
				return os.NewSyscallError("write", err)
			}
			w.t.Retries++
		}
		w.clock.reset()
	}
	now := Now()
	call := (now - start) / int64(n)
	for i := range n {
		if err := w.b.Return(first+uint64(i), call); err != nil {
			return err
		}
	}
	return nil
}

// rawWrite is write(2) without telling Go's scheduler, which costs about as much
// again as an empty system call: what is compared is the ways of sending, and
// io_uring's calls are made like this too. A send on a datagram socket waits for
// no more than room in its own send buffer.
func rawWrite(fd int, p []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// Reap has nothing to wait for: write(2) returns when the data is copied.
func (w *writeSender) Reap() error { return nil }

func (w *writeSender) Close() error { return nil }
