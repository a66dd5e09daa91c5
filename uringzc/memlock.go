//go:build linux

package uringzc

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// lockedMemoryError turns an ENOMEM into the tale of RLIMIT_MEMLOCK: the limit,
// the need (both in bytes) and the cure. It returns nil where the limit doesn't
// bind this process, and memory is short in earnest.
//
// The account is kept for each user over all of that user's rings
// (__io_account_mem in io_uring/rsrc.c), and the kernel may give memory back
// some time after a ring is closed, so that a need below the limit can fail.
func lockedMemoryError(feature string, need uint64, err error) error {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit) != nil || limit.Cur == unix.RLIM_INFINITY || exemptFromLimit() {
		return nil
	}
	return &UnsupportedError{
		Feature: feature,
		Reason: fmt.Sprintf("RLIMIT_MEMLOCK is %d bytes for all rings of this user together, and %d bytes more are needed",
			limit.Cur, need),
		Cure: fmt.Sprintf("ulimit -l %d or higher, or CAP_IPC_LOCK", (limit.Cur+need+1023)/1024),
		Err:  err,
	}
}

// exemptFromLimit reports whether the process has CAP_IPC_LOCK where it counts,
// in the initial user namespace. That namespace is known by its identity map.
func exemptFromLimit() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if unix.Capget(&header, &data[0]) != nil || data[0].Effective&(1<<unix.CAP_IPC_LOCK) == 0 {
		return false
	}
	idMap, err := os.ReadFile("/proc/self/uid_map")
	return err == nil && strings.Join(strings.Fields(string(idMap)), " ") == "0 0 4294967295"
}

// pages rounds a number of bytes up to whole pages.
func pages(bytes uint64) uint64 {
	page := uint64(os.Getpagesize())
	return (bytes + page - 1) / page * page
}
