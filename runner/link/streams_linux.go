package link

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"sendbench/runner/results"
)

// Streams is a listening TCP socket and the connections that came in. They stay open
// from one receiver to the next, since senders keep theirs across trials. Its methods
// are for one goroutine at a time.
type Streams struct {
	listener    int
	peer        netip.Addr // that connections are taken from, without its zone; the zero Addr is any
	port        uint16
	queue       int // an epoll(7) of the listener and of all connections
	connections map[int32]*stream
	memory      []byte          // what is read goes here
	receiver    *streamReceiver // the present one, nil if there is none
}

const (
	// streamLength is how many bytes one call reads: as much as a sender keeps
	// under way, so that calls are few.
	streamLength = 1 << 20
	// streamCalls bounds the calls in a row for one connection while others wait.
	streamCalls = 8
	// streamBacklog is how many connections may wait to be accepted.
	streamBacklog = 128
)

// OpenStreams listens at addr, for connections of peer alone if that is a valid
// address. With port 0 the kernel chooses one, see Port.
func OpenStreams(addr netip.AddrPort, peer netip.Addr) (s *Streams, err error) {
	s = &Streams{
		listener: -1, queue: -1, peer: peer.Unmap().WithZone(""),
		connections: map[int32]*stream{}, memory: make([]byte, streamLength),
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("link: listen on %s: %w", addr, err), s.Close())
			s = nil
		}
	}()
	if s.listener, err = streamSocket(addr.Addr(), unix.SOCK_NONBLOCK); err != nil {
		return s, err
	}
	// Or connections of the process before, which the kernel winds up for a
	// minute, would have the address (socket(7)).
	if err = unix.SetsockoptInt(s.listener, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return s, os.NewSyscallError("setsockopt", err)
	}
	if err = unix.Bind(s.listener, sockaddr(addr)); err != nil {
		return s, os.NewSyscallError("bind", err)
	}
	if err = unix.Listen(s.listener, streamBacklog); err != nil {
		return s, os.NewSyscallError("listen", err)
	}
	bound, err := unix.Getsockname(s.listener)
	if err != nil {
		return s, os.NewSyscallError("getsockname", err)
	}
	s.port = addrPort(bound).Port()
	if s.queue, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return s, os.NewSyscallError("epoll_create1", err)
	}
	return s, s.watch(s.listener)
}

// Port returns the port that it listens on.
func (s *Streams) Port() uint16 { return s.port }

// Listen starts a receiver of all connections, those that are there and those that
// come in. There can be one at a time: an earlier one has to be closed, and Discard
// comes between the two.
//
// Whole multiples of o.Size are messages. With o.Start, and o.Intact if it is given,
// each is read and checked: that it follows the one before by its sequence number,
// and that its content is as sent. Without, content is discarded in the kernel (tcp(7),
// MSG_TRUNC), so that a receiver takes less time than any sender.
func (s *Streams) Listen(o ListenOptions) (Receiver, error) {
	if o.Size < 1 || o.Intact != nil && o.Start == nil {
		return nil, fmt.Errorf("link: listen for messages of %d bytes on a stream: a receiver takes 1 or more, and a check of content takes a function that reads stamps", o.Size)
	}
	if s.receiver != nil {
		return nil, errStreamsTaken
	}
	r, err := newStreamReceiver(s, o)
	if err != nil {
		return nil, err
	}
	s.receiver = r
	return r, nil
}

// Close closes all connections. A receiver is closed before.
func (s *Streams) Close() error {
	var errs []error
	if s.receiver != nil {
		errs = append(errs, s.receiver.Close())
	}
	for fd := range s.connections {
		errs = append(errs, s.hangUp(int(fd)))
	}
	for _, fd := range []*int{&s.queue, &s.listener} {
		if *fd >= 0 {
			errs = append(errs, os.NewSyscallError("close", unix.Close(*fd)))
			*fd = -1
		}
	}
	return errors.Join(errs...)
}

// watch has the queue tell when a descriptor has something to read.
func (s *Streams) watch(fd int) error {
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(s.queue, unix.EPOLL_CTL_ADD, fd, &event))
}

// errStreamsTaken is that a receiver reads these streams.
var errStreamsTaken = errors.New("link: these streams have a receiver: close it before the next")

