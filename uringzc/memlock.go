//go:build linux

package uringzc

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// LockedMemoryError explains err, by which the kernel refused a feature need
// bytes of locked memory: ENOMEM of io_uring, ENOBUFS of MSG_ZEROCOPY.
//
// Where RLIMIT_MEMLOCK binds the process the error is an *UnsupportedError that
// tells limit, need and cure. The account is kept for each user over all of
// that user's rings and sends (__io_account_mem in io_uring/rsrc.c,
// mm_account_pinned_pages in net/core/skbuff.c), and what a closed ring held
// comes back some time later, so that a need below the limit can be refused.
//
// Where no limit binds, ENOBUFS is about net.core.optmem_max and an
// *UnsupportedError as well; anything else is a real lack of memory and no
// matter of support. In each case the error wraps err.
func LockedMemoryError(feature string, need int64, err error) error {
	var limit unix.Rlimit
	if e := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit); e != nil {
		return fmt.Errorf("uringzc: %s, %d bytes of locked memory: %w; the limit can't be read: %w",
			feature, need, err, os.NewSyscallError("getrlimit", e))
	}
	return explainLockedMemory(feature, need, err, limit.Cur, exemptFromLimit())
}

// explainLockedMemory is LockedMemoryError for a process of which the soft
// limit in bytes and the exemption are known.
func explainLockedMemory(feature string, need int64, err error, limit uint64, exempt bool) error {
	if exempt || limit == unix.RLIM_INFINITY {
		if errors.Is(err, unix.ENOBUFS) {
			return &UnsupportedError{
				Feature: feature,
				Reason:  "the notifications of the sends in flight take more than net.core.optmem_max",
				Cure:    "raise net.core.optmem_max, or keep fewer sends in flight",
				Err:     err,
			}
		}
		return fmt.Errorf("uringzc: %s, %d bytes of locked memory: no limit on it binds this process, "+
			"but memory is short, on the machine or in the control group: %w", feature, need, err)
	}
	more := uint64(max(need, 0))
	shared := fmt.Sprintf("RLIMIT_MEMLOCK is %d bytes for all rings and zero-copy sends of this user together", limit)
	reason := fmt.Sprintf("%s, and %d bytes more are needed", shared, more)
	if more <= limit {
		reason = fmt.Sprintf("%s, %d bytes more are needed, and other rings and sends, or rings closed a moment ago, hold the rest", shared, more)
	}
	return &UnsupportedError{
		Feature: feature,
		Reason:  reason,
		// What is held already is at most the limit.
		Cure: fmt.Sprintf("ulimit -l %d or higher, or CAP_IPC_LOCK", kibibytes(limit)+kibibytes(more)),
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

// kibibytes is what ulimit(1) takes, rounded up. A limit may be so large that
// adding to it first would wrap around.
func kibibytes(bytes uint64) uint64 {
	return bytes/1024 + (bytes%1024+1023)/1024
}

// pages rounds a number of bytes up to whole pages.
func pages(bytes int64) int64 {
	page := int64(os.Getpagesize())
	return (bytes + page - 1) / page * page
}
