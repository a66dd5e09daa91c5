package link

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// DatagramSocket is a bound UDP socket that takes the datagrams of one receiver after
// another. It stays bound between them, so that what comes late meets no closed port.
// Its methods are for one goroutine at a time.
type DatagramSocket struct {
	fd       int
	peer     netip.Addr // whose datagrams count; the zero Addr is anyone
	received *datagrams
	port     uint16
	buffer   int
}

// OpenDatagrams binds a socket to addr for the datagrams of peer, or of anyone if that
// is no valid address. With port 0 the kernel chooses one, see Port. Buffer is the
// SO_RCVBUF to ask for in bytes.
func OpenDatagrams(addr netip.AddrPort, peer netip.Addr, buffer int) (*DatagramSocket, error) {
	return openDatagrams(addr, peer, buffer, &datagrams{})
}

// openDatagrams is OpenDatagrams with memory to receive into.
func openDatagrams(addr netip.AddrPort, peer netip.Addr, buffer int, received *datagrams) (*DatagramSocket, error) {
	fd, err := udpSocket(addr.Addr())
	if err != nil {
		return nil, err
	}
	s := &DatagramSocket{fd: fd, peer: peer.Unmap().WithZone(""), received: received}
	if err := s.bind(addr, buffer); err != nil {
		return nil, errors.Join(fmt.Errorf("link: listen on %s: %w", addr, err), s.Close())
	}
	return s, nil
}

// bind asks for room and for datagrams that are left together, then binds.
func (s *DatagramSocket) bind(addr netip.AddrPort, buffer int) error {
	// Beyond net.core.rmem_max takes CAP_NET_ADMIN in the initial user
	// namespace; without it the kernel grants up to that limit (socket(7)).
	if unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, buffer) != nil {
		if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, buffer); err != nil {
			return os.NewSyscallError("setsockopt", err)
		}
	}
	if err := unix.SetsockoptInt(s.fd, unix.SOL_UDP, unix.UDP_GRO, 1); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	if err := unix.Bind(s.fd, sockaddr(addr)); err != nil {
		return os.NewSyscallError("bind", err)
	}
	bound, err := unix.Getsockname(s.fd)
	if err != nil {
		return os.NewSyscallError("getsockname", err)
	}
	s.port = addrPort(bound).Port()
	s.buffer, err = unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
	return os.NewSyscallError("getsockopt", err)
}

// Port returns the port that it is bound to.
func (s *DatagramSocket) Port() uint16 { return s.port }

// Buffer returns SO_RCVBUF in bytes as granted: the kernel doubles what it is asked
// for (socket(7)).
func (s *DatagramSocket) Buffer() int { return s.buffer }

// Listen starts a receiver of what comes from now on; what waits in the queue is of a
// trial before and thrown away. There can be one at a time: an earlier one has to be
// closed.
func (s *DatagramSocket) Listen(o ListenOptions) (Receiver, error) {
	if o.Size < 1 || o.Size > MaxPayload(6) || o.Start == nil {
		return nil, fmt.Errorf("link: listen for messages of %d bytes: a receiver takes 1 to %d and a function that reads stamps", o.Size, MaxPayload(6))
	}
	if err := s.discard(); err != nil {
		return nil, err
	}
	return newReceiver(s, o, false)
}

// discard empties the queue.
func (s *DatagramSocket) discard() error {
	for deadline := time.Now().Add(discardLimit); ; {
		_, err := s.received.receive(s.fd)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return nil
		case err != nil && !errors.Is(err, unix.EINTR):
			return fmt.Errorf("link: receive: %w", err)
		case time.Now().After(deadline):
			return fmt.Errorf("link: port %d didn't run empty within %v: a sender goes on though its trial is over", s.port, discardLimit)
		}
	}
}

// Close gives the port up. A receiver is closed before.
func (s *DatagramSocket) Close() error {
	return os.NewSyscallError("close", unix.Close(s.fd))
}
