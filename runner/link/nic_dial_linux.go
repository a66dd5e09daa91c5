package link

import (
	"errors"
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"sendbench/runner/results"
)

// destination is where a flow sends to: over UDP each has a port of its own at a
// receiver on another host.
func (l *Link) destination(o DialOptions) (netip.AddrPort, error) {
	s := l.spec.Session
	if s == nil || o.Proto == results.ProtoTCP {
		return l.spec.Dest, nil
	}
	if o.Flow < 0 || o.Flow >= len(s.Ports) {
		return netip.AddrPort{}, fmt.Errorf("link: flow %d: the receiver agreed to %d", o.Flow, len(s.Ports))
	}
	return netip.AddrPortFrom(l.spec.Dest.Addr(), s.Ports[o.Flow]), nil
}

// bindToDevice keeps a socket's packets to the device of a NIC link (SO_BINDTOIFINDEX,
// socket(7)): should its route go away, none may leave by another one, to whoever has
// that address there. Linux 5.7 and later allow it to everyone; where it isn't
// allowed, the control connection notices a little later.
func (l *Link) bindToDevice(fd int) error {
	if l.spec.Kind != NIC {
		return nil
	}
	index, err := deviceIndex(l.spec.Device)
	if err != nil {
		return err
	}
	err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_BINDTOIFINDEX, index)
	if err != nil && !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.ENOPROTOOPT) {
		return fmt.Errorf("link: bind a socket to %s: %w", l.spec.Device, os.NewSyscallError("setsockopt", err))
	}
	return nil
}
