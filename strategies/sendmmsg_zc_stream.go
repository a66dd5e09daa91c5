//go:build linux

package strategies

import (
	"fmt"
	"math/bits"

	"golang.org/x/sys/unix"
)

// sendmmsgZCStream is sendmmsgZCSender for a TCP socket. Each message of a call has a
// notification of its own, and so has the rest of one that went in part: a message
// is released when all of its parts are.
type sendmmsgZCStream struct {
	*sendmmsgZCSender
	halt   *Halt
	parts  []parts // by message, modulo a power of two of at least the window
	mask   uint64
	oldest uint64 // message that may be in flight
	end    uint64 // message after the last that was handed over
}

// parts are the calls that a message took: those from first to end, without the last,
// counted from the trial's beginning.
type parts struct {
	first, end uint32
	open       int32 // calls without a notification
	whole      bool  // there is no rest
	copied     bool  // by one of them at least
	over       bool  // the message is the sender's again
}

func newSendmmsgZCStream(s *sendmmsgZCSender, halt *Halt) *sendmmsgZCStream {
	stream := &sendmmsgZCStream{sendmmsgZCSender: s, halt: halt}
	s.release = stream.releaseParts
	return stream
}

func (s *sendmmsgZCStream) Begin(b *Buffers, t *Tally) error {
	places := 1 << bits.Len(uint(b.Window()-1))
	s.parts, s.mask = make([]parts, places), uint64(places-1)
	s.oldest, s.end = 0, 0
	return s.sendmmsgZCSender.Begin(b, t)
}

// handOver fills and lends n messages from first on.
func (s *sendmmsgZCStream) handOver(first uint64, n int) {
	for i := range n {
		s.batch.set(i, s.b.Filled(first+uint64(i)))
		s.parts[(first+uint64(i))&s.mask] = parts{}
	}
	s.end = first + uint64(n)
	s.b.Lend(first, n, Now())
}

func (s *sendmmsgZCStream) Send(first uint64, n int) error {
	s.handOver(first, n)
	for done := 0; done < n; {
		taken, errno := s.batch.send(s.fd, done, n, unix.MSG_ZEROCOPY|unix.MSG_NOSIGNAL)
		s.t.Syscalls++
		if errno != 0 {
			if err := s.refusedStream(errno); err != nil {
				s.giveUp(first+uint64(done), n-done)
				return err
			}
			s.t.Retries++
			continue
		}
		s.clock.reset()
		whole := s.count(first, done, taken)
		if done += taken; !whole {
			done--
			if err := s.halt.Err(); err != nil {
				s.giveUp(first+uint64(done), n-done)
				return err
			}
		}
	}
	return s.take()
}

// count takes a call into the account, and tells whether its last message is whole.
func (s *sendmmsgZCStream) count(first uint64, done, taken int) (whole bool) {
	for i := done; i < done+taken; i++ {
		p := &s.parts[(first+uint64(i))&s.mask]
		if p.first == p.end { // its first call
			p.first = s.calls - s.begun
		}
		s.calls++
		p.end, p.whole = s.calls-s.begun, true
		p.open++
		s.t.Bytes += s.batch.sent(i)
	}
	s.open += taken
	last := done + taken - 1
	if whole = s.batch.advance(last); !whole {
		s.parts[(first+uint64(last))&s.mask].whole = false
		taken--
	}
	s.t.Messages += int64(taken)
	return whole
}

// refusedStream says whether to try again: what patience says of a peer, and what
// refused says of notifications.
func (s *sendmmsgZCStream) refusedStream(errno unix.Errno) error {
	if errno != unix.ENOBUFS {
		p := patience{clock: s.clock, halt: s.halt}
		err := p.refused("sendmmsg", errno)
		s.clock = p.clock
		return err
	}
	if err := s.halt.Err(); err != nil {
		return err
	}
	return s.refused(errno)
}

// giveUp recalls n messages from first on of which the kernel holds nothing. The
// first may have gone in part: then it is released with its last part.
func (s *sendmmsgZCStream) giveUp(first uint64, n int) {
	if p := &s.parts[first&s.mask]; p.open > 0 {
		p.whole = true
		first, n = first+1, n-1
	}
	s.b.Recall(first, n)
	for seq := first; seq < first+uint64(n); seq++ {
		s.parts[seq&s.mask].over = true
	}
}

// releaseParts takes in one notification: it releases the messages of which it names
// the last open parts. Numbers of calls grow with those of messages.
func (s *sendmmsgZCStream) releaseParts(n notice, now int64) error {
	low, end := n.low-s.begun, n.high-s.begun+1
	left := end - low
	for seq := s.oldest; seq < s.end && left > 0; seq++ {
		p := &s.parts[seq&s.mask]
		from, to := max(low, p.first), min(end, p.end)
		if p.over || from >= to {
			continue
		}
		left -= to - from
		p.open -= int32(to - from)
		p.copied = p.copied || n.copied
		if p.open > 0 || p.open == 0 && !p.whole {
			continue
		}
		p.over = true
		s.t.Notifications++
		if p.copied {
			s.t.Copied++
		}
		if err := s.b.Release(seq, now); err != nil {
			return err
		}
	}
	for s.oldest < s.end && s.parts[s.oldest&s.mask].over {
		s.oldest++
	}
	if left != 0 {
		return fmt.Errorf("zero-copy notification for calls %d to %d, of which %d are not open", n.low, n.high, left)
	}
	return nil
}
