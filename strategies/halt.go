package strategies

import "sync/atomic"

// Halt ends runs of a pump early, from another goroutine: when a receiver is gone,
// say, that had agreed to take what is sent. The zero value is ready; a nil one
// never ends anything.
type Halt struct{ why atomic.Pointer[error] }

// Stop ends the run under way, and those after it, with an error. Of several the
// first is told.
func (h *Halt) Stop(why error) { h.why.CompareAndSwap(nil, &why) }

// Err is what Stop was given, nil before.
func (h *Halt) Err() error {
	if h == nil {
		return nil
	}
	if why := h.why.Load(); why != nil {
		return *why
	}
	return nil
}
