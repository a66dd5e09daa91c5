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

// Listen starts a receiver. There can be one at a time: an earlier one has to be closed,
// and Discard comes between the two.
func (s *DatagramSocket) Listen(o ListenOptions) (Receiver, error) {
	if o.Size < 1 || o.Size > MaxPayload(6) || o.Start == nil {
		return nil, fmt.Errorf("link: listen for messages of %d bytes: a receiver takes 1 to %d and a function that reads stamps", o.Size, MaxPayload(6))
	}
	return newReceiver(s, o, false)
}

// Discard throws away what waits in the queue, of a trial before say. It returns how
// many bytes of payload of the peer's that were, with an error if there are still more
// at a time.
func (s *DatagramSocket) Discard(until time.Time) (received int64, err error) {
	for {
		n, err := s.received.receive(s.fd)
		for i := range n {
			if from, payload, _ := s.received.at(i); s.takes(from) {
				received += int64(len(payload))
			}
		}
		switch {
		case errors.Is(err, unix.EAGAIN):
			return received, nil
		case err != nil && !errors.Is(err, unix.EINTR):
			return received, fmt.Errorf("link: receive: %w", err)
		case time.Now().After(until):
			return received, fmt.Errorf("link: port %d doesn't run empty: a sender goes on though its trial is over", s.port)
		}
	}
}

// takes tells whether the datagrams of an address count.
func (s *DatagramSocket) takes(from netip.AddrPort) bool {
	return !s.peer.IsValid() || from.Addr() == s.peer
}

// Close gives the port up. A receiver is closed before.
func (s *DatagramSocket) Close() error {
	return os.NewSyscallError("close", unix.Close(s.fd))
}
