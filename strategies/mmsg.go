//go:build linux

package strategies

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mmsghdr is struct mmsghdr of sendmmsg(2) and recvmmsg(2).
type mmsghdr struct {
	hdr unix.Msghdr
	len uint32
	_   [4 - unix.SizeofPtr%8]byte // trailing padding on 64-bit systems
}

// sendBatch is the messages of one sendmmsg(2). The kernel reads it during the
// call only; with MSG_ZEROCOPY it holds on to the pages, not to the headers.
type sendBatch struct {
	headers []mmsghdr
	vectors []unix.Iovec
}

func newSendBatch(n int) sendBatch {
	s := sendBatch{headers: make([]mmsghdr, n), vectors: make([]unix.Iovec, n)}
	for i := range s.headers {
		s.headers[i].hdr.Iov = &s.vectors[i]
		s.headers[i].hdr.SetIovlen(1)
	}
	return s
}

func (s *sendBatch) set(i int, message []byte) {
	s.vectors[i].Base = &message[0]
	s.vectors[i].SetLen(len(message))
}

// send makes one sendmmsg call for messages from to to of the batch and returns
// how many the kernel took. It is made without telling Go's scheduler, as are all
// calls that send, see write.
func (s *sendBatch) send(fd, from, to int, flags int) (int, unix.Errno) {
	n, _, errno := syscall.RawSyscall6(unix.SYS_SENDMMSG, uintptr(fd),
		uintptr(unsafe.Pointer(&s.headers[from])), uintptr(to-from), uintptr(flags), 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// advance takes what the kernel took in the last call off message i, and tells
// whether that was all of it.
func (s *sendBatch) advance(i int) (whole bool) {
	v, sent := &s.vectors[i], uint64(s.headers[i].len)
	if sent >= uint64(v.Len) {
		return true
	}
	v.Base = (*byte)(unsafe.Add(unsafe.Pointer(v.Base), sent))
	v.SetLen(int(uint64(v.Len) - sent))
	return false
}

// sent is how many bytes of message i the kernel took in the last call.
func (s *sendBatch) sent(i int) int64 { return int64(s.headers[i].len) }

// receive makes one recvmmsg(2) call into headers.
func receive(fd int, headers []mmsghdr, flags int) (int, unix.Errno) {
	n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(fd),
		uintptr(unsafe.Pointer(&headers[0])), uintptr(len(headers)), uintptr(flags), 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}
