//go:build linux

package uringzc

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Address is where a message goes to from a socket that isn't connected, in the
// kernel's form: struct sockaddr_in or sockaddr_in6. The zero value is none.
type Address struct {
	len   uint8
	bytes [unix.SizeofSockaddrInet6]byte
}

// AddressOf is the socket address of a. IPv4 is for sockets of AF_INET; IPv6, and
// IPv4 in IPv6 (netip.AddrFrom16), for those of AF_INET6. Package net likes to give
// IPv4 as IPv4 in IPv6, which Addr.Unmap undoes. A zone is an
// interface's number, or its name, which is looked up here and now; where there
// is no such interface it is as if there were no zone, as in package net. The
// zero AddrPort is no address. An address of the wrong family gives EAFNOSUPPORT.
func AddressOf(a netip.AddrPort) (s Address) {
	ip := a.Addr()
	switch {
	case ip.Is4():
		s.len = unix.SizeofSockaddrInet4
		binary.NativeEndian.PutUint16(s.bytes[0:], unix.AF_INET)
		four := ip.As4()
		copy(s.bytes[4:], four[:])
	case ip.Is6():
		s.len = unix.SizeofSockaddrInet6
		binary.NativeEndian.PutUint16(s.bytes[0:], unix.AF_INET6)
		sixteen := ip.As16()
		copy(s.bytes[8:], sixteen[:])
		binary.NativeEndian.PutUint32(s.bytes[24:], scope(ip.Zone()))
	default:
		return Address{}
	}
	binary.BigEndian.PutUint16(s.bytes[2:], a.Port())
	return s
}

// scope is the number of a zone; 0 if there is no such interface.
func scope(zone string) uint32 {
	if zone == "" {
		return 0
	}
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n)
	}
	if i, err := net.InterfaceByName(zone); err == nil {
		return uint32(i.Index)
	}
	return 0
}

// message is what belongs to an operation besides its payload and is read by
// the kernel through its address: it lies outside the Go heap, and stays as it
// is until the operation is over.
type message struct {
	header  msghdr
	vector  iovec
	name    [32]byte // Address.bytes
	control [32]byte // one control message, UDP_SEGMENT
	_       [56]byte // whole cache lines
}

const messageSize = int(unsafe.Sizeof(message{}))

// mapMessages maps one message for each operation in flight.
func mapMessages(n uint32) ([]message, error) {
	m, err := unix.Mmap(-1, 0, roundUp(int(n)*messageSize, os.Getpagesize()), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, fmt.Errorf("uringzc: map %d message headers: %w", n, os.NewSyscallError("mmap", err))
	}
	return unsafe.Slice((*message)(unsafe.Pointer(&m[0])), n), nil
}

func unmapMessages(m []message) error {
	if len(m) == 0 {
		return nil
	}
	b := unsafe.Slice((*byte)(unsafe.Pointer(&m[0])), roundUp(len(m)*messageSize, os.Getpagesize()))
	return os.NewSyscallError("munmap", unix.Munmap(b))
}

// setAddress writes the address and returns where it is, and its length; 0 for
// none.
func (m *message) setAddress(to *Address) (uintptr, uint8) {
	if to == nil || to.len == 0 {
		return 0, 0
	}
	copy(m.name[:], to.bytes[:to.len])
	return uintptr(unsafe.Pointer(&m.name)), to.len
}

// set writes the header of a sendmsg(2).
func (m *message) set(to *Address, data unsafe.Pointer, size uint32, segment uint16) {
	name, namelen := m.setAddress(to)
	m.vector = iovec{base: uintptr(data), len: uintptr(size)}
	m.header = msghdr{name: name, namelen: uint32(namelen), iov: uintptr(unsafe.Pointer(&m.vector)), iovlen: 1}
	if segment == 0 {
		return
	}
	c := (*unix.Cmsghdr)(unsafe.Pointer(&m.control))
	c.Level, c.Type = unix.SOL_UDP, unix.UDP_SEGMENT
	c.SetLen(unix.CmsgLen(2))
	binary.NativeEndian.PutUint16(m.control[unix.CmsgLen(0):], segment)
	m.header.control = uintptr(unsafe.Pointer(&m.control))
	m.header.controllen = uintptr(unix.CmsgSpace(2))
}
