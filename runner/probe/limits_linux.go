package probe

import (
	"io/fs"
	"math"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"sendbench/runner/results"
)

// readLimits takes from the environment what that has, and the rest from proc, a
// /proc file system.
func readLimits(proc fs.FS, env results.Environment) Limits {
	l := Limits{
		MemlockBytes: env.MemlockBytes, MemlockExempt: env.MemlockExempt,
		OptmemMaxBytes: env.OptmemMax, WmemMaxBytes: env.WmemMax, RmemMaxBytes: env.RmemMax,
		OpenFiles: -1, IOUringDisabled: env.IOUringDisabled,
		IOUringGroup:      number(proc, "sys/kernel/io_uring_group"),
		SeccompMode:       seccompMode(proc),
		MaxUserNamespaces: number(proc, "sys/user/max_user_namespaces"),
	}
	var files unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err == nil {
		l.OpenFiles = int64(min(files.Cur, math.MaxInt64))
	}
	return l
}

// number reads a setting, -1 if it is unknown.
func number(proc fs.FS, name string) int64 {
	b, err := fs.ReadFile(proc, name)
	if err != nil {
		return -1
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// seccompMode reads the line "Seccomp:" of proc_pid_status(5), -1 if there is none.
func seccompMode(proc fs.FS) int {
	status, _ := fs.ReadFile(proc, "self/status")
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "Seccomp:"); ok {
			if mode, err := strconv.Atoi(strings.TrimSpace(value)); err == nil {
				return mode
			}
		}
	}
	return -1
}
