package link

import (
	"errors"
	"fmt"
	"net/netip"

	"sendbench/runner/results"
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
	// With TCP it may be nil: then content is thrown away unseen.
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
	if l.remote != nil {
		return l.remote.listen(o)
	}
	if o.Proto == results.ProtoTCP {
		return l.listenStreams(o)
	}
	if l.spec.Kind == Sink {
		return nil, nil
	}
	if o.Size < 1 || o.Size > MaxPayload(l.spec.Family) || o.Start == nil {
		return nil, fmt.Errorf("link: listen for messages of %d bytes: a receiver takes 1 to %d and a function that reads stamps", o.Size, MaxPayload(l.spec.Family))
	}
	s, err := l.openDatagrams()
	if err != nil {
		return nil, err
	}
	r, err := newReceiver(s, o, true)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return r, nil
}

// openDatagrams makes the receiving socket, in the far end's namespace.
func (l *Link) openDatagrams() (s *DatagramSocket, err error) {
	// One receiver at a time has this: a second would find the address taken.
	if l.received == nil {
		l.received = &datagrams{}
	}
	err = within(l.farNS, func() error {
		s, err = openDatagrams(l.spec.Dest, netip.Addr{}, receiveBuffer, l.received)
		return err
	})
	return s, err
}
