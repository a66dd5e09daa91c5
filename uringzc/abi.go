//go:build linux

package uringzc

import "unsafe"

// Everything here mirrors include/uapi/linux/io_uring.h, field by field.

// sqe is struct io_uring_sqe, a submission queue entry.
type sqe struct {
	opcode      Op
	flags       uint8  // IOSQE_*
	ioprio      uint16 // for sends: IORING_RECVSEND_* and IORING_SEND_ZC_*
	fd          int32
	off         uint64
	addr        uint64 // of the buffer or the msghdr
	len         uint32
	msgFlags    uint32
	userData    uint64
	bufIndex    uint16
	personality uint16
	fileIndex   int32
	addr3       uint64
	_           uint64
}

// Values of flags.
const (
	sqeFixedFile = 1 << 0 // IOSQE_FIXED_FILE
	sqeLink      = 1 << 2 // IOSQE_IO_LINK
)

// setAddress gives the place and length of a socket address. In sends the words
// of off and fileIndex are addr2 and addr_len, 16 bits.
func (e *sqe) setAddress(at uintptr, size uint8) {
	e.off = uint64(at)
	*(*uint16)(unsafe.Pointer(&e.fileIndex)) = uint16(size)
}

// Values of ioprio in sends.
const (
	sendFixedBuf      = 1 << 2 // IORING_RECVSEND_FIXED_BUF
	sendZCReportUsage = 1 << 3 // IORING_SEND_ZC_REPORT_USAGE
)

// cqe is struct io_uring_cqe, a completion queue entry.
type cqe struct {
	userData uint64
	res      int32
	flags    uint32
}

const (
	cqeMore  = 1 << 1 // IORING_CQE_F_MORE
	cqeNotif = 1 << 3 // IORING_CQE_F_NOTIF

	notifCopied = 1 << 31 // IORING_NOTIF_USAGE_ZC_COPIED, in res
)

// iovec is struct iovec (uio.h), with its pointer as a number: the structs that
// hold it lie where the garbage collector doesn't look.
type iovec struct {
	base, len uintptr
}

// msghdr is struct user_msghdr (include/linux/socket.h), likewise.
type msghdr struct {
	name       uintptr
	namelen    uint32
	iov        uintptr
	iovlen     uintptr
	control    uintptr
	controllen uintptr
	flags      uint32
}

// setupParams is struct io_uring_params.
type setupParams struct {
	sqEntries    uint32
	cqEntries    uint32
	flags        SetupFlags
	sqThreadCPU  uint32
	sqThreadIdle uint32 // milliseconds
	features     Features
	wqFD         uint32
	_            [3]uint32
	sqOff        sqOffsets
	cqOff        cqOffsets
}

// sqOffsets is struct io_sqring_offsets: bytes from the start of the rings'
// mapping.
type sqOffsets struct {
	head, tail, mask, entries, flags, dropped, array uint32

	_        uint32
	userAddr uint64
}

// cqOffsets is struct io_cqring_offsets.
type cqOffsets struct {
	head, tail, mask, entries, overflow, cqes, flags uint32

	_        uint32
	userAddr uint64
}

// Offsets for mmap(2) of a ring's descriptor.
const (
	mmapRings = 0          // IORING_OFF_SQ_RING; both rings with IORING_FEAT_SINGLE_MMAP
	mmapSQEs  = 0x10000000 // IORING_OFF_SQES
)

// Bits of the submission ring's flags, which the kernel sets.
const (
	sqNeedWakeup = 1 << 0 // IORING_SQ_NEED_WAKEUP: the polling thread sleeps
	sqOverflow   = 1 << 1 // IORING_SQ_CQ_OVERFLOW: completions wait for room in the queue
	sqTaskrun    = 1 << 2 // IORING_SQ_TASKRUN: deferred work waits for an enter
)

// Flags of io_uring_enter(2).
const (
	enterGetEvents      = 1 << 0 // IORING_ENTER_GETEVENTS
	enterSQWakeup       = 1 << 1 // IORING_ENTER_SQ_WAKEUP
	enterExtArg         = 1 << 3 // IORING_ENTER_EXT_ARG
	enterRegisteredRing = 1 << 4 // IORING_ENTER_REGISTERED_RING
)

// getEventsArg is struct io_uring_getevents_arg.
type getEventsArg struct {
	sigmask     uint64
	sigmaskSize uint32
	minWaitUsec uint32
	timespec    uint64 // address of a kernelTimespec
}

// kernelTimespec is struct __kernel_timespec, 64 bits wide everywhere.
type kernelTimespec struct {
	sec, nsec int64
}

// Opcodes of io_uring_register(2).
const (
	registerBuffers     = 0  // IORING_REGISTER_BUFFERS
	unregisterBuffers   = 1  // IORING_UNREGISTER_BUFFERS
	registerFiles       = 2  // IORING_REGISTER_FILES
	unregisterFiles     = 3  // IORING_UNREGISTER_FILES
	registerFilesUpdate = 6  // IORING_REGISTER_FILES_UPDATE
	registerProbe       = 8  // IORING_REGISTER_PROBE
	registerRingFDs     = 20 // IORING_REGISTER_RING_FDS
	unregisterRingFDs   = 21 // IORING_UNREGISTER_RING_FDS
	registerAnyOffset   = 1<<32 - 1
	registerMaxBuffers  = 1 << 14 // IORING_MAX_REG_BUFFERS in io_uring/rsrc.c
	registerMaxBufBytes = 1 << 30 // io_validate_user_buf_range in io_uring/rsrc.c
)

// resourceUpdate is struct io_uring_rsrc_update.
type resourceUpdate struct {
	offset uint32
	_      uint32
	data   uint64
}

// opProbe is struct io_uring_probe with room for every opcode.
type opProbe struct {
	lastOp uint8
	opsLen uint8
	_      uint16
	_      [3]uint32
	ops    [256]opProbeEntry
}

// opProbeEntry is struct io_uring_probe_op.
type opProbeEntry struct {
	op    Op
	_     uint8
	flags uint16
	_     uint32
}

const opSupported = 1 << 0 // IO_URING_OP_SUPPORTED
