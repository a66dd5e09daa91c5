//go:build linux

package uringzc

import (
	"math"
	"net/netip"
	"sync/atomic"
	"unsafe"
)

// FD is what a send goes to: a descriptor of the process, or a file that was
// registered with the ring, and perhaps an address. The zero value is
// descriptor 0.
type FD struct {
	number int32
	flags  uint8 // of the submission entry
	to     address
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

// To is the same file with the address that a message goes to, for sockets that
// aren't connected. A socket of AF_INET takes IPv4 addresses; one of AF_INET6
// takes IPv6 addresses, IPv4 ones in IPv6 (netip.AddrFrom16) among them. A zone
// is looked up here and now. The zero AddrPort is no address.
func (fd FD) To(a netip.AddrPort) FD {
	fd.to = addressOf(a)
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
	return SingleOp{r.commit(e, 0, userData)}, nil
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
	return SingleOp{r.commit(e, 0, userData)}, nil
}

// PrepareSend queues a send(2), whose buffer stays lent until its one
// completion; what was sent is in that. On a stream a send may be short, unless
// msgFlags has MSG_WAITALL: then only an error cuts it. A peer that is gone
// raises SIGPIPE, unless msgFlags has MSG_NOSIGNAL, which a Go program hears of
// on descriptors 1 and 2 only.
func (r *Ring) PrepareSend(fd FD, buf Buffer, msgFlags uint32, userData uint64) (SingleOp, error) {
	h, err := r.prepareSend(OpSend, 0, &fd, &buf, msgFlags, userData)
	return SingleOp{h}, err
}

// PrepareSendZC queues a zero-copy send, whose buffer stays lent until the
// release; see the package documentation. The release says whether the kernel
// had to copy, if ReportsUsage. Sockets that can't do zero copy give EOPNOTSUPP,
// too small a limit on locked memory ENOMEM. msgFlags is as in PrepareSend. It
// returns ErrNotifications where Options.Notifications stands in the way.
func (r *Ring) PrepareSendZC(fd FD, buf Buffer, msgFlags uint32, userData uint64) (ZeroCopyOp, error) {
	if r.ops.unreleased >= r.notifications {
		return ZeroCopyOp{}, ErrNotifications
	}
	h, err := r.prepareSend(OpSendZC, zeroCopy, &fd, &buf, msgFlags, userData)
	return ZeroCopyOp{h}, err
}

// prepareSend fills the entry of a send. The structs are passed by reference to
// spare a copy; the kernel sees neither.
func (r *Ring) prepareSend(op Op, kind state, fd *FD, buf *Buffer, msgFlags uint32, userData uint64) (Handle, error) {
	e, err := r.entryFor(buf)
	if err != nil {
		return Handle{}, err
	}
	slot := r.ops.free
	e.opcode, e.flags, e.fd, e.msgFlags = op, fd.flags, fd.number, msgFlags
	e.addr, e.len = uint64(buf.address()), uint32(min(len(buf.bytes), math.MaxInt32))
	if op == OpSendZC {
		e.ioprio = r.zcFlags
		if index, ok := r.registeredIndex(buf); ok {
			e.ioprio |= sendFixedBuf
			e.bufIndex = index
		}
	}
	if fd.to.len != 0 {
		e.setAddress(r.messages[slot].setAddress(&fd.to), fd.to.len)
	}
	return r.commit(e, kind|r.hold(slot, buf), userData), nil
}

// PrepareSendMsgZC queues a zero-copy sendmsg(2), with a UDP_SEGMENT control
// message (udp(7)) unless segment, in bytes of payload, is 0. Header, address
// and control message are the ring's. The buffer is lent, and errors are
// returned, as in PrepareSendZC.
func (r *Ring) PrepareSendMsgZC(fd FD, buf Buffer, segment uint16, msgFlags uint32, userData uint64) (ZeroCopyOp, error) {
	if r.ops.unreleased >= r.notifications {
		return ZeroCopyOp{}, ErrNotifications
	}
	e, err := r.entryFor(&buf)
	if err != nil {
		return ZeroCopyOp{}, err
	}
	slot := r.ops.free
	m := &r.messages[slot]
	m.set(&fd.to, buf.address(), min(len(buf.bytes), math.MaxInt32), segment)
	e.opcode, e.ioprio, e.flags, e.fd, e.msgFlags = OpSendMsgZC, r.zcFlags, fd.flags, fd.number, msgFlags
	e.addr, e.len = uint64(uintptr(unsafe.Pointer(&m.header))), 1
	return ZeroCopyOp{r.commit(e, zeroCopy|r.hold(slot, &buf), userData)}, nil
}

// entryFor is entry for a send of buf, whose lease, if it is one, becomes the
// kernel's.
func (r *Ring) entryFor(buf *Buffer) (*sqe, error) {
	e, err := r.entry()
	if err == nil && buf.kind == ofSlab {
		err = buf.lease.lend()
	}
	return e, err
}

// hold keeps a buffer where it is for the operation in a slot, and returns what
// is to be given back when that is over.
func (r *Ring) hold(slot uint32, buf *Buffer) state {
	switch buf.kind {
	case goMemory:
		if len(buf.bytes) == 0 {
			return 0
		}
		r.ops.pins[slot].Pin(unsafe.SliceData(buf.bytes))
		return pinned
	case ofSlab:
		r.ops.leases[slot] = buf.lease
		return leased
	}
	return 0
}

// registeredIndex is the index of the registered buffer that buf lies in.
func (r *Ring) registeredIndex(buf *Buffer) (uint16, bool) {
	switch {
	case buf.kind == registered:
		return buf.index, true
	case buf.kind == ofSlab && buf.lease.slab == r.slab:
		return uint16(int(buf.lease.number) / r.slab.perRegion()), true
	}
	return 0, false
}

// entry finds room for an operation: a free slot, and the next free submission
// entry, all zero, cleared where it lies: a struct literal would be built on the
// stack and copied over. Nothing is taken until commit.
func (r *Ring) entry() (*sqe, error) {
	if r.ops.free == none {
		return nil, r.noRoom(ErrInFlight)
	}
	return r.freeEntry()
}

// freeEntry finds the next free submission entry.
func (r *Ring) freeEntry() (*sqe, error) {
	if r.sqTail-r.sqHead >= uint32(len(r.sqes)) {
		// The load is an acquire: SQPOLL's thread has read the entries up to
		// the head before it moved the head.
		r.sqHead = atomic.LoadUint32(r.kernSQHead)
		if r.sqTail-r.sqHead >= uint32(len(r.sqes)) {
			return nil, r.noRoom(ErrQueueFull)
		}
	}
	e := &r.sqes[r.sqTail&r.sqMask]
	*e = sqe{}
	return e, nil
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
