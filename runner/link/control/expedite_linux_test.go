package control

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// Both ends of a control connection go before what else is sent.
func TestExpedite(t *testing.T) {
	for _, at := range []string{"127.0.0.1:0", "[::1]:0"} {
		listener, err := net.Listen("tcp", at)
		if err != nil {
			t.Skipf("needs %s: %v", at, err)
		}
		defer listener.Close()
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		expedite(conn)
		raw, err := conn.(*net.TCPConn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		level, option := unix.IPPROTO_IP, unix.IP_TOS
		if addrPort(conn.LocalAddr()).Addr().Is6() {
			level, option = unix.IPPROTO_IPV6, unix.IPV6_TCLASS
		}
		err = raw.Control(func(fd uintptr) {
			for _, o := range []struct{ level, option, want int }{{unix.SOL_SOCKET, unix.SO_PRIORITY, interactive}, {level, option, lowDelay}} {
				if got, err := unix.GetsockoptInt(int(fd), o.level, o.option); err != nil || got != o.want {
					t.Errorf("%s: option %d of level %d is %d, %v; want %d", at, o.option, o.level, got, err, o.want)
				}
			}
		})
		if err != nil {
			t.Error(err)
		}
	}
}
