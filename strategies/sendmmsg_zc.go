//go:build linux

package strategies

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
	"sendbench/uringzc"
)

func sendmmsgZC() Strategy {
	return Strategy{
		Name:     "sendmmsg-zc",
		Way:      "sendmmsg(2) with MSG_ZEROCOPY, notifications from the error queue",
		ZeroCopy: true,
		Open:     openSendmmsgZC,
	}
}

type sendmmsgZCSender struct {
	fd      int
	batch   sendBatch
	queue   noticeQueue
	notices [8]notice
	b       *Buffers
	t       *Tally
	clock   stall
	release func(notice, int64) error // releases what a notification names, at a time

	// calls is the number of the socket's next zero-copy call: the kernel
	// counts each message of a sendmmsg that it took, modulo 2^32. begun is what
	// it was when the trial began, open how many have no notification yet.
	calls, begun uint32
	open         int
}

// noticeQueue is where notifications come from: an errorQueue.
type noticeQueue interface {
	read(*[8]notice) (int, error)
	wait(time.Duration) error
}

func openSendmmsgZC(c Config) (Sender, error) {
	if err := unix.SetsockoptInt(c.FD, unix.SOL_SOCKET, unix.SO_ZEROCOPY, 1); err != nil {
		return nil, &UnsupportedError{
			Feature: "SO_ZEROCOPY", Since: "5.0 for UDP, 4.14 for TCP",
			Reason: "this socket doesn't take it", Err: os.NewSyscallError("setsockopt", err),
		}
	}
	s := newSendmmsgZC(c.FD, c.Batch, &errorQueue{fd: c.FD})
	if c.Stream {
		return newSendmmsgZCStream(s, c.Halt), nil
	}
	return s, nil
}

func newSendmmsgZC(fd, batch int, queue noticeQueue) *sendmmsgZCSender {
	s := &sendmmsgZCSender{fd: fd, batch: newSendBatch(batch), queue: queue}
	s.release = s.releaseCalls
	return s
}

func (s *sendmmsgZCSender) Begin(b *Buffers, t *Tally) error {
	s.b, s.t, s.begun, s.clock = b, t, s.calls, stall{}
	return nil
}

func (s *sendmmsgZCSender) Send(first uint64, n int) error {
	for i := range n {
		s.batch.set(i, s.b.Filled(first+uint64(i)))
	}
	s.b.Lend(first, n, Now())
	for done := 0; done < n; {
		taken, errno := s.batch.send(s.fd, done, n, unix.MSG_ZEROCOPY)
		s.t.Syscalls++
		if errno != 0 {
			if err := s.refused(errno); err != nil {
				s.b.Recall(first+uint64(done), n-done)
				return err
			}
			s.t.Retries++
			continue
		}
		s.clock.reset()
		for i := done; i < done+taken; i++ {
			s.t.Bytes += s.batch.sent(i)
		}
		s.t.Messages += int64(taken)
		s.calls += uint32(taken)
		s.open += taken
		done += taken
	}
	return s.take()
}

// refused says whether to try again. ENOBUFS means that unread notifications
// have used up net.core.optmem_max, or pinned pages the locked-memory limit:
// reading the queue gives back both.
func (s *sendmmsgZCSender) refused(errno unix.Errno) error {
	if err := s.clock.retry(errno); err != nil {
		if errno == unix.ENOBUFS {
			return uringzc.LockedMemoryError("MSG_ZEROCOPY", int64(s.b.Window()*Stride(s.b.Size())), os.NewSyscallError("sendmmsg", errno))
		}
		return os.NewSyscallError("sendmmsg", err)
	}
	if errno != unix.ENOBUFS {
		return nil
	}
	if s.open == 0 {
		// Somebody else's pinned pages, of a process just ended perhaps, which
		// are given back late.
		return s.clock.pause()
	}
	return s.Reap(ReapLimit)
}

// take reads one load of notifications and releases what they name.
func (s *sendmmsgZCSender) take() error {
	n, err := s.queue.read(&s.notices)
	s.t.Syscalls++
	if err != nil {
		return err
	}
	s.t.Notices += int64(n)
	now := Now()
	for _, notice := range s.notices[:n] {
		count := notice.high - notice.low + 1
		if int64(count) > int64(s.open) {
			return fmt.Errorf("zero-copy notification for calls %d to %d, of which only %d are open", notice.low, notice.high, s.open)
		}
		s.open -= int(count)
		if err := s.release(notice, now); err != nil {
			return err
		}
	}
	return nil
}

// releaseCalls releases the messages of a notification, each of which is a call.
func (s *sendmmsgZCSender) releaseCalls(n notice, now int64) error {
	count := n.high - n.low + 1
	s.t.Notifications += int64(count)
	if n.copied {
		s.t.Copied += int64(count)
	}
	for i := range count {
		// Messages are numbered from 0 a trial and calls from 0 a socket.
		if err := s.b.Release(uint64(n.low-s.begun+i), now); err != nil {
			return err
		}
	}
	return nil
}

func (s *sendmmsgZCSender) Reap(wait time.Duration) error {
	before := s.open
	if err := s.take(); err != nil || s.open < before || s.open == 0 || wait == 0 {
		return err
	}
	s.t.Syscalls++
	if err := s.queue.wait(wait); err != nil {
		return err
	}
	return s.take()
}

func (s *sendmmsgZCSender) Close() error { return nil }
