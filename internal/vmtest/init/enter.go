//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"
)

// enterCommand makes this program replace itself by another in a host's namespace:
// the rest of its arguments. The namespace is the descriptor enterFD.
const enterCommand = "enter"

const enterFD = 3

// enter moves into a network namespace and runs a program there, with a /sys that
// shows the devices of that namespace, as ip-netns(8) does. It returns only if
// that fails.
func enter(args []string) error {
	runtime.LockOSThread()
	if err := unix.Setns(enterFD, unix.CLONE_NEWNET); err != nil {
		return os.NewSyscallError("setns", err)
	}
	if err := unix.Close(enterFD); err != nil {
		return os.NewSyscallError("close", err)
	}
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return os.NewSyscallError("unshare", err)
	}
	if err := unix.Mount("sysfs", "/sys", "sysfs", 0, ""); err != nil {
		return fmt.Errorf("mount /sys: %w", err)
	}
	path, err := exec.LookPath(args[0])
	if err != nil {
		return err
	}
	return fmt.Errorf("run %s: %w", path, unix.Exec(path, args, os.Environ()))
}
