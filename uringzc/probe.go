//go:build linux

package uringzc

import (
	"errors"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Capabilities are what this kernel lets this process do, found out by trying.
type Capabilities struct {
	Flags          SetupFlags // granted to a ring without SQPoll
	Features       Features
	Send           bool // IORING_OP_SEND
	SendZC         bool // IORING_OP_SEND_ZC
	SendMsgZC      bool // IORING_OP_SENDMSG_ZC
	SendMsgZCFixed bool // the same from registered buffers, which this package doesn't prepare
	UsageReports   bool // a release tells whether the kernel copied
	RegisteredRing bool // see Ring.RegisteredRing
	SQPoll         bool // a ring with a polling thread opens
	supported      [256]bool
}

// Probe opens rings, tries each operation, without a socket and without sending
// anything, and closes them. Its error is that of Open.
func Probe() (Capabilities, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ring, err := Open(Options{Entries: 4, SQPollCPU: -1})
	if err != nil {
		return Capabilities{}, err
	}
	c := Capabilities{
		Flags: ring.Flags(), Features: ring.Features(),
		UsageReports: ring.ReportsUsage(), RegisteredRing: ring.RegisteredRing(), supported: ring.supported,
	}
	for op, takes := range map[Op]*bool{OpSend: &c.Send, OpSendZC: &c.SendZC, OpSendMsgZC: &c.SendMsgZC} {
		if *takes, err = ring.takes(op, 0); err != nil {
			return c, errors.Join(err, ring.Close())
		}
	}
	if c.SendMsgZC {
		if c.SendMsgZCFixed, err = ring.takes(OpSendMsgZC, sendFixedBuf); err != nil {
			return c, errors.Join(err, ring.Close())
		}
	}
	if err := ring.Close(); err != nil {
		return c, err
	}
	polled, err := Open(Options{Entries: 4, SQPoll: true, SQPollCPU: -1})
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return c, nil
	case err != nil:
		return c, err
	}
	c.SQPoll = true
	return c, polled.Close()
}

// Require returns nil if the operation can be prepared here, and otherwise an
// *UnsupportedError that names the kernel that has it.
func (c Capabilities) Require(op Op) error {
	tried, ok := map[Op]bool{OpSend: c.Send, OpSendZC: c.SendZC, OpSendMsgZC: c.SendMsgZC}[op]
	if tried || !ok && c.supported[op] {
		return nil
	}
	return op.unsupported()
}

// Supports reports whether the kernel knows the operation, by its own account
// (IORING_REGISTER_PROBE).
func (r *Ring) Supports(op Op) bool { return r.supported[op] }

// Require returns nil if the ring Supports the operation, and otherwise an
// *UnsupportedError that names the kernel that has it.
func (r *Ring) Require(op Op) error {
	if r.Supports(op) {
		return nil
	}
	return op.unsupported()
}

// ReportsUsage reports whether releases tell if the kernel copied (Linux 6.2, and
// late releases of 6.1, such as 6.1.192). Where they don't, Completion.Copied is always
// false.
func (r *Ring) ReportsUsage() bool { return r.zcFlags&sendZCReportUsage != 0 }

// probeOps asks the kernel which operations it knows.
func (r *Ring) probeOps() error {
	var probe opProbe
	if _, err := r.register(registerProbe, unsafe.Pointer(&probe), len(probe.ops)); err != nil {
		return fmt.Errorf("uringzc: ask which operations there are: %w", err)
	}
	for _, e := range probe.ops[:probe.opsLen] {
		r.supported[e.op] = e.flags&opSupported != 0
	}
	return nil
}

// probeUsageReports finds out whether zero-copy sends may ask for usage
// reports, and has them ask from then on.
func (r *Ring) probeUsageReports() error {
	if !r.Supports(OpSendZC) {
		return nil
	}
	ok, err := r.takes(OpSendZC, sendZCReportUsage)
	if ok {
		r.zcFlags = sendZCReportUsage
	}
	return err
}

// takes tries an operation with flags on a descriptor that can't be open. The
// kernel says EBADF to what it knows. What it doesn't it refuses at preparation
// (io_send_zc_prep in io_uring/net.c), before it looks for the file: with EINVAL, or
// EFAULT where kernels before 6.15 look for a registered buffer first, which there is
// none of, and for SENDMSG_ZC would refuse it after.
func (r *Ring) takes(op Op, ioprio uint16) (bool, error) {
	e, err := r.entry()
	if err != nil {
		return false, fmt.Errorf("uringzc: try %v: %w", op, err)
	}
	e.opcode, e.ioprio, e.fd = op, ioprio, -1
	if op == OpSendMsgZC { // whose preparation reads the header
		r.messages[r.ops.free].set(nil, nil, 0, 0)
		e.addr, e.len = uint64(uintptr(unsafe.Pointer(&r.messages[r.ops.free].header))), 1
	}
	kind := zeroCopy
	if op == OpSend {
		kind = 0
	}
	h := r.commit(e, kind, 0)
	result, err := r.await(h, resultKept, tryTimeout)
	if err == nil && result.More() {
		_, err = r.await(h, releaseKept, tryTimeout)
	}
	if err != nil {
		return false, fmt.Errorf("uringzc: try %v: %w", op, err)
	}
	return isErrno(result.Err(), unix.EBADF), nil
}

// tryTimeout bounds what takes microseconds.
const tryTimeout = 5 * time.Second

// isErrno reports whether err is, or wraps, an errno.
func isErrno(err error, errno unix.Errno) bool { return errors.Is(err, errno) }
