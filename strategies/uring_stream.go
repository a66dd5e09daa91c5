//go:build linux

package strategies

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
	"sendbench/uringzc"
)

// uringStream is uringSender for a TCP socket. A batch is a chain (uringzc's
// Ring.Link), or a send that waits for room would be overtaken by those behind it; and
// it has all its results before the next is begun. Releases may be outstanding, so
// that zero copy goes on beside the next batch.
type uringStream struct {
	*uringSender
	fd   int
	halt *Halt
}

// over is the sender for c's socket.
func (u *uringSender) over(c Config) Sender {
	if !c.Stream {
		return u
	}
	u.msgFlags = unix.MSG_WAITALL
	return &uringStream{uringSender: u, fd: c.FD, halt: c.Halt}
}

func (u *uringStream) Send(first uint64, n int) error {
	for i := range n {
		if i > 0 {
			u.ring.Link()
		}
		// There is room: the entries are two batches, and of the one before all
		// are submitted.
		if _, err := u.prepare(first+uint64(i), 1); err != nil {
			u.b.Lend(first, i, Now()) // what is prepared is lent until the ring is closed
			return err
		}
	}
	u.b.Lend(first, n, Now())
	bytes := u.t.Bytes
	if err := u.results(u.t.Messages+int64(n), n); err != nil {
		return err
	}
	if went, all := u.t.Bytes-bytes, int64(n)*int64(u.b.Size()); went != all {
		return fmt.Errorf("%s: of %d bytes %d went, and no error tells why", u.feature, all, went)
	}
	return nil
}

// results submits the chain of n and waits until so many messages in all are
// accepted.
func (u *uringStream) results(messages int64, n int) error {
	var wait chainWait
	for taken := 0; u.t.Messages < messages; {
		enters, before := u.ring.Enters(), u.t.Messages
		more, err := u.ring.SubmitChain(uint32(messages-u.t.Messages), chainLook)
		u.t.Syscalls += int64(u.ring.Enters() - enters)
		late := errors.Is(err, uringzc.ErrTimeout)
		if err != nil && !late {
			return err
		}
		if taken += more; taken > 0 && taken < n {
			return fmt.Errorf("%s: the kernel took %d entries of a chain of %d, and the rest would not keep its order", u.feature, taken, n)
		}
		if err := u.take(); err != nil {
			return u.cause(err)
		}
		if late && u.t.Messages == before {
			if err := wait.on(u); err != nil {
				return err
			}
		}
	}
	return nil
}

// cause finds out why a chain broke. A send that fails when some of it has gone has no
// error but a short result, and those behind it are cancelled; the connection still
// tells what became of it, to an empty send.
func (u *uringStream) cause(err error) error {
	if !errors.Is(err, unix.ECANCELED) {
		return err
	}
	if _, why := unix.SendmsgN(u.fd, nil, nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL); why != nil {
		err = os.NewSyscallError("sendmsg", why)
	}
	return fmt.Errorf("%s of %d bytes: one of a chain went in part: %w", u.feature, u.b.Size(), err)
}

// chainLook is how often a sender that waits for a chain looks whether to go on.
const chainLook = 100 * time.Millisecond

// chainWait bounds the wait for a peer that takes nothing. A large message may take
// longer than that: it goes on as long as its bytes are acknowledged.
type chainWait struct {
	since int64
	acked uint64
}

func (w *chainWait) on(u *uringStream) error {
	if err := u.halt.Err(); err != nil {
		return err
	}
	info, err := unix.GetsockoptTCPInfo(u.fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return fmt.Errorf("TCP_INFO: %w", err)
	}
	now := Now()
	if w.since == 0 || info.Bytes_acked != w.acked {
		w.since, w.acked = now, info.Bytes_acked
	}
	if now-w.since > int64(stallLimit) {
		return fmt.Errorf("%s: the peer took nothing for %v", u.feature, stallLimit)
	}
	return nil
}
