//go:build linux

package uringzc

import (
	"errors"
	"time"
)

// finish ends every request, and then the ring. When it returns, nobody waits for
// a result any more, and every release has come or never will.
func (o *owner) finish() {
	failed := o.stop != errDriverClosed
	o.cause = o.stop
	o.callMu.Lock()
	o.over = true
	o.callMu.Unlock()
	last := o.inbox.close()
	close(o.stopping)
	o.sort(last)
	o.runCalls() // those that found the inbox shut
	o.cutAll(failed)
	start := time.Now()
	o.drain(start.Add(o.ring.drain))
	for i := range o.requests {
		if r := &o.requests[i]; r.stage == submitted {
			o.settle(r, o.cause)
		}
	}
	o.tellResults()
	o.ring.drain = -1 // we have waited
	err := o.ring.Close()
	var leak *LeakError
	if errors.As(err, &leak) {
		leak.Waited = time.Since(start)
	}
	for i := range o.requests {
		if r := &o.requests[i]; r.stage == lending && leak != nil {
			r.leaked(leak)
		} else if r.stage == lending {
			r.release()
			r.end()
		}
	}
	if failed {
		err = errors.Join(o.cause, err)
	}
	if closing := o.eventfd.Close(); closing != nil {
		err = errors.Join(err, closing)
	}
	o.closed = err
}

// cutAll cuts all requests short. A ring that failed may have no more results to
// give: nobody is to wait for those.
func (o *owner) cutAll(failed bool) {
	for i := range o.requests {
		switch r := &o.requests[i]; {
		case r.stage == queued:
			r.conn.behind = fifo{}
			o.settle(r, o.cause)
		case r.stage == submitted && failed:
			o.settle(r, o.cause)
		case r.stage == submitted:
			o.cut(r, o.cause)
		}
	}
	o.queue = fifo{}
	o.tellResults()
	o.wakeUp() // for the last time: the read is an operation too
}

// drain takes completions until no operation is in flight, or the time is up, or
// the ring fails.
func (o *owner) drain(deadline time.Time) {
	for {
		o.catchUp()
		if err := o.submit(); err != nil {
			return
		}
		if o.reap() > 0 {
			continue
		}
		left := time.Until(deadline)
		if o.ring.InFlight() == 0 || left <= 0 {
			return
		}
		if err := o.wait(left); err != nil {
			return
		}
	}
}
