//go:build linux

package uringzc

import (
	"math"
	"sync/atomic"
	"unsafe"
)

// FD is what a send goes to: a descriptor of the process, or a file that was
// registered with the ring, and perhaps an address. The zero value is none: sends
// to it fail with EBADF.
type FD struct {
	file uint64 // flags of the submission entry<<32 | number+1
	to   *Address
}

// Descriptor is a plain file descriptor. One that no process can have becomes
// -1, and its sends fail with EBADF.
func Descriptor(fd int) FD { return FD{file: uint64(fileNumber(fd))} }

// RegisteredFile is the file at an index of what RegisterFiles was given. An
// index past its end makes sends fail with EBADF.
func RegisteredFile(index int) FD { return FD{file: sqeFixedFile<<32 | uint64(fileNumber(index))} }

func fileNumber(n int) uint32 {
	if n < 0 || n >= math.MaxInt32 {
		return 0
	}
	return uint32(n) + 1
}

func (fd FD) number() int32 { return int32(uint32(fd.file)) - 1 }

// To is the same file with the address that a message goes to, for sockets that
// aren't connected. Prepare makes a copy of the address.
func (fd FD) To(a *Address) FD {
	fd.to = a
	return fd
}

// PrepareNop queues an operation that does nothing but complete.
//
// Like every Prepare function it returns, and has done nothing, ErrQueueFull or
// ErrInFlight if there is no room. userData comes back in every completion of
// the operation.
func (r *Ring) PrepareNop(userData uint64) (SingleOp, error) {
	e, err := r.entry()
	if err != nil {
		return SingleOp{}, err
	}
	e.opcode, e.fd = OpNop, -1
	return SingleOp{Handle: r.commit(e, 0, userData)}, nil
}

// PrepareCancel queues the cancellation of an operation (io_uring_enter(2),
// IORING_OP_ASYNC_CANCEL), whose result is then ECANCELED or, if it came about
// all the same, what it would have been; a zero-copy send's release follows as
// ever. The cancellation's own completion is 0, ENOENT if the operation has its
// result already or was never submitted, or EALREADY if it can't be stopped any
// more. It must be submitted after the operation. Linux 5.5.
func (r *Ring) PrepareCancel(h Handle, userData uint64) (SingleOp, error) {
	e, err := r.entry()
	if err != nil {
		return SingleOp{}, err
	}
	e.opcode, e.fd, e.addr = OpAsyncCancel, -1, h.id
	return SingleOp{Handle: r.commit(e, 0, userData)}, nil
}

// prepareSilentCancel is PrepareCancel for an operation without a place of its
// own: whatever comes of it, nobody hears. It needs no room but a free entry.
func (r *Ring) prepareSilentCancel(h Handle) error {
	e, err := r.freeEntry()
	if err != nil {
		return err
	}
	e.opcode, e.fd, e.addr, e.userData = OpAsyncCancel, -1, h.id, nobody.id
	r.sqTail++
	return nil
}

// prepareRead queues a read(2) of 8 bytes from an eventfd(2), which completes
// when there is something to read. The word lies on the heap, and is the
// kernel's until then. The descriptor must block: the kernel doesn't wait for
// others (io_read in io_uring/rw.c).
func (r *Ring) prepareRead(fd int, word *uint64, userData uint64) (SingleOp, error) {
	e, err := r.entry()
	if err != nil {
		return SingleOp{}, err
	}
	e.opcode, e.fd, e.off = OpRead, Descriptor(fd).number(), math.MaxUint64 // where the file is
	e.addr, e.len = uint64(uintptr(unsafe.Pointer(word))), uint32(unsafe.Sizeof(*word))
	return SingleOp{Handle: r.commit(e, 0, userData)}, nil
}

// PrepareSend queues a send(2), whose buffer stays lent until its one
// completion; what was sent is in that. On a stream a send may be short, unless
// msgFlags has MSG_WAITALL: then only an error cuts it. With an address it takes
// Linux 6.1, and is an *UnsupportedError before.
func (r *Ring) PrepareSend(fd FD, buf Buffer, msgFlags uint32, userData uint64) (SingleOp, error) {
	h, err := r.prepareSend(fd, buf, OpSend, msgFlags, userData)
	return SingleOp{Handle: h}, err
}

// PrepareSendZC queues a zero-copy send, whose buffer stays lent until the
// release; see the package documentation. The release says whether the kernel
// had to copy, if ReportsUsage. Sockets that can't do zero copy give EOPNOTSUPP,
// too small a limit on locked memory ENOMEM. msgFlags is as in PrepareSend. It
// returns ErrNotifications where Options.Notifications stands in the way.
func (r *Ring) PrepareSendZC(fd FD, buf Buffer, msgFlags uint32, userData uint64) (ZeroCopyOp, error) {
	h, err := r.prepareSend(fd, buf, OpSendZC, msgFlags, userData)
	return ZeroCopyOp{Handle: h}, err
}

