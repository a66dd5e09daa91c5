package link

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A TCP socket's times. Each bounds something that would last as long as its peer likes.
const (
	// connectTimeout is for connect(2), which SO_SNDTIMEO bounds too (socket(7)).
	connectTimeout = 5 * time.Second
	// sendTimeout is after what time a blocked send returns, short or with EAGAIN, so
	// that a sender gets to look whether it is to go on.
	sendTimeout = 100 * time.Millisecond
	// peerTimeout is TCP_USER_TIMEOUT (tcp(7)): after that time without an
	// acknowledgement, or with a window of zero, the connection ends. A process whose
	// ring has a polling thread can't end before its sends are released, whatever
	// kills it.
	peerTimeout = 4 * time.Second
)

// dialStream returns a blocking TCP socket that is connected, with TCP_NODELAY,
// SO_SNDTIMEO and TCP_USER_TIMEOUT set, and its SO_SNDBUF as Dial does. Congestion
// control is the system's (net.ipv4.tcp_congestion_control) over a NIC, and Reno's over
// links of our own, see ownCongestion.
func (l *Link) dialStream(o DialOptions) (fd, sendBuffer int, err error) {
	if o.Segment != 0 {
		return -1, 0, fmt.Errorf("link: a segment of %d bytes over TCP: UDP_SEGMENT is UDP's, use 0", o.Segment)
	}
	to, err := l.streamDestination(o)
	if err != nil {
		return -1, 0, err
	}
	fd, err = streamSocket(to.Addr(), 0)
	if err != nil {
		return -1, 0, err
	}
	defer func() {
		if err != nil {
			unix.Close(fd)
			fd = -1
		}
	}()
	if err := errors.Join(setStreamOptions(fd, o), l.setCongestion(fd), l.bindToDevice(fd)); err != nil {
		return fd, 0, err
	}
	for err = unix.EINTR; err == unix.EINTR; { // which leaves the connection to be made going on, and the next call waits for it
		err = unix.Connect(fd, sockaddr(to))
	}
	if err != nil && err != unix.EISCONN {
		return fd, 0, fmt.Errorf("link: connect to %s: %w", to, os.NewSyscallError("connect", err))
	}
	wait := unix.NsecToTimeval(int64(sendTimeout))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &wait); err != nil {
		return fd, 0, fmt.Errorf("link: SO_SNDTIMEO: %w", os.NewSyscallError("setsockopt", err))
	}
	sendBuffer, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF)
	if err != nil {
		return fd, 0, fmt.Errorf("link: SO_SNDBUF: %w", os.NewSyscallError("getsockopt", err))
	}
	return fd, sendBuffer, nil
}

// streamDestination is where a connection goes to, at which somebody listens by then.
func (l *Link) streamDestination(o DialOptions) (netip.AddrPort, error) {
	switch l.spec.Kind {
	case Sink:
		return netip.AddrPort{}, errNoStreams
	case NIC:
		return l.destination(o)
	}
	_, err := l.openStreams()
	return l.spec.Dest, err
}

// ownCongestion is what sends over links within this machine. BBR, which some systems
// have for all, takes a path's shortest round trip for its own, a microsecond or two
// here, and paces by that: the same strategy was then seen to reach from a tenth of its
// rate to all of it. Reno doesn't pace, is in every kernel, and open to everyone
// (tcp(7), TCP_CONGESTION).
const ownCongestion = "reno"

// setCongestion has what is measured be the sender, and not a model of the path.
func (l *Link) setCongestion(fd int) error {
	if l.spec.Kind == NIC {
		return nil // where there is a path
	}
	if err := unix.SetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION, ownCongestion); err != nil {
		return fmt.Errorf("link: TCP_CONGESTION %s: %w", ownCongestion, os.NewSyscallError("setsockopt", err))
	}
	return nil
}

// CongestionControl names what a TCP socket runs with.
func CongestionControl(fd int) (string, error) {
	name, err := unix.GetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION)
	if err != nil {
		return "", fmt.Errorf("link: TCP_CONGESTION: %w", os.NewSyscallError("getsockopt", err))
	}
	return name, nil
}

// setStreamOptions sets what a socket has from before it is connected.
func setStreamOptions(fd int, o DialOptions) error {
	options := []struct {
		name               string
		level, kind, value int
	}{
		{"TCP_NODELAY", unix.IPPROTO_TCP, unix.TCP_NODELAY, 1},
		{"TCP_USER_TIMEOUT", unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(peerTimeout.Milliseconds())},
		{"SO_SNDBUF", unix.SOL_SOCKET, unix.SO_SNDBUF, o.SendBuffer},
	}
	if o.SendBuffer == 0 { // the system's own, which grows
		options = options[:2]
	}
	for _, option := range options {
		if err := unix.SetsockoptInt(fd, option.level, option.kind, option.value); err != nil {
			return fmt.Errorf("link: %s %d: %w", option.name, option.value, os.NewSyscallError("setsockopt", err))
		}
	}
	wait := unix.NsecToTimeval(int64(connectTimeout))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &wait); err != nil {
		return fmt.Errorf("link: SO_SNDTIMEO: %w", os.NewSyscallError("setsockopt", err))
	}
	return nil
}
