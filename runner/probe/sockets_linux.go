package probe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"sendbench/uringzc"
)

// loopbackLimit bounds the wait for what loopback delivers in microseconds.
const loopbackLimit = time.Second

// trySegment is the UDP_SEGMENT of tries, in bytes.
const trySegment = 100

// socketFeatures tries what sockets have, from one to another over 127.0.0.1.
func socketFeatures() []Feature {
	return []Feature{
		feature("SO_ZEROCOPY", over(unix.SOCK_DGRAM, func(sender, _ int) error { return allowZeroCopy(sender) })),
		feature("MSG_ZEROCOPY for UDP", tryZeroCopy(unix.SOCK_DGRAM)),
		feature("MSG_ZEROCOPY for TCP", tryZeroCopy(unix.SOCK_STREAM)),
		feature("UDP_SEGMENT of 64 segments", trySegments(64)),
		feature("UDP_SEGMENT of 128 segments", trySegments(128)),
		feature("UDP_GRO", tryGRO()),
	}
}

// loopback makes a connected pair of sockets, SOCK_DGRAM or SOCK_STREAM, whose
// receives and sends are bounded in time. Both are the caller's to close.
func loopback(kind int) (sender, receiver int, err error) {
	socket := func() (int, error) {
		fd, err := unix.Socket(unix.AF_INET, kind|unix.SOCK_CLOEXEC, 0)
		return fd, os.NewSyscallError("socket", err)
	}
	if receiver, err = socket(); err != nil {
		return -1, -1, err
	}
	if sender, err = socket(); err != nil {
		return -1, -1, errors.Join(err, unix.Close(receiver))
	}
	if receiver, err = join(sender, receiver, kind); err != nil {
		return -1, -1, errors.Join(err, unix.Close(sender), unix.Close(receiver))
	}
	limit := unix.NsecToTimeval(int64(loopbackLimit))
	for _, option := range []int{unix.SO_SNDTIMEO, unix.SO_RCVTIMEO} {
		for _, fd := range []int{sender, receiver} {
			if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, option, &limit); err != nil {
				return -1, -1, errors.Join(os.NewSyscallError("setsockopt", err), unix.Close(sender), unix.Close(receiver))
			}
		}
	}
	return sender, receiver, nil
}

// join connects sender to receiver, or, of a stream, to what that listens for. The
// receiver it returns, with an error as well, is the one to close.
func join(sender, receiver, kind int) (int, error) {
	if err := unix.Bind(receiver, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return receiver, os.NewSyscallError("bind", err)
	}
	address, err := unix.Getsockname(receiver)
	if err != nil {
		return receiver, os.NewSyscallError("getsockname", err)
	}
	if kind == unix.SOCK_STREAM {
		if err := unix.Listen(receiver, 1); err != nil {
			return receiver, os.NewSyscallError("listen", err)
		}
	}
	if err := unix.Connect(sender, address); err != nil {
		return receiver, os.NewSyscallError("connect", err)
	}
	if kind != unix.SOCK_STREAM {
		return receiver, nil
	}
	accepted, _, err := unix.Accept4(receiver, unix.SOCK_CLOEXEC)
	if err != nil {
		return receiver, os.NewSyscallError("accept4", err)
	}
	return accepted, os.NewSyscallError("close", unix.Close(receiver))
}

// over calls a try with a pair of loopback sockets.
func over(kind int, try func(sender, receiver int) error) error {
	sender, receiver, err := loopback(kind)
	if err != nil {
		return err
	}
	return errors.Join(try(sender, receiver), unix.Close(sender), unix.Close(receiver))
}

// tryZeroCopy sends with MSG_ZEROCOPY and waits for the notification.
func tryZeroCopy(kind int) error {
	return over(kind, func(sender, _ int) error {
		if err := allowZeroCopy(sender); err != nil {
			return err
		}
		if _, err := unix.SendmsgN(sender, make([]byte, trySegment), nil, nil, unix.MSG_ZEROCOPY); err != nil {
			if err == unix.ENOBUFS {
				return uringzc.LockedMemoryError("MSG_ZEROCOPY", int64(os.Getpagesize()), os.NewSyscallError("sendmsg", err))
			}
			return os.NewSyscallError("sendmsg", err)
		}
		return awaitNotification(sender)
	})
}

func allowZeroCopy(fd int) error {
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ZEROCOPY, 1); err != nil {
		return &uringzc.UnsupportedError{Feature: "SO_ZEROCOPY", Since: "4.14 (5.0 for UDP)", Err: os.NewSyscallError("setsockopt", err)}
	}
	return nil
}

