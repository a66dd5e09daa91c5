//go:build linux

package strategies

import (
	"errors"
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// errorQueue reads the notifications of MSG_ZEROCOPY from a socket's error
// queue (Documentation/networking/msg_zerocopy.rst). Each is an inclusive range
// of calls, counted from 0 since the socket was opened, 32 bits wide. It reads
// several with one call and allocates nothing.
type errorQueue struct {
	fd      int
	headers [8]mmsghdr
	control [8][128]byte
}

// notice is one notification: the calls from low to high are released.
type notice struct {
	low, high uint32
	// copied is what the kernel says of the range; where it merged ranges, of
	// the first of them (net/core/skbuff.c, __msg_zerocopy_callback).
	copied bool
}

var errForeignNotice = errors.New("the error queue holds something other than a zero-copy notification")

// read takes what is there into notices and returns how many.
func (q *errorQueue) read(notices *[8]notice) (int, error) {
	for i := range q.headers {
		h := &q.headers[i].hdr
		h.Control = &q.control[i][0]
		h.SetControllen(len(q.control[i]))
	}
	n, errno := receive(q.fd, q.headers[:], unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
	if errno == unix.EAGAIN || errno == unix.EINTR {
		return 0, nil
	}
	if errno != 0 {
		return 0, os.NewSyscallError("recvmmsg", errno)
	}
	for i := range n {
		var err error
		if notices[i], err = q.parse(i); err != nil {
			return i, err
		}
	}
	return n, nil
}

// parse reads the one control message of header i: IP_RECVERR or IPV6_RECVERR
// with a struct sock_extended_err (include/uapi/linux/errqueue.h).
func (q *errorQueue) parse(i int) (notice, error) {
	const headerLen = unix.SizeofCmsghdr
	if int(q.headers[i].hdr.Controllen) < headerLen+int(unsafe.Sizeof(unix.SockExtendedErr{})) {
		return notice{}, errForeignNotice
	}
	// The control buffer is aligned to 8 bytes and at least so long, see above.
	c := (*unix.Cmsghdr)(unsafe.Pointer(&q.control[i][0]))
	recverr := c.Level == unix.SOL_IP && c.Type == unix.IP_RECVERR ||
		c.Level == unix.SOL_IPV6 && c.Type == unix.IPV6_RECVERR
	e := (*unix.SockExtendedErr)(unsafe.Pointer(&q.control[i][headerLen]))
	if !recverr || e.Origin != unix.SO_EE_ORIGIN_ZEROCOPY {
		return notice{}, errForeignNotice
	}
	if e.Errno != 0 {
		return notice{}, os.NewSyscallError("zero-copy notification", unix.Errno(e.Errno))
	}
	return notice{low: e.Info, high: e.Data, copied: e.Code&unix.SO_EE_CODE_ZEROCOPY_COPIED != 0}, nil
}

// wait returns when the error queue has something to read. That there is nothing
// for a time is an error. A signal may end it early.
func (q *errorQueue) wait(limit time.Duration) error {
	// POLLERR is always asked for (poll(2)).
	fds := [1]unix.PollFd{{Fd: int32(q.fd)}}
	n, err := unix.Poll(fds[:], int(max(limit, time.Millisecond).Milliseconds()))
	if err == unix.EINTR {
		return nil
	}
	if err != nil {
		return os.NewSyscallError("poll", err)
	}
	if n == 0 {
		return fmt.Errorf("no zero-copy notification came within %v", limit)
	}
	return nil
}
