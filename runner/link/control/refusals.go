package control

import (
	"net/netip"
	"sync"
	"time"
)

// refusalPause is how long nobody is told of further refusals.
const refusalPause = time.Second

// refusals tells of refused connections, however many there are, at a bounded rate.
type refusals struct {
	tell func(peer netip.AddrPort, why string, connections int)

	mu     sync.Mutex
	told   time.Time
	untold int
}

func (r *refusals) add(peer netip.AddrPort, why string) {
	if r.tell == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.untold++
	if now := time.Now(); now.Sub(r.told) >= refusalPause {
		r.tell(peer, why, r.untold)
		r.told, r.untold = now, 0
	}
}
