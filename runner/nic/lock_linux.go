package nic

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// BusyError says that another run has the device.
type BusyError struct {
	Device  string
	PID     int    // of the process that has it, 0 where it can't be told
	Command string // its name, "" where it can't be told
}

func (e *BusyError) Error() string {
	who := "another process"
	if e.PID > 0 {
		who = fmt.Sprintf("process %d", e.PID)
	}
	if e.Command != "" {
		who += fmt.Sprintf(" (%s)", e.Command)
	}
	return fmt.Sprintf("nic: %s is in use by %s: wait until that has ended", e.Device, who)
}

// lock is held on a device by whoever changes it: an abstract unix(7) socket
// named after the device's index. Such a name belongs to a network namespace, as
// the device does, and goes with the process, however that ends.
type lock struct {
	listener *net.UnixListener
	cookie   uint64 // of the network namespace, see namespaceCookie
}

func lockName(index int) *net.UnixAddr {
	return &net.UnixAddr{Net: "unix", Name: fmt.Sprintf("@sendbench-nic-%d", index)}
}

// takeLock takes the lock of a device in the calling thread's network namespace.
// Where another process has it that is a *BusyError.
func takeLock(device string, index int) (*lock, error) {
	listener, err := net.ListenUnix("unix", lockName(index))
	if errors.Is(err, unix.EADDRINUSE) {
		busy, _ := lockHolder(device, index)
		if busy == nil { // it ended this moment
			busy = &BusyError{Device: device}
		}
		return nil, busy
	}
	if err != nil {
		return nil, fmt.Errorf("nic: lock %s: %w", device, err)
	}
	l := &lock{listener: listener}
	if l.cookie, err = cookieOf(listener); err != nil {
		return nil, errors.Join(fmt.Errorf("nic: lock %s: %w", device, err), l.release())
	}
	go func() { // Those who ask who has the lock only connect.
		for {
			asker, err := listener.Accept()
			if err != nil {
				return
			}
			asker.Close()
		}
	}()
	return l, nil
}

func (l *lock) release() error { return l.listener.Close() }

// lockHolder says who has the lock of a device in the calling thread's network
// namespace, nil for nobody.
func lockHolder(device string, index int) (*BusyError, error) {
	conn, err := net.DialUnix("unix", nil, lockName(index))
	if errors.Is(err, unix.ECONNREFUSED) {
		return nil, nil
	}
	busy := &BusyError{Device: device}
	if errors.Is(err, unix.EAGAIN) { // so many ask
		return busy, nil
	}
	if err != nil {
		return nil, fmt.Errorf("nic: ask for the lock of %s: %w", device, err)
	}
	defer conn.Close()
	// Without its name the process is busy all the same.
	if raw, err := conn.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) {
			if peer, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
				busy.PID = int(peer.Pid)
			}
		})
	}
	if name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", busy.PID)); err == nil {
		busy.Command = strings.TrimSpace(string(name))
	}
	return busy, nil
}

// cookieOf is namespaceCookie of a socket of package net.
func cookieOf(socket syscall.Conn) (cookie uint64, err error) {
	raw, err := socket.SyscallConn()
	if err != nil {
		return 0, err
	}
	if controlErr := raw.Control(func(fd uintptr) { cookie, err = namespaceCookie(int(fd)) }); controlErr != nil {
		return 0, controlErr
	}
	return cookie, err
}
