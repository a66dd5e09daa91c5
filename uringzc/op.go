//go:build linux

package uringzc

import "fmt"

// Op is an operation of the submission queue, enum io_uring_op.
type Op uint8

// The operations that this package prepares.
const (
	OpNop         Op = 0
	OpAsyncCancel Op = 14
	OpRead        Op = 22 // of an eventfd, by a Driver
	OpSend        Op = 26
	OpSendZC      Op = 47
	OpSendMsgZC   Op = 48
)

// String is the kernel's name of the operation.
func (o Op) String() string {
	switch o {
	case OpNop:
		return "IORING_OP_NOP"
	case OpAsyncCancel:
		return "IORING_OP_ASYNC_CANCEL"
	case OpRead:
		return "IORING_OP_READ"
	case OpSend:
		return "IORING_OP_SEND"
	case OpSendZC:
		return "IORING_OP_SEND_ZC"
	case OpSendMsgZC:
		return "IORING_OP_SENDMSG_ZC"
	}
	return fmt.Sprintf("io_uring operation %d", uint8(o))
}

// since is the kernel release that has the operation, "" if unknown.
func (o Op) since() string {
	switch o {
	case OpNop:
		return "5.1"
	case OpAsyncCancel:
		return "5.5"
	case OpRead, OpSend:
		return "5.6"
	case OpSendZC:
		return "6.0"
	case OpSendMsgZC:
		return "6.1"
	}
	return ""
}

// unsupported is the error for a kernel without the operation.
func (o Op) unsupported() error {
	return &UnsupportedError{Feature: o.String(), Since: o.since()}
}
