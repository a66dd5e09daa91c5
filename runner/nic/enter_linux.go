package nic

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// namespaceFile finds a file by which the network namespace with a cookie can be
// entered, "" where nobody has it that the caller may see: one of a process or a
// thread in it, or one that it is mounted on (ip-netns(8)). label is what it was known
// as, which another one may be by now.
func namespaceFile(label string, cookie uint64) string {
	paths, _ := filepath.Glob("/proc/[0-9]*/task/[0-9]*/ns/net") // a pattern that is well-formed
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	for _, path := range append(mountedAs(label, string(mounts)), paths...) {
		if strings.HasPrefix(path, "/proc/") {
			if found, err := os.Readlink(path); err != nil || found != label {
				continue
			}
		}
		// One that may not be entered is taken for it.
		if found, err := cookieAt(path); err != nil || found == cookie {
			return path
		}
	}
	return ""
}

// mountedAs are the mount points of a namespace by the text of proc_pid_mountinfo(5):
// its label is the root of the mount.
func mountedAs(label, mounts string) []string {
	const root, point = 4 - 1, 5 - 1
	var points []string
	for line := range strings.Lines(mounts) {
		words := strings.Fields(line)
		if len(words) > point && words[root] == label {
			points = append(points, unescapeMount(words[point]))
		}
	}
	return points
}

// unescapeMount reads the octal escapes of blanks and backslashes.
func unescapeMount(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+4 <= len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(c))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// cookieAt is namespaceCookie of the network namespace that a file stands for, 0 if the
// file is gone. It takes CAP_SYS_ADMIN, there and here (setns(2)).
func cookieAt(path string) (cookie uint64, err error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil // it has gone this moment
	}
	if err != nil {
		return 0, err
	}
	defer file.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if err = os.NewSyscallError("setns", unix.Setns(int(file.Fd()), unix.CLONE_NEWNET)); err == nil {
			cookie, err = hereCookie()
		}
	}()
	<-done
	return cookie, err
}
