//go:build linux

package strategies

import (
	"os"
	"time"
)

func sendmmsg() Strategy {
	return Strategy{
		Name: "sendmmsg",
		Way:  "sendmmsg(2), a batch a call",
		Open: func(c Config) (Sender, error) {
			if c.Stream {
				return &sendmmsgStream{fd: c.FD, batch: newSendBatch(c.Batch), patience: patience{halt: c.Halt}}, nil
			}
			return &sendmmsgSender{fd: c.FD, batch: newSendBatch(c.Batch)}, nil
		},
	}
}

type sendmmsgSender struct {
	fd    int
	batch sendBatch
	b     *Buffers
	t     *Tally
	clock stall
}

func (s *sendmmsgSender) Begin(b *Buffers, t *Tally) error {
	s.b, s.t, s.clock = b, t, stall{}
	return nil
}

func (s *sendmmsgSender) Send(first uint64, n int) error {
	for i := range n {
		s.batch.set(i, s.b.Filled(first+uint64(i)))
	}
	start := Now()
	for done := 0; done < n; {
		taken, errno := s.batch.send(s.fd, done, n, 0)
		s.t.Syscalls++
		if errno != 0 {
			if err := s.clock.retry(errno); err != nil {
				return os.NewSyscallError("sendmmsg", err)
			}
			s.t.Retries++
			continue
		}
		s.clock.reset()
		for i := done; i < done+taken; i++ {
			s.t.Bytes += s.batch.sent(i)
		}
		s.t.Messages += int64(taken)
		done += taken
	}
	s.b.Returned(n, start, Now())
	return nil
}

// Reap has nothing to wait for: sendmmsg(2) returns when the data is copied.
func (s *sendmmsgSender) Reap(time.Duration) error { return nil }

func (s *sendmmsgSender) Close() error { return nil }