// accept takes a connection that waits. One that was given up meanwhile is no error
// (accept(2)), and one of anybody but the peer's is closed: it is foreign.
func (s *Streams) accept() (foreign bool, err error) {
	fd, from, err := unix.Accept4(s.listener, unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
	switch err {
	case nil:
	case unix.EAGAIN, unix.EINTR, unix.ECONNABORTED:
		return false, nil
	default:
		return false, os.NewSyscallError("accept4", err)
	}
	if s.peer.IsValid() && addrPort(from).Addr().Unmap() != s.peer {
		return true, os.NewSyscallError("close", unix.Close(fd))
	}
	s.connections[int32(fd)] = &stream{}
	if err := s.watch(fd); err != nil {
		return false, errors.Join(err, s.hangUp(fd))
	}
	return false, nil
}

// hangUp closes a connection, which takes it out of the queue too.
func (s *Streams) hangUp(fd int) error {
	delete(s.connections, int32(fd))
	return os.NewSyscallError("close", unix.Close(fd))
}

// read takes what one call gives of a connection: how many bytes, and whether it is
// empty after that. A connection that the other side has ended is closed.
func (s *Streams) read(fd, flags int) (n int, empty bool, err error) {
	n, _, err = unix.Recvfrom(fd, s.memory, flags|unix.MSG_DONTWAIT)
	switch err {
	case nil:
	case unix.EAGAIN:
		return 0, true, nil
	case unix.EINTR:
		return 0, false, nil
	case unix.ECONNRESET, unix.ETIMEDOUT, unix.EPIPE:
		n = 0
	default:
		return 0, false, os.NewSyscallError("recvfrom", err)
	}
	if n == 0 {
		return 0, true, s.hangUp(fd)
	}
	return n, n < len(s.memory), nil
}

// Discard accepts the connections that wait, throws away what has arrived on all, in a
// trial that failed say, and puts them between two messages. It returns how many bytes
// that were, with an error if there are still more at a time.
func (s *Streams) Discard(until time.Time) (received int64, err error) {
	if s.receiver != nil {
		return 0, errStreamsTaken
	}
	var events [16]unix.EpollEvent
	for {
		n, err := unix.EpollWait(s.queue, events[:], 0)
		if err != nil && err != unix.EINTR {
			return received, fmt.Errorf("link: look at the streams: %w", os.NewSyscallError("epoll_wait", err))
		}
		if n == 0 && err == nil {
			break
		}
		for _, e := range events[:max(n, 0)] {
			n := 0
			if int(e.Fd) == s.listener {
				_, err = s.accept()
			} else {
				n, _, err = s.read(int(e.Fd), unix.MSG_TRUNC)
			}
			received += int64(n)
			if err != nil {
				return received, fmt.Errorf("link: receive: %w", err)
			}
		}
		if time.Now().After(until) {
			return received, errors.New("link: the streams don't run empty: a sender that failed must give its connection up")
		}
	}
	for _, c := range s.connections {
		*c = stream{}
	}
	return received, nil
}

// DiscardLimit is time enough for a discard: what a socket holds takes milliseconds.
const DiscardLimit = time.Second

// stream is one connection's place between its messages.
type stream struct {
	at     int // bytes of the open message so far, 0 between messages
	head   [stampLength]byte
	next   uint64 // sequence number that the next message must have
	begun  bool   // and that there is one
	spoilt bool   // the open message isn't as sent
}

// stampLength is how many bytes of a message Start is given, or all if it has fewer.
const stampLength = 16

// take counts bytes that nobody looks at.
func (c *stream) take(n int, o *ListenOptions, counts *Counts) {
	c.at += n
	whole := int64(c.at / o.Size)
	c.at %= o.Size
	counts.Messages += whole
	counts.Bytes += whole * int64(o.Size)
}

// check counts the messages that payload goes on with, and looks at each.
func (c *stream) check(payload []byte, o *ListenOptions, counts *Counts) {
	for len(payload) > 0 {
		part := payload[:min(o.Size-c.at, len(payload))]
		c.look(part, o)
		payload, c.at = payload[len(part):], c.at+len(part)
		if c.at < o.Size {
			return
		}
		if c.spoilt {
			counts.Incomplete++
		} else {
			counts.Messages++
			counts.Bytes += int64(o.Size)
		}
		c.at, c.spoilt = 0, false
	}
}

// look holds a part of the open message against what was sent.
func (c *stream) look(part []byte, o *ListenOptions) {
	if head := min(stampLength, o.Size); c.at < head {
		copy(c.head[c.at:head], part)
		if c.at+len(part) >= head {
			seq, ok := o.Start(c.head[:head])
			c.spoilt = c.spoilt || !ok || c.begun && seq != c.next
			c.next, c.begun = seq+1, true
		}
	}
	if o.Intact != nil && !o.Intact(part, c.at) {
		c.spoilt = true
	}
}

// cut gives the open message up.
func (c *stream) cut(counts *Counts) {
	if c.at > 0 {
		counts.Incomplete++
		c.at, c.spoilt = 0, false
	}
}

// streamSocket makes a TCP socket for addresses like a.
func streamSocket(a netip.Addr, flags int) (int, error) {
	domain := unix.AF_INET
	if a.Is6() {
		domain = unix.AF_INET6
	}
	fd, err := unix.Socket(domain, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|flags, unix.IPPROTO_TCP)
	if err != nil {
		return -1, fmt.Errorf("link: make a TCP socket: %w", os.NewSyscallError("socket", err))
	}
	return fd, nil
}

// addrPort is an address of IPv4 or IPv6 as the kernel gave it.
func addrPort(a unix.Sockaddr) netip.AddrPort {
	switch a := a.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port))
	}
	return netip.AddrPort{}
}

// errNoStreams is what a sink says to TCP.
var errNoStreams = fmt.Errorf("link: a %s has no receiver, and %s needs one: take %s", Sink, results.ProtoTCP, Pair)

// listenStreams is Listen for TCP.
func (l *Link) listenStreams(o ListenOptions) (Receiver, error) {
	if l.spec.Kind == Sink {
		return nil, errNoStreams
	}
	s, err := l.openStreams()
	if err != nil {
		return nil, err
	}
	if _, err := s.Discard(time.Now().Add(DiscardLimit)); err != nil {
		return nil, err
	}
	return s.Listen(o)
}

// openStreams listens at the link's destination, in the far end's namespace, from the
// first time that it is asked until the link is closed.
func (l *Link) openStreams() (*Streams, error) {
	if l.streams != nil {
		return l.streams, nil
	}
	err := within(l.farNS, func() (err error) {
		l.streams, err = OpenStreams(l.spec.Dest, netip.Addr{})
		return err
	})
	return l.streams, err
}