// awaitNotification reads one from the error queue (Documentation/networking/msg_zerocopy.rst).
func awaitNotification(fd int) error {
	// POLLERR is always asked for (poll(2)). A signal of Go's scheduler may end it.
	fds := []unix.PollFd{{Fd: int32(fd)}}
	for deadline := time.Now().Add(loopbackLimit); ; {
		n, err := unix.Poll(fds, int(max(time.Until(deadline).Milliseconds(), 0)))
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return os.NewSyscallError("poll", err)
		}
		if n == 0 {
			return fmt.Errorf("no notification of a zero-copy send came within %v", loopbackLimit)
		}
		break
	}
	control := make([]byte, 128)
	_, length, _, _, err := unix.Recvmsg(fd, nil, control, unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
	if err != nil {
		return os.NewSyscallError("recvmsg", err)
	}
	// struct sock_extended_err: errno, then a byte of origin.
	if data := firstControl(control[:length]); len(data) < 5 || data[4] != unix.SO_EE_ORIGIN_ZEROCOPY {
		return errors.New("the error queue holds something other than the notification of a zero-copy send")
	}
	return nil
}

// firstControl is the data of the first control message, nil where there is none:
// ParseOneSocketControlMessage panics then.
func firstControl(control []byte) []byte {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil || len(messages) == 0 {
		return nil
	}
	return messages[0].Data
}

// trySegments sends a message of so many segments.
func trySegments(n int) error {
	return over(unix.SOCK_DGRAM, func(sender, _ int) error {
		if err := segment(sender); err != nil {
			return err
		}
		_, err := unix.Write(sender, make([]byte, n*trySegment))
		if err == unix.EINVAL { // more than UDP_MAX_SEGMENTS (udp_send_skb, net/ipv4/udp.c)
			return &uringzc.UnsupportedError{Feature: fmt.Sprintf("a message of %d segments", n), Since: "6.9", Err: os.NewSyscallError("write", err)}
		}
		return os.NewSyscallError("write", err)
	})
}

func segment(fd int) error {
	err := unix.SetsockoptInt(fd, unix.SOL_UDP, unix.UDP_SEGMENT, trySegment)
	if err == unix.ENOPROTOOPT {
		return &uringzc.UnsupportedError{Feature: "UDP_SEGMENT", Since: "4.18", Err: os.NewSyscallError("setsockopt", err)}
	}
	return os.NewSyscallError("setsockopt", err)
}

// tryGRO has two segments received as one, with a control message that says so.
func tryGRO() error {
	return over(unix.SOCK_DGRAM, func(sender, receiver int) error {
		if err := unix.SetsockoptInt(receiver, unix.SOL_UDP, unix.UDP_GRO, 1); err != nil {
			if err == unix.ENOPROTOOPT {
				return &uringzc.UnsupportedError{Feature: "UDP_GRO", Since: "5.0", Err: os.NewSyscallError("setsockopt", err)}
			}
			return os.NewSyscallError("setsockopt", err)
		}
		if err := segment(sender); err != nil {
			return err
		}
		if _, err := unix.Write(sender, make([]byte, 2*trySegment)); err != nil {
			return os.NewSyscallError("write", err)
		}
		payload, control := make([]byte, 3*trySegment), make([]byte, 64)
		n, length, _, _, err := unix.Recvmsg(receiver, payload, control, 0)
		if err != nil {
			return os.NewSyscallError("recvmsg", err)
		}
		data := firstControl(control[:length])
		if n != 2*trySegment || len(data) < 4 || binary.NativeEndian.Uint32(data) != trySegment {
			return &uringzc.UnsupportedError{Feature: "UDP_GRO", Reason: "the option is taken, and over loopback, which cuts them, segments are received one by one"}
		}
		return nil
	})
}

// mostPieces is above any kernel's CONFIG_MAX_SKB_FRAGS, which is 17 to 45.
const mostPieces = 64

// piecesMax finds out in how many pieces of memory, a page apart, the kernel takes a
// zero-copy message: one more is EMSGSIZE (zerocopy_fill_skb_from_iter,
// net/core/datagram.c). It is 0 where that can't be told.
func piecesMax() (most int) {
	page := os.Getpagesize()
	memory, err := unix.Mmap(-1, 0, 2*mostPieces*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return 0
	}
	err = over(unix.SOCK_DGRAM, func(sender, _ int) error {
		if err := allowZeroCopy(sender); err != nil {
			return err
		}
		var pieces [][]byte
		for n := 1; n <= mostPieces; n++ {
			at := 2 * (n - 1) * page
			pieces = append(pieces, memory[at:at+1])
			_, err := unix.SendmsgBuffers(sender, pieces, nil, nil, unix.MSG_ZEROCOPY)
			if err == unix.EMSGSIZE {
				most = n - 1
				return nil
			}
			if err == nil {
				err = awaitNotification(sender)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		most = 0
	}
	// The kernel has released all of it, or the process ends before it is used again.
	if unix.Munmap(memory) != nil {
		return 0
	}
	return most
}
