package nic

import (
	"errors"
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// BusyError says that another process has the device: a run, or one that only took
// its lock, as every user of the machine can.
type BusyError struct {
	Device    string
	Namespace string // that the device is in, "" for the caller's
	PID       int    // of the process that has it, 0 where it can't be told
	Command   string // its name, "" where it can't be told
	UID       int    // of its user, -1 where it can't be told
	Lock      string // that it has, "" where it is known as the run of a journal
}

func (e *BusyError) Error() string {
	who, device := "another process", e.Device
	if e.PID > 0 {
		who = fmt.Sprintf("process %d", e.PID)
	}
	if e.Command != "" {
		who += fmt.Sprintf(" (%s)", e.Command)
	}
	if e.Namespace != "" {
		device += " of network namespace " + e.Namespace
	}
	switch {
	case e.Lock != "" && e.UID < 0:
		return fmt.Sprintf("nic: %s is locked by a process that doesn't say which it is, as a run would: find it with ss -xap | grep %s, as root, and end it", device, e.Lock)
	case e.Stranger():
		return fmt.Sprintf("nic: %s is locked by %s of user %d, who is neither root nor user %d: end that process, unless it is a run of theirs", device, who, e.UID, os.Geteuid())
	}
	return fmt.Sprintf("nic: %s is in use by %s: wait until that has ended", device, who)
}

// Stranger tells whether the process is of another user than the caller and root, so
// that it may have taken the lock to be in the way.
func (e *BusyError) Stranger() bool { return e.UID > 0 && e.UID != os.Geteuid() }

// lock is held on a device by whoever changes it: an abstract unix(7) socket
// named after the device's index. Such a name belongs to a network namespace, as
// the device does, and goes with the process, however that ends. A locked file would
// keep out none of whom it is for: containers that share a network namespace have each
// a /run of their own, and who has CAP_NET_ADMIN alone can't write there. The price is
// that any user in the namespace can take such a name. Then nothing is changed, and
// BusyError tells who it is.
type lock struct {
	listener *net.UnixListener
	cookie   uint64 // of the network namespace, see namespaceCookie
}

func lockName(index int) *net.UnixAddr {
	return &net.UnixAddr{Net: "unix", Name: fmt.Sprintf("@sendbench-nic-%d", index)}
}

// lockTries bounds how often a lock is tried that nobody answers for: its holder has
// ended this moment, or is about to listen.
const lockTries = 3

// takeLock takes the lock of a device in the calling thread's network namespace.
// Where another process has it that is a *BusyError.
func takeLock(device string, index int) (*lock, error) {
	listener, err := net.ListenUnix("unix", lockName(index))
	for try := 1; errors.Is(err, unix.EADDRINUSE); try++ {
		busy, holderErr := lockHolder(device, index)
		switch {
		case holderErr != nil:
			return nil, holderErr
		case busy != nil:
			return nil, busy
		case try == lockTries:
			return nil, &BusyError{Device: device, UID: -1, Lock: lockName(index).Name}
		}
		listener, err = net.ListenUnix("unix", lockName(index))
	}
	if err != nil {
		return nil, fmt.Errorf("nic: lock %s: %w", device, err)
	}
	l := &lock{listener: listener}
	if l.cookie, err = hereCookie(); err != nil {
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
	busy := &BusyError{Device: device, UID: -1, Lock: lockName(index).Name}
	if errors.Is(err, unix.EAGAIN) { // it accepts none of those who ask
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
				busy.PID, busy.UID = int(peer.Pid), int(peer.Uid)
			}
		})
	}
	busy.Command = commandOf(busy.PID)
	return busy, nil
}
