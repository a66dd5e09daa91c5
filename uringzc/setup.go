//go:build linux

package uringzc

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// flagSets are the flags to ask for besides those of the options, the best set
// first. A kernel that lacks a flag answers EINVAL and lacks every younger flag
// as well, so that each step down gives up the youngest one:
//
//   - NO_SQARRAY (6.6) spares the index array between queue and entries.
//   - DEFER_TASKRUN (6.1, needs SINGLE_ISSUER) runs the work of completions in
//     our own enters, in batches, rather than between any two instructions.
//     COOP_TASKRUN (5.19) at least spares the interrupt; DEFER implies it.
//     TASKRUN_FLAG tells when there is such work, so that no enter is made in
//     vain.
//   - SINGLE_ISSUER (6.0) lets the kernel skip locks.
//   - SUBMIT_ALL (5.18) goes on after an entry that fails.
//
// The polling thread runs its own completion work, and the kernel refuses
// COOP_TASKRUN and DEFER_TASKRUN for it.
func flagSets(sqPoll bool) []SetupFlags {
	if sqPoll {
		return []SetupFlags{
			SetupNoSQArray | SetupSingleIssuer | SetupSubmitAll,
			SetupSingleIssuer | SetupSubmitAll,
			SetupSubmitAll,
			0,
		}
	}
	return []SetupFlags{
		SetupNoSQArray | SetupDeferTaskrun | SetupSingleIssuer | SetupTaskrunFlag | SetupSubmitAll,
		SetupDeferTaskrun | SetupSingleIssuer | SetupTaskrunFlag | SetupSubmitAll,
		SetupSingleIssuer | SetupCoopTaskrun | SetupTaskrunFlag | SetupSubmitAll,
		SetupCoopTaskrun | SetupTaskrunFlag | SetupSubmitAll,
		SetupSubmitAll,
		0,
	}
}

// without leaves flags away, and those that depend on them: DEFER_TASKRUN needs
// SINGLE_ISSUER, TASKRUN_FLAG needs one of the two that defer.
func (f SetupFlags) without(not SetupFlags) SetupFlags {
	deferred := f&SetupDeferTaskrun != 0
	f &^= not
	if f&SetupSingleIssuer == 0 {
		f &^= SetupDeferTaskrun
	}
	if deferred && f&SetupDeferTaskrun == 0 {
		f |= SetupCoopTaskrun &^ not // which DEFER implied
	}
	if f&(SetupDeferTaskrun|SetupCoopTaskrun) == 0 {
		f &^= SetupTaskrunFlag
	}
	return f
}

// setupFunc is io_uring_setup(2): it fills in the parameters and returns the
// ring's descriptor.
type setupFunc func(entries uint32, p *setupParams) (fd int, errno unix.Errno)

func ioUringSetup(entries uint32, p *setupParams) (int, unix.Errno) {
	// The parameters are the kernel's only during the call.
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, uintptr(entries), uintptr(unsafe.Pointer(p)), 0)
	return int(fd), errno
}

// negotiate sets a ring up with the best flags that the kernel takes and
// returns its descriptor and what was granted. EINVAL steps down one set; any
// other error is final.
func negotiate(opt Options, setup setupFunc) (int, setupParams, error) {
	want, err := opt.params()
	if err != nil {
		return -1, setupParams{}, err
	}
	var errno unix.Errno
	for _, flags := range flagSets(opt.SQPoll) {
		p := want
		p.flags |= flags.without(opt.Without)
		var fd int
		if fd, errno = setup(opt.Entries, &p); errno == 0 {
			return fd, p, nil
		}
		if errno != unix.EINVAL {
			break
		}
	}
	want.sqEntries = opt.Entries
	return -1, setupParams{}, setupError(errno, opt, want.memory())
}
