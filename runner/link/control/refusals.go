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
	told   time.Time // when it last was
	untold int       // since then
	peer   netip.AddrPort
	why    string
	timer  *time.Timer // that tells of the untold, nil if there are none
}

// add tells of a refusal now, or together with others at the end of the pause.
func (r *refusals) add(peer netip.AddrPort, why string) {
	if r.tell == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.untold++
	r.peer, r.why = peer, why
	if pause := refusalPause - time.Since(r.told); pause <= 0 {
		r.tellAll()
	} else if r.timer == nil {
		r.timer = time.AfterFunc(pause, r.flush)
	}
}

// flush tells of those that nobody was told of.
func (r *refusals) flush() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.untold > 0 {
		r.tellAll()
	}
}

// tellAll is called with the lock held.
func (r *refusals) tellAll() {
	if r.timer != nil {
		r.timer.Stop()
		r.timer = nil
	}
	r.tell(r.peer, r.why, r.untold)
	r.told, r.untold = time.Now(), 0
}
