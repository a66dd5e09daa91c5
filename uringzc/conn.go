//go:build linux

package uringzc

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// Conn sends on a connection of package net without copying. It may be used by
// any number of goroutines, and beside the connection's own methods, which go on
// working; only what is written to a stream in both ways at once gets mixed up.
type Conn struct {
	driver  *Driver
	conn    net.Conn
	inet6   bool // the socket is of AF_INET6
	stream  bool
	place   int // in the driver's table of files
	closing atomic.Bool

	// The owner's.
	closed  bool
	sending *request // on a stream, the one whose turn it is
	behind  fifo     // on a stream, those after it
}

// Message is what one send carries.
type Message struct {
	// Buffer is Bytes, OffHeap, or a Lease's. It is lent from the call until
	// the release.
	Buffer Buffer

	// To is where the datagram goes from a socket that isn't connected, as far
	// as the socket's family can reach it: the zero value if it is.
	To netip.AddrPort

	// Segment has the kernel or the device cut the datagram into some of so many
	// bytes of payload, the last one perhaps shorter (UDP_SEGMENT, udp(7)). 0
	// leaves that to the socket's own setting.
	Segment uint16
}

// Conn wraps a *net.UDPConn, connected or not, or a *net.TCPConn. The kernel has
// zero copy for no others: they are refused with an *UnsupportedError, and so are
// MPTCP connections and those that came from a listener for them, which package
// net's are by default: see ListenConfig.SetMultipathTCP. A closed connection
// gives net.ErrClosed.
//
// A Conn only sends: go on reading from c. The driver has a reference of its own to
// the socket, so that nothing is ever sent to another that has got the same
// descriptor. Therefore Close the Conn, which closes c too: closing c alone leaves
// the socket open, and a stream's peer never sees the end. One Conn to a net.Conn:
// two don't know of each other.
func (d *Driver) Conn(c net.Conn) (*Conn, error) {
	conn := &Conn{driver: d, conn: c}
	var socket syscall.Conn
	none := c == nil
	switch c := c.(type) {
	case nil:
	case *net.UDPConn:
		socket, none = c, c == nil
	case *net.TCPConn:
		socket, none, conn.stream = c, c == nil, true
	case *net.UnixConn:
		return nil, &UnsupportedError{
			Feature: "zero-copy send on a Unix socket",
			Reason:  "the kernel has it for UDP and TCP over IPv4 and IPv6 only (SOCK_SUPPORT_ZC) and answers EOPNOTSUPP",
			Cure:    "Write, which copies once and has no device to hand pages to",
		}
	default:
		return nil, &UnsupportedError{
			Feature: fmt.Sprintf("zero-copy send on a %T", c),
			Reason:  "only a *net.UDPConn or *net.TCPConn is known to be the kernel's own UDP or TCP",
			Cure:    "its Write; what it may wrap takes raw bytes, past any encryption",
		}
	}
	if none {
		return nil, errors.New("uringzc: wrap a connection: it is nil; want a *net.UDPConn or *net.TCPConn")
	}
	if err := conn.attach(socket); err != nil {
		return nil, err
	}
	return conn, nil
}

// attach gives the driver's ring a reference to the socket, while package net
// holds its own.
func (c *Conn) attach(socket syscall.Conn) error {
	raw, err := socket.SyscallConn()
	if err != nil {
		return fmt.Errorf("uringzc: wrap a connection: %w", err)
	}
	controlErr := raw.Control(func(fd uintptr) {
		domain, e := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DOMAIN)
		if err = os.NewSyscallError("getsockopt", e); err != nil {
			return
		}
		c.inet6 = domain == unix.AF_INET6
		err = c.driver.call(func() error { return c.driver.owner.attach(c, int(fd)) })
	})
	if err := errors.Join(controlErr, err); err != nil {
		return fmt.Errorf("uringzc: wrap a connection: %w", err)
	}
	return nil
}

// NetConn is the connection that c wraps.
func (c *Conn) NetConn() net.Conn { return c.conn }

// SendZC sends buf on a connection, as one datagram or as the next bytes of the
// stream, and blocks until the kernel has accepted all of it or there is an error:
// n is less than len(buf) only with an error, as with net.Conn's Write. On a
// stream calls go one after the other, whole. More than 2147483647 bytes are
// refused.
//
// Until release is over the kernel reads buf, which is not to be written to. That
// goes for a send that failed as well: await the release before using buf again,
// whatever err is. buf is kept in its place, and from being collected, also if
// nobody asks for the release.
//
// If ctx ends first, SendZC returns its error at once, and the kernel is told to
// give the send up; n is 0 and says nothing: none, some or all of buf may have
// been sent, so that on a stream there is no telling what to send next. If ctx
// has ended before, nothing is sent. While Options.InFlight sends are unreleased
// SendZC waits for one of them to be. ctx is the only deadline: those set on the
// net.Conn have no effect here.
//
// Other errors are *net.OpError. They match net.ErrClosed once the Conn or its
// driver is closed; EPIPE or ECONNRESET if a stream's peer is gone, without a
// SIGPIPE; and in one that tells of locked memory the way out is told.
func (c *Conn) SendZC(ctx context.Context, buf []byte) (n int, release Release, err error) {
	return c.SendZCTo(ctx, buf, netip.AddrPort{})
}

