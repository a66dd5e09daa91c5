package control

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
)

// Bounds on the connections that are in no session. Whoever holds one needs no secret
// for that, and may take another as soon as it is closed: so that no host keeps others
// out, each has few, and the host that a session is with, whose processes come and go
// meanwhile, has its own beside those of all others. A crowd from that very host can
// keep it out; it is its own then.
const (
	maxOutside = 64 // of all other hosts
	maxOfHost  = 8  // of one
)

// place is a connection's in the lobby.
type place struct{ host netip.Addr }

// lobby has the connections that are in no session. Its zero value is ready.
type lobby struct {
	mu     sync.Mutex
	places []*place
}

// enter takes a place for a connection, while a session with sender is on or, where
// that is the zero Addr, none is. The error is why there is none, for a person.
func (l *lobby) enter(host, sender netip.Addr) (*place, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	same, others := 0, 0
	for _, p := range l.places {
		if p.host == sender {
			if host == sender {
				same++
			}
			continue
		}
		others++
		if host != sender && subnet(p.host) == subnet(host) {
			same++
		}
	}
	switch {
	case same >= maxOfHost:
		return nil, fmt.Errorf("it has %d connections in no session already", maxOfHost)
	case host != sender && others >= maxOutside:
		return nil, fmt.Errorf("there are %d connections in no session already", maxOutside)
	}
	p := &place{host}
	l.places = append(l.places, p)
	return p, nil
}

// leave gives a place up.
func (l *lobby) leave(p *place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.places = slices.DeleteFunc(l.places, func(other *place) bool { return other == p })
}

// subnet is what one host may have addresses of: with IPv6 that is a network of 64 bits
// (RFC 4291, 2.5.4).
func subnet(host netip.Addr) netip.Prefix {
	bits := host.BitLen()
	if host.Is6() {
		bits = 64
	}
	network, _ := host.WithZone("").Prefix(bits) // of the zero Addr, which has none, the zero Prefix
	return network
}
