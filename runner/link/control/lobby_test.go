package control

import (
	"net"
	"net/netip"
	"testing"
	"time"
)

// A host has few places, all together have a bound, and the host that a session is
// with has its own, whatever the others do.
func TestLobby(t *testing.T) {
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	of := func(n int) netip.Addr { return netip.AddrFrom4([4]byte{198, 51, 100, byte(n)}) }
	var l lobby
	enter := func(host, sender netip.Addr, want bool) *place {
		t.Helper()
		p, err := l.enter(host, sender)
		if (err == nil) != want {
			t.Errorf("%s while the session is with %v: %v", host, sender, err)
		}
		return p
	}
	none := netip.Addr{}
	var places []*place
	for range maxOfHost {
		places = append(places, enter(a, none, true))
	}
	enter(a, none, false)
	for n := range maxOutside/maxOfHost - 1 {
		for range maxOfHost {
			enter(of(n), none, true)
		}
	}
	enter(b, none, false) // the lobby is full
	for range maxOfHost {
		enter(b, b, true) // but for the session's host
	}
	enter(b, b, false)
	enter(a, b, false)
	l.leave(places[0])
	enter(a, b, true)
	enter(a, a, false) // those of before are its own, too
	if len(l.places) != maxOutside+maxOfHost {
		t.Errorf("%d places are taken", len(l.places))
	}
}

// An IPv6 network is one host's, but for the sender in it.
func TestLobbySubnet(t *testing.T) {
	var l lobby
	addresses := []netip.Addr{}
	for n := range byte(maxOfHost + 1) {
		addresses = append(addresses, netip.AddrFrom16([16]byte{0xfd, 1: 1, 15: n + 1}))
	}
	for i, a := range addresses {
		if _, err := l.enter(a, netip.Addr{}); (err == nil) != (i < maxOfHost) {
			t.Errorf("connection %d of the network: %v", i, err)
		}
	}
	last := addresses[maxOfHost]
	if _, err := l.enter(last, last); err != nil {
		t.Errorf("the sender's: %v", err)
	}
}

// crowd makes connections that say nothing, from an address or, if it is nil, any.
func (b *bench) crowd(t *testing.T, from net.IP, size int) (conns []net.Conn) {
	t.Helper()
	dialer := net.Dialer{}
	if from != nil {
		dialer.LocalAddr = &net.TCPAddr{IP: from}
	}
	for i := range size {
		conn, err := dialer.Dial("tcp", b.address)
		if err != nil && from != nil && i == 0 {
			t.Skipf("needs the address %s: %v", from, err)
		}
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		t.Cleanup(func() { conn.Close() })
		if i%2 == 0 {
			_, _ = conn.Write([]byte{22, 3, 1}) // a handshake begins like this
		}
		conns = append(conns, conn)
	}
	return conns
}

// A crowd that connects and says nothing, or little by little, costs a bounded number
// of connections for a bounded time, and a session that is on goes on.
func TestCrowd(t *testing.T) {
	b := serve(t, nil)
	c, _ := b.agree(t)
	conns := b.crowd(t, nil, 1000)
	if err := c.Begin(t.Context(), Stretch{Size: 16}); err != nil {
		t.Errorf("the session did not go on: %v", err)
	}
	for _, conn := range conns {
		if err := conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
			t.Fatal(err)
		}
		ended(t, conn)
	}
	if err := c.Begin(t.Context(), Stretch{Size: 16}); err != nil {
		t.Errorf("the session did not go on: %v", err)
	}
	c.Close()
	await(t, b.over, "the session to be over")
	b.healthy(t)
}

// A crowd from other hosts, though it has every place that it can get, doesn't keep out
// the processes of the session that is on.
func TestCrowdOfOthers(t *testing.T) {
	b := serve(t, nil)
	_, agreement := b.agree(t)
	for n := range byte(2 * maxOutside / maxOfHost) {
		b.crowd(t, net.IPv4(127, 0, 1, n+1), maxOfHost)
	}
	for range 3 {
		worker := b.dial(t)
		if _, err := worker.Join(t.Context(), agreement.Token); err != nil {
			t.Fatal(err)
		}
		worker.Close()
	}
}
