//go:build linux

package uringzc

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// UnsupportedError says that this kernel, or what surrounds the process on it,
// can't do what was asked, why, and what would change that. It matches
// errors.ErrUnsupported.
type UnsupportedError struct {
	Feature string // by its kernel name
	Since   string // the kernel release that has it, "" if it isn't a matter of release
	Reason  string // "" if the release says it all
	Cure    string // what to do about it, "" if there is nothing short of another kernel
	Err     error  // what the kernel returned, nil if it wasn't asked
}

// Error is one line: the feature, the reason, the kernel's error and the cure.
func (e *UnsupportedError) Error() string {
	var b strings.Builder
	b.WriteString(e.Feature)
	b.WriteString(" is unsupported here")
	if e.Reason != "" {
		b.WriteString(": " + e.Reason)
	}
	if e.Since != "" {
		b.WriteString(": it needs Linux " + e.Since + " or later")
	}
	if e.Err != nil {
		fmt.Fprintf(&b, " (%v)", e.Err)
	}
	if e.Cure != "" {
		b.WriteString("; cure: " + e.Cure)
	}
	return b.String()
}

// Unwrap returns what the kernel returned.
func (e *UnsupportedError) Unwrap() error { return e.Err }

// Is matches errors.ErrUnsupported.
func (e *UnsupportedError) Is(target error) bool { return target == errors.ErrUnsupported }

// disabledSysctl is described in Documentation/admin-guide/sysctl/kernel.rst.
const disabledSysctl = "/proc/sys/kernel/io_uring_disabled"

// setupError explains the errno of io_uring_setup(2). need is the memory of
// the queues in bytes.
func setupError(errno unix.Errno, opt Options, need int64) error {
	err := os.NewSyscallError("io_uring_setup", errno)
	switch errno {
	case unix.ENOSYS:
		return &UnsupportedError{
			Feature: "io_uring", Since: "5.1", Err: err,
			Reason: "the kernel lacks it, or was built without CONFIG_IO_URING, or a sandbox hides it",
		}
	case unix.EPERM, unix.EACCES:
		sysctl, readErr := os.ReadFile(disabledSysctl)
		if readErr != nil { // kernels before 6.6 don't have it
			sysctl = nil
		}
		return forbidden(strings.TrimSpace(string(sysctl)), opt.SQPoll, err)
	case unix.ENOMEM:
		return LockedMemoryError("io_uring queues", need, err)
	case unix.EINVAL:
		if opt.SQPoll && opt.SQPollCPU >= 0 {
			return fmt.Errorf("uringzc: SQPollCPU %d: want a CPU that is online and in this process's cpuset, or -1: %w", opt.SQPollCPU, err)
		}
	}
	return fmt.Errorf("uringzc: open a ring of %d entries: %w", opt.Entries, err)
}

// forbidden explains a refusal by the value of kernel.io_uring_disabled, which
// is "" where the kernel has no such setting.
func forbidden(sysctl string, sqPoll bool, err error) *UnsupportedError {
	e := &UnsupportedError{Feature: "io_uring", Err: err}
	switch {
	case sysctl == "1":
		e.Reason = "kernel.io_uring_disabled=1 keeps it from processes without CAP_SYS_ADMIN"
		e.Cure = "sysctl kernel.io_uring_disabled=0, or join the group in kernel.io_uring_group"
	case sysctl == "2":
		e.Reason = "kernel.io_uring_disabled=2 keeps it from every process"
		e.Cure = "sysctl kernel.io_uring_disabled=0"
	case sqPoll && sysctl == "":
		// io_sq_offload_create asked for CAP_SYS_NICE before 5.13; the
		// setting, which came later, tells that this isn't such a kernel.
		e.Feature = "IORING_SETUP_SQPOLL"
		e.Reason = "before Linux 5.13 it needs CAP_SYS_NICE, or seccomp or a security module refuses io_uring"
		e.Cure = "run as root, or allow io_uring_setup in the sandbox's profile"
	default:
		e.Reason = "seccomp or a security module refuses it"
		e.Cure = "allow io_uring_setup, io_uring_enter and io_uring_register in the sandbox's profile"
	}
	return e
}
