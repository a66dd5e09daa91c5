//go:build linux

package uringzc

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestExplainLockedMemory(t *testing.T) {
	const (
		mib    = 1 << 20
		shared = " for all rings and zero-copy sends of this user together"
		none   = "uringzc: SEND_ZC, 1048576 bytes of locked memory: no limit on it binds this process, " +
			"but memory is short, on the machine or in the control group: io_uring_enter: cannot allocate memory"
		optmem = "SEND_ZC is unsupported here: the notifications of the sends in flight take more than net.core.optmem_max " +
			"(io_uring_enter: no buffer space available); cure: raise net.core.optmem_max, or keep fewer sends in flight"
	)
	for _, tt := range []struct {
		name        string
		need        int64
		errno       unix.Errno
		limit       uint64
		exempt      bool
		want        string
		unsupported bool
	}{
		{"need above the limit", mib, unix.ENOMEM, 64 << 10, false,
			"SEND_ZC is unsupported here: RLIMIT_MEMLOCK is 65536 bytes" + shared + ", and 1048576 bytes more are needed " +
				"(io_uring_enter: cannot allocate memory); cure: ulimit -l 1088 or higher, or CAP_IPC_LOCK", true},
		{"need of the limit", mib, unix.ENOBUFS, mib, false,
			"SEND_ZC is unsupported here: RLIMIT_MEMLOCK is 1048576 bytes" + shared + ", 1048576 bytes more are needed, " +
				"and other rings and sends, or rings closed a moment ago, hold the rest " +
				"(io_uring_enter: no buffer space available); cure: ulimit -l 2048 or higher, or CAP_IPC_LOCK", true},
		{"broken kibibytes", 1, unix.ENOMEM, 1025, false,
			"SEND_ZC is unsupported here: RLIMIT_MEMLOCK is 1025 bytes" + shared + ", 1 bytes more are needed, " +
				"and other rings and sends, or rings closed a moment ago, hold the rest " +
				"(io_uring_enter: cannot allocate memory); cure: ulimit -l 3 or higher, or CAP_IPC_LOCK", true},
		{"no locked memory allowed", 4096, unix.ENOMEM, 0, false,
			"SEND_ZC is unsupported here: RLIMIT_MEMLOCK is 0 bytes" + shared + ", and 4096 bytes more are needed " +
				"(io_uring_enter: cannot allocate memory); cure: ulimit -l 4 or higher, or CAP_IPC_LOCK", true},
		{"huge limit", 1024, unix.ENOMEM, unix.RLIM_INFINITY - 1, false,
			"SEND_ZC is unsupported here: RLIMIT_MEMLOCK is 18446744073709551614 bytes" + shared + ", 1024 bytes more are needed, " +
				"and other rings and sends, or rings closed a moment ago, hold the rest " +
				"(io_uring_enter: cannot allocate memory); cure: ulimit -l 18014398509481985 or higher, or CAP_IPC_LOCK", true},
		{"unlimited", mib, unix.ENOMEM, unix.RLIM_INFINITY, false, none, false},
		{"exempt", mib, unix.ENOMEM, 64 << 10, true, none, false},
		{"unlimited, no room for notifications", mib, unix.ENOBUFS, unix.RLIM_INFINITY, false, optmem, true},
		{"exempt, no room for notifications", mib, unix.ENOBUFS, 64 << 10, true, optmem, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := explainLockedMemory("SEND_ZC", tt.need, os.NewSyscallError("io_uring_enter", tt.errno), tt.limit, tt.exempt)
			if err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if !errors.Is(err, tt.errno) {
				t.Errorf("doesn't wrap %v", tt.errno)
			}
			if got := errors.Is(err, errors.ErrUnsupported); got != tt.unsupported {
				t.Errorf("unsupported %v, want %v", got, tt.unsupported)
			}
		})
	}
}

// TestLockedMemoryErrorOfThisProcess compares with what the kernel says of it.
func TestLockedMemoryErrorOfThisProcess(t *testing.T) {
	got := LockedMemoryError("SEND_ZC", 4096, unix.ENOMEM).Error()
	limits, err := os.ReadFile("/proc/self/limits")
	if err != nil {
		t.Skip(err)
	}
	for line := range strings.Lines(string(limits)) {
		value, ok := strings.CutPrefix(line, "Max locked memory")
		if !ok {
			continue
		}
		soft := strings.Fields(value)[0]
		want := "RLIMIT_MEMLOCK is " + soft + " bytes"
		if soft == "unlimited" || exemptFromLimit() {
			want = "no limit on it binds this process"
		}
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
		return
	}
	t.Errorf("no locked memory in %q", limits)
}
