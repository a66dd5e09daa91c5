package link

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"sendbench/runner/results"
)

// DialOptions say what a sending socket is like.
type DialOptions struct {
	Proto      string // results.ProtoUDP or results.ProtoTCP; "" is UDP
	Flow       int    // number of the sender among several, from 0: each has a socket of its own at the far end of a NIC
	Segment    int    // UDP_SEGMENT in bytes, 0 for off
	SendBuffer int    // SO_SNDBUF to ask for in bytes, 0 for the system's own
}

// Dial returns a blocking UDP socket, or one of TCP with TCP_NODELAY and a short
// SO_SNDTIMEO, that is connected to the link's destination, and its SO_SNDBUF in bytes as granted: the kernel doubles what
// is asked for and holds it under net.core.wmem_max (socket(7)), for root like
// for anyone else. The descriptor is the caller's to close, is closed on exec
// and unknown to Go's poller.
func (l *Link) Dial(o DialOptions) (fd, sendBuffer int, err error) {
	if o.Proto == results.ProtoTCP {
		return l.dialStream(o)
	}
	fd, err = udpSocket(l.spec.Dest.Addr())
	if err != nil {
		return -1, 0, err
	}
	defer func() {
		if err != nil {
			unix.Close(fd)
			fd = -1
		}
	}()
	if o.SendBuffer > 0 {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, o.SendBuffer); err != nil {
			return fd, 0, fmt.Errorf("link: SO_SNDBUF %d: %w", o.SendBuffer, os.NewSyscallError("setsockopt", err))
		}
	}
	if o.Segment > 0 {
		err := unix.SetsockoptInt(fd, unix.SOL_UDP, unix.UDP_SEGMENT, o.Segment)
		if errors.Is(err, unix.ENOPROTOOPT) {
			return fd, 0, fmt.Errorf("link: this kernel has no UDP_SEGMENT, which is in Linux 4.18 and later; take segment=off: %w", os.NewSyscallError("setsockopt", err))
		}
		if err != nil {
			return fd, 0, fmt.Errorf("link: UDP_SEGMENT %d: %w", o.Segment, os.NewSyscallError("setsockopt", err))
		}
	}
	to, err := l.destination(o)
	if err != nil {
		return fd, 0, err
	}
	if err := l.bindToDevice(fd); err != nil {
		return fd, 0, err
	}
	if err := unix.Connect(fd, sockaddr(to)); err != nil {
		return fd, 0, fmt.Errorf("link: connect to %s: %w", to, os.NewSyscallError("connect", err))
	}
	sendBuffer, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF)
	if err != nil {
		return fd, 0, fmt.Errorf("link: SO_SNDBUF: %w", os.NewSyscallError("getsockopt", err))
	}
	return fd, sendBuffer, nil
}

// udpSocket makes a blocking UDP socket for addresses like a.
func udpSocket(a netip.Addr) (int, error) {
	domain := unix.AF_INET
	if a.Is6() {
		domain = unix.AF_INET6
	}
	fd, err := unix.Socket(domain, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.IPPROTO_UDP)
	if err != nil {
		return -1, fmt.Errorf("link: make a UDP socket: %w", os.NewSyscallError("socket", err))
	}
	return fd, nil
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is6() {
		return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16(), ZoneId: zoneID(a.Addr().Zone())}
	}
	return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
}

// zoneID is the number of the device that a link-local address belongs to, 0 for none:
// the kernel then says that the address won't do (ipv6(7)).
func zoneID(zone string) uint32 {
	if zone == "" {
		return 0
	}
	device, err := net.InterfaceByName(zone)
	if err != nil {
		n, _ := strconv.ParseUint(zone, 10, 32)
		return uint32(n)
	}
	return uint32(device.Index)
}

// freePort returns a port that nothing is bound to at the moment, for UDP nor for TCP.
func freePort(a netip.Addr) (uint16, error) {
	for tries := 10; ; tries-- {
		conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, 0)))
		if err != nil {
			return 0, err
		}
		bound := conn.LocalAddr().(*net.UDPAddr)
		listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: bound.IP, Port: bound.Port})
		conn.Close()
		if err == nil {
			listener.Close()
		}
		if err == nil || tries == 0 {
			return uint16(bound.Port), err
		}
	}
}

// deviceIndex returns the number by which the kernel knows a device of this
// namespace.
func deviceIndex(name string) (int, error) {
	device, err := net.InterfaceByName(name)
	if err != nil {
		return 0, fmt.Errorf("link: find %s: %w", name, err)
	}
	return device.Index, nil
}
