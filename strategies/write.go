//go:build linux

package strategies

import (
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func write() Strategy {
	return Strategy{
		Name: "write",
		Way:  "one write(2) a message",
		Open: func(c Config) (Sender, error) {
			if c.Stream {
				return &writeStream{fd: c.FD, patience: patience{halt: c.Halt}}, nil
			}
			return &writeSender{fd: c.FD}, nil
		},
	}
}

type writeSender struct {
	fd    int
	b     *Buffers
	t     *Tally
	clock stall
}

func (w *writeSender) Begin(b *Buffers, t *Tally) error {
	w.b, w.t, w.clock = b, t, stall{}
	return nil
}

// Send looks at the clock for the last message of a batch alone, whose time
// stands for each: two looks a message would cost as much as a tenth of it. At a set
// rate it is each message's time that counts.
func (w *writeSender) Send(first uint64, n int) error {
	var start int64
	paced := w.b.Paced()
	for i := range n {
		message := w.b.Filled(first + uint64(i))
		if paced || i == n-1 {
			start = Now()
		}
		if err := w.one(message); err != nil {
			return err
		}
		if paced {
			w.b.Returned(1, start, Now())
		}
	}
	if !paced {
		w.b.Returned(n, start, Now())
	}
	return nil
}

func (w *writeSender) one(message []byte) error {
	for {
		sent, errno := rawWrite(w.fd, message)
		w.t.Syscalls++
		if errno == 0 {
			w.t.Messages++
			w.t.Bytes += int64(sent)
			w.clock.reset()
			return nil
		}
		if err := w.clock.retry(errno); err != nil {
			return os.NewSyscallError("write", err)
		}
		w.t.Retries++
	}
}

// rawWrite is write(2) without telling Go's scheduler, which costs about as much
// again as an empty system call: what is compared is the ways of sending, and
// io_uring's calls are made like this too. Package syscall takes the arguments in
// registers, x/sys passes them over the stack. A send on a datagram socket waits for
// no more than room in its own send buffer.
func rawWrite(fd int, p []byte) (int, unix.Errno) {
	n, _, errno := syscall.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// Reap has nothing to wait for: write(2) returns when the data is copied.
func (w *writeSender) Reap(time.Duration) error { return nil }

func (w *writeSender) Close() error { return nil }
