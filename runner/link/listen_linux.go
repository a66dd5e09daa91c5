package link

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// receiveBuffer is the SO_RCVBUF asked for, in bytes: some hundred of the
// largest messages, so that a receiver which is late loses none of a batch.
const receiveBuffer = 64 << 20

// ListenOptions say what a receiver is to count.
type ListenOptions struct {
	Proto string // results.ProtoUDP or results.ProtoTCP; "" is UDP
	Size  int    // payload bytes of a message

	// Start reads the stamp with which a message begins; ok is false for a
	// datagram that doesn't begin one. Sequence numbers of one sender grow.
	Start func(datagram []byte) (seq uint64, ok bool)

	// Intact reports whether a datagram's payload is what belongs at that
	// offset of a message. At offset 0 it has the stamp in front. nil checks
	// nothing.
	Intact func(payload []byte, offset int) bool

	CPU int // that the receiver's thread is pinned to, -1 for any
}

// Listen starts a receiver at the link's destination, which can have one at a
// time: an earlier one has to be closed. A sink has none: then Receiver and
// error are nil both.
func (l *Link) Listen(o ListenOptions) (Receiver, error) {
	if l.spec.Kind == Sink {
		return nil, nil
	}
	if o.Size < 1 || o.Size > MaxPayload(l.spec.Family) || o.Start == nil {
		return nil, fmt.Errorf("link: listen for messages of %d bytes: a receiver takes 1 to %d and a function that reads stamps", o.Size, MaxPayload(l.spec.Family))
	}
	fd, err := l.bind()
	if err != nil {
		return nil, err
	}
	// The address was free, so no earlier receiver uses this any more.
	if l.received == nil {
		l.received = &datagrams{}
	}
	r, err := newReceiver(fd, o, l.received)
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return r, nil
}

// bind makes the receiving socket, in the far end's namespace.
func (l *Link) bind() (fd int, err error) {
	err = within(l.farNS, func() error {
		fd, err = udpSocket(l.spec.Dest.Addr())
		return err
	})
	if err != nil {
		return -1, err
	}
	// Beyond net.core.rmem_max takes CAP_NET_ADMIN in the initial user
	// namespace; without it the kernel grants up to that limit (socket(7)).
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, receiveBuffer) != nil {
		err = os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, receiveBuffer))
	}
	if err == nil {
		err = os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, unix.SOL_UDP, unix.UDP_GRO, 1))
	}
	if err == nil {
		err = os.NewSyscallError("bind", unix.Bind(fd, sockaddr(l.spec.Dest)))
	}
	if err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("link: listen on %s: %w", l.spec.Dest, err)
	}
	return fd, nil
}
