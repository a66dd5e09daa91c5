package control

import (
	"net"

	"golang.org/x/sys/unix"
)

// expedite has a control connection's packets pass by those of a run, in the queues on
// the way that have more than one class: SO_PRIORITY (socket(7)) is for this host's own
// (tc-pfifo_fast(8), tc-prio(8)), the type of service (ip(7), ipv6(7)) for those of
// others. It is of use where it can be had; a way with one queue is bounded by
// Silence.
func expedite(conn net.Conn) {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		// Of an IPv6 socket with IPv4 inside, each has its own say. The priority comes
		// last, since the type of service brings one.
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_TOS, lowDelay)
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_TCLASS, lowDelay)
		_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PRIORITY, interactive)
	})
}

const (
	lowDelay    = 0x10 // IPTOS_LOWDELAY, include/uapi/linux/ip.h
	interactive = 6    // TC_PRIO_INTERACTIVE, include/uapi/linux/pkt_sched.h: the most that anyone may have
)
