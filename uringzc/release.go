//go:build linux

package uringzc

import (
	"context"
	"sync"
)

// Release is the second event of a Conn's send: the buffer is the caller's again,
// or its slab's. It is a value, which may be copied, kept, and asked at any time
// by any number of goroutines, or dropped: a release that nobody asks for holds
// nothing back. The zero value is over, since nothing was lent.
type Release struct {
	request    *request
	generation uint64 // of the request when it was this send
}

// Usage is what became of a send's bytes.
type Usage uint8

const (
	// UsageUnknown says that nothing was sent, that the kernel doesn't tell
	// (before Linux 6.2, but for late releases of 6.1), or that 64 or more later
	// sends have been released in the same place.
	UsageUnknown Usage = iota
	UsageZeroCopy
	UsageCopied // some of them at least; see Completion.Copied
)

// String is one or two words.
func (u Usage) String() string {
	switch u {
	case UsageZeroCopy:
		return "zero copy"
	case UsageCopied:
		return "copied"
	}
	return "unknown"
}

// Done reports whether the buffer is released. It takes no lock.
func (r Release) Done() bool {
	return r.request == nil || r.request.generation.Load() > r.generation
}

// Wait waits until the buffer is released. The error is the context's, or the
// driver's *LeakError if it was closed and the kernel wouldn't let go of the
// buffer, which is then never released.
func (r Release) Wait(ctx context.Context) (Usage, error) {
	if r.request == nil {
		return UsageUnknown, nil
	}
	q := r.request
	q.mu.Lock()
	if u, err, is := q.outcome(r.generation); is {
		q.mu.Unlock()
		return u, err
	}
	w := q.driver.watchers.get()
	q.watch(w)
	q.mu.Unlock()
	select {
	case <-w.ready:
	case <-ctx.Done():
		q.mu.Lock()
		watched := q.unwatch(w)
		q.mu.Unlock()
		if watched {
			q.driver.watchers.put(w)
			return UsageUnknown, ctx.Err()
		}
		<-w.ready // it is being released this moment
	}
	u, err := w.usage, w.err
	q.driver.watchers.put(w)
	return u, err
}

// OnRelease has f called once, when the buffer is released: here and now if it is
// already, else on a goroutine that calls the functions of one driver one after
// the other. A slow one holds up others but no sends. A buffer that was leaked
// (LeakError) is never released, and f never called.
func (r Release) OnRelease(f func(Usage)) {
	if r.request == nil {
		f(UsageUnknown)
		return
	}
	q := r.request
	q.mu.Lock()
	u, err, is := q.outcome(r.generation)
	if !is {
		w := q.driver.watchers.get()
		w.f = f
		q.watch(w)
	}
	q.mu.Unlock()
	if is && err == nil {
		f(u)
	}
}

// watcher is one who waits for a release, or a function to call.
type watcher struct {
	ready chan struct{} // has room for one
	f     func(Usage)   // nil: somebody waits for ready
	usage Usage
	err   error
	next  *watcher
}

// watchers are those that nobody uses. There are never more than were in use at
// once.
type watchers struct {
	mu   sync.Mutex
	free *watcher
}

func (s *watchers) get() *watcher {
	s.mu.Lock()
	w := s.free
	if w == nil {
		w = &watcher{ready: make(chan struct{}, 1)}
	} else {
		s.free = w.next
	}
	s.mu.Unlock()
	w.next = nil
	return w
}

func (s *watchers) put(w *watcher) {
	w.f, w.err = nil, nil
	s.mu.Lock()
	w.next, s.free = s.free, w
	s.mu.Unlock()
}

// history is how the last 64 sends in one place ended, the last one's in bit 0.
type history struct {
	known, copied uint64
}

func (h *history) add(u Usage) {
	h.known, h.copied = h.known<<1, h.copied<<1
	if u != UsageUnknown {
		h.known |= 1
	}
	if u == UsageCopied {
		h.copied |= 1
	}
}

// of is how the send ended that so many others have followed.
func (h *history) of(age uint64) Usage {
	switch { // a shift by 64 or more gives 0
	case h.known>>age&1 == 0:
		return UsageUnknown
	case h.copied>>age&1 == 0:
		return UsageZeroCopy
	}
	return UsageCopied
}

// callbacks are the functions that are due. A goroutine runs them for as long as
// there are any.
type callbacks struct {
	mu      sync.Mutex
	due     []callback
	running bool
}

type callback struct {
	f     func(Usage)
	usage Usage
}

func (c *callbacks) add(f func(Usage), u Usage) {
	c.mu.Lock()
	c.due = append(c.due, callback{f, u})
	start := !c.running
	c.running = true
	c.mu.Unlock()
	if start {
		go c.run()
	}
}

func (c *callbacks) run() {
	var now []callback
	for {
		c.mu.Lock()
		clear(now) // what the functions hold on to
		now, c.due = c.due, now[:0]
		c.running = len(now) > 0
		c.mu.Unlock()
		if len(now) == 0 {
			return
		}
		for _, cb := range now {
			cb.f(cb.usage)
		}
	}
}