// prepareSend fills the entry of a SEND or SEND_ZC.
func (r *Ring) prepareSend(fd FD, buf Buffer, op Op, msgFlags uint32, userData uint64) (Handle, error) {
	if op == OpSend && fd.to != nil && !r.supported[OpSendMsgZC] {
		// Both came with 6.1; the kernel tells of the one only.
		return Handle{}, &UnsupportedError{Feature: "IORING_OP_SEND with an address", Since: "6.1"}
	}
	// What nearly all sends find, without a call: room, and memory that needs nothing.
	e, held := r.vacant(), state(0)
	if e == nil || buf.borrowed() || op != OpSend && r.ops.unreleased >= r.notifications {
		var err error
		if e, err = r.entryFor(buf, op); err != nil {
			return Handle{}, err
		}
		held = r.hold(buf)
	}
	*e = sqe{}
	e.opcode, e.flags, e.fd = op, uint8(fd.file>>32), fd.number()
	e.addr, e.len, e.msgFlags = uint64(uintptr(buf.data)), buf.len, msgFlags
	if fd.to != nil {
		e.setAddress(r.messages[r.ops.free].setAddress(fd.to))
	}
	if op == OpSend {
		return r.commit(e, held, userData), nil
	}
	e.ioprio = r.zcFlags
	if index, ok := r.registeredIndex(buf); ok {
		e.ioprio |= sendFixedBuf
		e.bufIndex = index
	}
	return r.commit(e, zeroCopy|held, userData), nil
}

// PrepareSendMsgZC queues a zero-copy sendmsg(2), with a UDP_SEGMENT control
// message (udp(7)) unless segment, in bytes of payload, is 0. Header, address
// and control message are the ring's. The buffer is lent, and errors are
// returned, as in PrepareSendZC.
func (r *Ring) PrepareSendMsgZC(fd FD, buf Buffer, segment uint16, msgFlags uint32, userData uint64) (ZeroCopyOp, error) {
	e, err := r.entryFor(buf, OpSendMsgZC)
	if err != nil {
		return ZeroCopyOp{}, err
	}
	m := &r.messages[r.ops.free]
	m.set(fd.to, buf.data, buf.len, segment)
	e.opcode, e.flags, e.fd = OpSendMsgZC, uint8(fd.file>>32), fd.number()
	e.ioprio, e.msgFlags = r.zcFlags, msgFlags
	e.addr, e.len = uint64(uintptr(unsafe.Pointer(&m.header))), 1
	return ZeroCopyOp{Handle: r.commit(e, zeroCopy|r.hold(buf), userData)}, nil
}

// entryFor is entry for a send of buf, whose lease, if it is one, becomes the
// kernel's.
func (r *Ring) entryFor(buf Buffer, op Op) (*sqe, error) {
	if op != OpSend && r.ops.unreleased >= r.notifications {
		return nil, ErrNotifications
	}
	e, err := r.entry()
	if err == nil && buf.kind() == ofSlab {
		err = buf.lease.lend()
	}
	return e, err
}

// hold keeps a buffer where it is for the operation that is about to be
// committed, and returns what is to be given back when that is over.
func (r *Ring) hold(buf Buffer) state {
	switch buf.kind() {
	case goMemory:
		if buf.len == 0 {
			return 0
		}
		r.ops.pins[r.ops.free].Pin(buf.data)
		return pinned
	case ofSlab:
		r.ops.leases[r.ops.free] = buf.lease
		return leased
	}
	return 0
}

// registeredIndex is the index of the registered buffer that buf lies in.
func (r *Ring) registeredIndex(buf Buffer) (uint16, bool) {
	switch {
	case buf.kind() == registered:
		return uint16(buf.from), true
	case buf.kind() == ofSlab && buf.lease.slab == r.slab:
		return uint16(int(buf.lease.number) / r.slab.perRegion()), true
	}
	return 0, false
}

// vacant is the next free submission entry, if there is a free slot too and no need
// to look how far the kernel has got; nil otherwise. It isn't zero.
func (r *Ring) vacant() *sqe {
	if r.ops.free == none || r.sqTail-r.sqHead >= uint32(len(r.sqes)) {
		return nil
	}
	return &r.sqes[r.sqTail&r.sqMask]
}

// entry finds room for an operation: a free slot, and the next free submission
// entry, all zero. Nothing is taken until commit.
func (r *Ring) entry() (*sqe, error) {
	if r.ops.free == none {
		return nil, r.noRoom(ErrInFlight)
	}
	return r.freeEntry()
}

// freeEntry finds the next free submission entry.
func (r *Ring) freeEntry() (*sqe, error) {
	if r.sqTail-r.sqHead >= uint32(len(r.sqes)) && !r.lookForRoom() {
		return nil, r.noRoom(ErrQueueFull)
	}
	e := &r.sqes[r.sqTail&r.sqMask]
	*e = sqe{} // where it lies: a literal would be built on the stack and copied over
	return e, nil
}

// lookForRoom looks how far the kernel has got in the submission queue.
func (r *Ring) lookForRoom() bool {
	// The load is an acquire: SQPOLL's thread has read the entries up to the head
	// before it moved the head.
	r.sqHead = atomic.LoadUint32(r.kernSQHead)
	return r.sqTail-r.sqHead < uint32(len(r.sqes))
}

// noRoom tells a closed ring, which has no room either, from a full one.
func (r *Ring) noRoom(why error) error {
	if r.fd < 0 {
		return errClosed
	}
	return why
}

// commit begins an operation in the slot and entry that were found free. The
// kernel sees it only when Submit publishes the tail.
func (r *Ring) commit(e *sqe, kind state, userData uint64) Handle {
	h := r.ops.begin(kind, userData)
	e.userData = h.id
	r.sqTail++
	return h
}
