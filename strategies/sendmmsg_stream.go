//go:build linux

package strategies

import (
	"time"

	"golang.org/x/sys/unix"
)

// sendmmsgStream is sendmmsgSender for a TCP socket. A sendmmsg(2) ends with the
// first message that goes in part, and counts it (__sys_sendmmsg, net/socket.c): the
// next call begins with its rest.
type sendmmsgStream struct {
	fd       int
	batch    sendBatch
	b        *Buffers
	t        *Tally
	patience patience
}

func (s *sendmmsgStream) Begin(b *Buffers, t *Tally) error {
	s.b, s.t = b, t
	s.patience.clock.reset()
	return nil
}

func (s *sendmmsgStream) Send(first uint64, n int) error {
	for i := range n {
		s.batch.set(i, s.b.Filled(first+uint64(i)))
	}
	start := Now()
	for done := 0; done < n; {
		taken, errno := s.batch.send(s.fd, done, n, unix.MSG_NOSIGNAL)
		s.t.Syscalls++
		if errno != 0 {
			if err := s.patience.refused("sendmmsg", errno); err != nil {
				return err
			}
			s.t.Retries++
			continue
		}
		for i := done; i < done+taken; i++ {
			s.t.Bytes += s.batch.sent(i)
		}
		whole := s.batch.advance(done + taken - 1)
		if !whole {
			taken--
		}
		s.t.Messages += int64(taken)
		done += taken
		if err := s.patience.took(whole); err != nil {
			return err
		}
	}
	s.b.Returned(n, start, Now())
	return nil
}

// Reap has nothing to wait for: sendmmsg(2) returns when the data is copied.
func (s *sendmmsgStream) Reap(time.Duration) error { return nil }

func (s *sendmmsgStream) Close() error { return nil }
