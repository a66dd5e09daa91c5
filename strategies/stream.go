//go:build linux

package strategies

import (
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// tcpStream is a connected TCP socket as a Stream.
type tcpStream struct {
	fd   int
	halt *Halt
}

// NewStream is the Stream of a connected TCP socket, which stays the caller's. The halt
// ends its waits, and may be nil.
func NewStream(fd int, halt *Halt) Stream { return &tcpStream{fd: fd, halt: halt} }

// flushNap is how long a flush sleeps between two looks: little against a trial, and
// enough for whoever is to read on the same CPU.
const flushNap = 50 * time.Microsecond

// Flush looks how much is not acknowledged (SIOCOUTQ, tcp(7)) until that is nothing.
func (s *tcpStream) Flush(limit time.Duration) error {
	nap := unix.NsecToTimespec(int64(flushNap))
	for start, before := Now(), 0; ; {
		left, err := unix.IoctlGetInt(s.fd, unix.SIOCOUTQ)
		switch {
		case err != nil:
			return os.NewSyscallError("ioctl", err)
		case left == 0:
			return nil
		case left < before:
			start = Now()
		case Now()-start > int64(limit):
			return fmt.Errorf("the peer acknowledged nothing for %v, and %d bytes are to be", limit, left)
		}
		before = left
		// A connection that was reset keeps what it had to send.
		if errno, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ERROR); err != nil || errno != 0 {
			if err == nil {
				err = unix.Errno(errno)
			}
			return fmt.Errorf("%d bytes were not acknowledged: %w", left, os.NewSyscallError("getsockopt", err))
		}
		if err := s.halt.Err(); err != nil {
			return err
		}
		_ = unix.Nanosleep(&nap, nil) // a signal makes the next look an early one
	}
}

// Abort dissolves the connection, as connect(2) does with an address of AF_UNSPEC:
// the peer gets a reset, and what wasn't sent is thrown away (tcp_disconnect,
// net/ipv4/tcp.c).
func (s *tcpStream) Abort() error {
	nowhere := unix.RawSockaddr{Family: unix.AF_UNSPEC}
	_, _, errno := syscall.Syscall(unix.SYS_CONNECT, uintptr(s.fd), uintptr(unsafe.Pointer(&nowhere)), unsafe.Sizeof(nowhere))
	if errno != 0 {
		return os.NewSyscallError("connect", errno)
	}
	return nil
}

// patience bounds how long a sender waits for a peer that takes nothing. The zero
// value is ready.
type patience struct {
	clock stall
	halt  *Halt
}

// refused returns nil if a send that took nothing is worth another try. With
// SO_SNDTIMEO set a blocked one ends with EAGAIN when that is over, and with EINTR
// at a signal, of which Go's runtime sends many (signal(7)): time runs for both.
func (p *patience) refused(call string, errno unix.Errno) error {
	if err := p.halt.Err(); err != nil {
		return err
	}
	waited := errno == unix.EINTR || errno == unix.EAGAIN
	if waited {
		errno = unix.EAGAIN
	}
	err := p.clock.retry(errno)
	switch {
	case err == nil:
		return nil
	case waited:
		return fmt.Errorf("the peer took nothing for %v: %w", stallLimit, os.NewSyscallError(call, err))
	}
	return os.NewSyscallError(call, err)
}

// took notes that something went through, if perhaps not all of it.
func (p *patience) took(whole bool) error {
	p.clock.reset()
	if whole {
		return nil
	}
	return p.halt.Err()
}
