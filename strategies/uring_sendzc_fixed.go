//go:build linux

package strategies

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
	"sendbench/uringzc"
)

func uringSendZCFixed() Strategy {
	return Strategy{
		Name:     "uring-sendzc-fixed",
		Way:      "SEND_ZC from registered buffers",
		ZeroCopy: true,
		Open: func(c Config) (Sender, error) {
			u, err := openFixed(c, uringzc.Options{})
			if err != nil {
				return nil, err
			}
			return u.over(c), nil
		},
	}
}

// registered is the part of the arena that one registered buffer is for: the
// kernel takes at most 1 GiB in one (io_uring/rsrc.c, io_buffer_validate).
// Neighbours overlap by the largest stride, so that every message lies whole in
// the buffer that it begins in.
const registered = 1 << 29

func openFixed(c Config, options uringzc.Options) (*uringSender, error) {
	u, err := openUring(c, options, uringzc.OpSendZC)
	if err != nil {
		return nil, err
	}
	var buffers [][]byte
	for at := 0; at < len(c.Arena); at += registered {
		buffers = append(buffers, c.Arena[at:min(at+registered+Stride(MaxMessage), len(c.Arena))])
	}
	if err := register(u.ring, buffers, int64(len(c.Arena))); err != nil {
		return nil, errors.Join(err, u.ring.Close())
	}
	u.feature = "IORING_OP_SEND_ZC from a registered buffer"
	u.prepare = func(first uint64, n int) (int, error) {
		for i := range n {
			seq := first + uint64(i)
			index := uint16(u.b.ArenaOffset(seq) / registered)
			if _, err := u.ring.PrepareSendZC(socket, uringzc.Fixed(u.b.Filled(seq), index), u.msgFlags, seq); err != nil {
				return i, err
			}
		}
		return n, nil
	}
	return u, nil
}

// register registers the buffers, and waits a while where the limit on locked
// memory would allow it: the kernel gives back what other rings of the user
// locked some time after they are closed.
func register(ring *uringzc.Ring, buffers [][]byte, size int64) error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit); err != nil {
		return os.NewSyscallError("getrlimit", err)
	}
	var clock stall
	for {
		err := ring.RegisterBuffers(buffers)
		if !errors.Is(err, unix.ENOMEM) || uint64(size) >= limit.Cur || clock.retry(unix.ENOMEM) != nil {
			return err
		}
		if err := clock.pause(); err != nil {
			return err
		}
	}
}
