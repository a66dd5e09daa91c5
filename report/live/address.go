package live

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// Address is a TCP address of loopback.
type Address struct{ addr netip.AddrPort }

// ParseAddress reads HOST:PORT, where HOST is an address of loopback or localhost and
// PORT 0 for any that is free. No name is looked up. Any other address is refused: the
// page is for whoever sits at this machine.
func ParseAddress(s string) (Address, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return Address{}, fmt.Errorf("%.80q is no address; give one of loopback with a port, such as 127.0.0.1:0", s)
	}
	if strings.EqualFold(host, "localhost") {
		host = "127.0.0.1"
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !ip.Unmap().IsLoopback() {
		return Address{}, fmt.Errorf("%.80q is not an address of loopback, and the page is served to this machine alone; give 127.0.0.1:%.20s", host, orZero(port))
	}
	addr, err := netip.ParseAddrPort(net.JoinHostPort(ip.Unmap().WithZone("").String(), port))
	if err != nil {
		return Address{}, fmt.Errorf("%.80q is no port; give a number from 0, for any that is free, to 65535", port)
	}
	return Address{addr}, nil
}

func orZero(port string) string {
	if port == "" {
		return "0"
	}
	return port
}

// Listen listens there. The error is of net.ListenTCP.
func (a Address) Listen() (*net.TCPListener, error) {
	return net.ListenTCP("tcp", net.TCPAddrFromAddrPort(a.addr))
}

// hosts are the Host headers of requests that are meant for a listener. A page of
// another site that has its name resolve to this address (DNS rebinding) sends its
// own.
func hosts(l net.Addr) []string {
	addr := l.String()
	_, port, err := net.SplitHostPort(addr)
	if err != nil { // not of TCP
		return nil
	}
	list := []string{addr, "localhost:" + port}
	if port == "80" { // which browsers leave out
		for _, host := range list {
			list = append(list, strings.TrimSuffix(host, ":80"))
		}
	}
	return list
}
