package link

import (
	"encoding/binary"
	"net/netip"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	receiveBatch  = 32      // datagrams a call
	receiveLength = 1 << 16 // bytes; no UDP datagram, nor several left together, is longer
)

// datagrams is the memory that one recvmmsg(2) call fills: 2 MiB, which a link
// keeps from one receiver to the next.
type datagrams struct {
	headers  [receiveBatch]unix.Mmsghdr
	vectors  [receiveBatch]unix.Iovec
	names    [receiveBatch]unix.RawSockaddrInet6 // large enough for IPv4 too
	controls [receiveBatch][64]byte
	payloads [receiveBatch][receiveLength]byte
}

// receive takes up to receiveBatch datagrams that are waiting, without waiting
// itself: unix.EAGAIN means that there are none.
func (d *datagrams) receive(fd int) (int, error) {
	for i := range d.headers {
		d.vectors[i].Base = &d.payloads[i][0]
		d.vectors[i].SetLen(receiveLength)
		header := &d.headers[i].Hdr
		header.Iov = &d.vectors[i]
		header.SetIovlen(1)
		header.Name = (*byte)(unsafe.Pointer(&d.names[i]))
		header.Namelen = unix.SizeofSockaddrInet6
		header.Control = &d.controls[i][0]
		header.SetControllen(len(d.controls[i]))
	}
	n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&d.headers[0])), receiveBatch, unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, os.NewSyscallError("recvmmsg", errno)
	}
	return int(n), nil
}

// at returns one of the datagrams received: its sender, the payload, and the length
// of the segments in it if UDP_GRO left several together (udp(7)).
func (d *datagrams) at(i int) (from netip.AddrPort, payload []byte, segment int) {
	from = d.from(i)
	payload = d.payloads[i][:d.headers[i].Len]
	control := d.controls[i][:d.headers[i].Hdr.Controllen]
	for len(control) >= unix.SizeofCmsghdr {
		header, data, rest, err := unix.ParseOneSocketControlMessage(control)
		if err != nil {
			break
		}
		if header.Level == unix.SOL_UDP && header.Type == unix.UDP_GRO && len(data) >= 4 {
			segment = int(binary.NativeEndian.Uint32(data))
		}
		control = rest
	}
	return from, payload, segment
}

// from is the sender of a datagram, without the zone of a link-local address.
func (d *datagrams) from(i int) netip.AddrPort {
	name := &d.names[i]
	// sin_port and sin6_port have the same place, in network order.
	port := binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&name.Port))[:])
	if name.Family == unix.AF_INET {
		return netip.AddrPortFrom(netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(name)).Addr), port)
	}
	return netip.AddrPortFrom(netip.AddrFrom16(name.Addr), port)
}
