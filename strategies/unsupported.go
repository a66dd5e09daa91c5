//go:build linux

package strategies

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
	"sendbench/uringzc"
)

// UnsupportedError says that this kernel, socket or user can't do what a
// strategy needs, and what would change that. errors.Is finds
// errors.ErrUnsupported in it.
type UnsupportedError = uringzc.UnsupportedError

// memlock explains a refusal to pin need bytes of memory: ENOMEM of SEND_ZC and
// ENOBUFS of MSG_ZEROCOPY, which account the pages of each message alike
// (net/core/skbuff.c, mm_account_pinned_pages).
func memlock(feature string, need int64, err error) error {
	limit, e := memlockLimit()
	if e != nil {
		return errors.Join(err, e)
	}
	return &UnsupportedError{
		Feature: feature,
		Reason:  fmt.Sprintf("the locked-memory limit of %d bytes (RLIMIT_MEMLOCK) is too small, up to %d are needed at once", limit, need),
		Cure:    fmt.Sprintf("ulimit -l %d, or more where other processes of the user lock memory too, or CAP_IPC_LOCK", (need+1023)/1024),
		Err:     err,
	}
}

func memlockLimit() (uint64, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit); err != nil {
		return 0, os.NewSyscallError("getrlimit", err)
	}
	return limit.Cur, nil
}