// SendZCTo is SendZC for a UDP connection that isn't connected.
func (c *Conn) SendZCTo(ctx context.Context, buf []byte, to netip.AddrPort) (n int, release Release, err error) {
	if len(buf) > math.MaxInt32 {
		return 0, Release{}, c.opError(fmt.Errorf("%d bytes in one send; want at most %d", len(buf), math.MaxInt32))
	}
	return c.SendMsgZC(ctx, Message{Buffer: Bytes(buf), To: to})
}

// SendMsgZC is SendZC in its general form. A lease is taken over and returns to
// its slab with the release, unless release == (Release{}): then nothing was lent,
// and it is still the caller's.
func (c *Conn) SendMsgZC(ctx context.Context, m Message) (n int, release Release, err error) {
	if err := ctx.Err(); err != nil {
		return 0, Release{}, err
	}
	address, err := c.check(&m)
	if err != nil {
		return 0, Release{}, c.opError(err)
	}
	d := c.driver
	r, err := d.acquire(ctx)
	if err == ctx.Err() && err != nil {
		return 0, Release{}, err
	}
	if err != nil {
		return 0, Release{}, c.opError(err)
	}
	r.conn, r.buffer, r.to, r.segment = c, m.Buffer, address, m.Segment
	if err := r.lend(); err != nil {
		d.free <- r
		return 0, Release{}, c.opError(err)
	}
	release = Release{request: r, generation: r.generation.Load()}
	r.turn.Store(pending)
	r.sides.Store(2)
	if !d.put(r.sendNumber()) {
		r.takeBack()
		d.free <- r
		return 0, Release{}, c.opError(d.cause)
	}
	if !r.await(ctx) {
		if !d.put(r.giveUpNumber()) {
			r.end() // the owner, who would, takes no more
		}
		return 0, release, ctx.Err()
	}
	n, err = r.sent, r.err
	r.end()
	if err != nil {
		return n, release, c.opError(c.explain(err, m.Buffer.Len()))
	}
	return n, release, nil
}

// check refuses what the kernel would misunderstand or ignore, and gives the
// address in the form of the socket's family.
func (c *Conn) check(m *Message) (Address, error) {
	if c.closing.Load() {
		return Address{}, net.ErrClosed
	}
	if m.Buffer.kind() == registered {
		return Address{}, errors.New("a Fixed buffer is one of a ring; want Bytes, OffHeap, or a Lease of a slab that the driver has registered")
	}
	if c.stream && (m.Segment != 0 || m.To.IsValid()) {
		return Address{}, errors.New("Segment and To are for datagrams; want neither on a stream")
	}
	if m.Segment != 0 && c.driver.sendMsg != nil {
		return Address{}, c.driver.sendMsg
	}
	ip := m.To.Addr()
	switch {
	case !ip.IsValid():
		return Address{}, nil
	case !c.inet6 && ip.Is4In6():
		ip = ip.Unmap()
	case !c.inet6 && ip.Is6():
		return Address{}, fmt.Errorf("the address %v on an IPv4 socket; want one of IPv4", ip)
	}
	return AddressOf(netip.AddrPortFrom(ip, m.To.Port())), nil
}

// opError is an error as package net has them.
func (c *Conn) opError(err error) error {
	return &net.OpError{Op: "send", Net: c.conn.LocalAddr().Network(), Source: c.conn.LocalAddr(), Addr: c.conn.RemoteAddr(), Err: err}
}

// explain is the error for what the kernel or the owner said of a send.
func (c *Conn) explain(err error, size int) error {
	errno, ok := err.(unix.Errno)
	if !ok {
		return err
	}
	err = os.NewSyscallError("io_uring send", errno)
	if errno == unix.ENOMEM {
		return LockedMemoryError("IORING_OP_SEND_ZC", int64(size), err)
	}
	return err
}

// Close must be called. It gives up what is open of the Conn, whose calls return an error that
// matches net.ErrClosed, and closes the connection that it wraps. Buffers are
// released when the kernel says so, as ever. If that connection was closed before,
// Close lets go of the socket all the same, and returns net.ErrClosed.
func (c *Conn) Close() error {
	if c.closing.Swap(true) {
		err := c.opError(net.ErrClosed).(*net.OpError)
		err.Op = "close"
		return err
	}
	// A driver that has ended has no reference any more.
	_ = c.driver.call(func() error { c.driver.owner.detach(c); return nil })
	return c.conn.Close()
}
