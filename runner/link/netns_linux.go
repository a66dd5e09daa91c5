package link

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// newNamespace makes a network namespace that lives as long as the returned
// file, a device or a socket in it, or a process that inherits the file.
func newNamespace() (*os.File, error) {
	var file *os.File
	err := elsewhere(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("link: make a second network namespace: %w", os.NewSyscallError("unshare", err))
		}
		var err error
		file, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	return file, err
}

// within calls f on a thread in the network namespace ns, or on the caller's
// own where ns is nil. Sockets that f makes stay in that namespace.
func within(ns *os.File, f func() error) error {
	if ns == nil {
		return f()
	}
	return elsewhere(func() error {
		if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("link: enter the far end's network namespace: %w", os.NewSyscallError("setns", err))
		}
		return f()
	})
}

// elsewhere calls f on a thread that may change its namespace, since no other
// goroutine will run on it, and waits for it.
func elsewhere(f func() error) error {
	result := make(chan error, 1)
	onDiscardedThread(func() { result <- f() })
	return <-result
}
