//go:build linux

package uringzc

import (
	"math"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// FD is what a send goes to: a descriptor of the process, or a file that was
// registered with the ring. The zero value is descriptor 0.
type FD struct {
	number int32
	flags  uint8 // of the submission entry
}

// Descriptor is a plain file descriptor. One that no process can have becomes
// -1, and its sends fail with EBADF.
func Descriptor(fd int) FD { return FD{number: fileNumber(fd)} }

// RegisteredFile is the file at an index of what RegisterFiles was given. An
// index past its end makes sends fail with EBADF.
func RegisteredFile(index int) FD { return FD{number: fileNumber(index), flags: sqeFixedFile} }

func fileNumber(n int) int32 {
	if n < 0 || n > math.MaxInt32 {
		return -1
	}
	return int32(n)
}

// PrepareNop queues an operation that does nothing but complete.
//
// Like every Prepare function it returns false, and does nothing, if the
// submission queue is full: Submit, and try again. userData comes back in
// every completion of the operation.
func (r *Ring) PrepareNop(userData uint64) bool {
	e := r.entry()
	if e == nil {
		return false
	}
	e.opcode, e.fd, e.userData = OpNop, -1, userData
	return true
}

// PrepareSend queues a send(2) of buf, which stays lent until its one
// completion. Like the system call it sends at most 2147483647 bytes; what was
// sent is in the completion. The queue fills as in PrepareNop.
func (r *Ring) PrepareSend(fd FD, buf []byte, msgFlags uint32, userData uint64) bool {
	return r.prepareSend(OpSend, 0, fd, buf, msgFlags, 0, userData)
}

// PrepareSendZC queues a zero-copy send of buf, which stays lent until the
// release; see the package documentation. The release says whether the kernel
// had to copy, if ReportsUsage. Sockets that can't do zero copy give
// EOPNOTSUPP, too small a limit on locked memory ENOMEM. The queue fills as in
// PrepareNop.
func (r *Ring) PrepareSendZC(fd FD, buf []byte, msgFlags uint32, userData uint64) bool {
	return r.prepareSend(OpSendZC, r.zcFlags, fd, buf, msgFlags, 0, userData)
}

// PrepareSendZCFixed is PrepareSendZC for a buf that lies inside the registered
// buffer bufIndex; otherwise the result is EFAULT. The kernel has those pages
// at hand already and doesn't look them up for each send.
func (r *Ring) PrepareSendZCFixed(fd FD, buf []byte, bufIndex uint16, msgFlags uint32, userData uint64) bool {
	return r.prepareSend(OpSendZC, r.zcFlags|sendFixedBuf, fd, buf, msgFlags, bufIndex, userData)
}

// PrepareSendMsgZC queues a zero-copy sendmsg(2). The Msghdr and what it points
// to (name, iovecs, control) must stay as they are until the result, the data
// of the iovecs until the release. The queue fills as in PrepareNop.
func (r *Ring) PrepareSendMsgZC(fd FD, msg *unix.Msghdr, msgFlags uint32, userData uint64) bool {
	e := r.entry()
	if e == nil {
		return false
	}
	e.opcode, e.ioprio = OpSendMsgZC, r.zcFlags
	e.flags, e.fd = fd.flags, fd.number
	e.addr, e.len = r.address(unsafe.Pointer(msg)), 1
	e.msgFlags, e.userData = msgFlags, userData
	return true
}

func (r *Ring) prepareSend(op Op, ioprio uint16, fd FD, buf []byte, msgFlags uint32, bufIndex uint16, userData uint64) bool {
	e := r.entry()
	if e == nil {
		return false
	}
	e.opcode, e.ioprio = op, ioprio
	e.flags, e.fd = fd.flags, fd.number
	e.addr, e.len = r.address(unsafe.Pointer(unsafe.SliceData(buf))), uint32(min(len(buf), math.MaxInt32))
	e.msgFlags, e.bufIndex, e.userData = msgFlags, bufIndex, userData
	return true
}

// entry takes the next free submission entry, nil if there is none. The kernel
// sees it only when Submit publishes the tail. The entry is all zero, cleared
// where it lies: a struct literal would be built on the stack and copied over.
func (r *Ring) entry() *sqe {
	if r.sqTail-r.sqHead >= uint32(len(r.sqes)) {
		// The load is an acquire: SQPOLL's thread has read the entries up to
		// the head before it moved the head.
		r.sqHead = atomic.LoadUint32(r.kernSQHead)
		if r.sqTail-r.sqHead >= uint32(len(r.sqes)) {
			return nil
		}
	}
	e := &r.sqes[r.sqTail&r.sqMask]
	*e = sqe{}
	r.sqTail++
	return e
}

// address is the address of p as the kernel takes it. The assignment to the
// ring makes the compiler put what p points to on the heap: on a goroutine's
// stack it would move when the stack grows. It is undone at once, so that the
// ring never holds on to memory that the caller has unmapped.
func (r *Ring) address(p unsafe.Pointer) uint64 {
	r.escape = p
	r.escape = nil
	return uint64(uintptr(p))
}
