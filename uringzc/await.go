//go:build linux

package uringzc

import "time"

// Await waits for the completion of an operation that has one, and takes it.
// Completions of other operations that come meanwhile are kept for whoever asks
// for them. Queued entries are submitted. The error is ErrTimeout,
// ErrNoCompletion or that of the enter; what the operation itself came to is in
// the completion. A timeout that isn't positive doesn't wait.
func (r *Ring) Await(op SingleOp, timeout time.Duration) (Completion, error) {
	return r.await(op.Handle, resultKept, timeout)
}

// AwaitResult is Await for the first event of a zero-copy send. If the result is
// More, the buffer stays lent and a release follows; otherwise it is Released.
func (r *Ring) AwaitResult(op ZeroCopyOp, timeout time.Duration) (Completion, error) {
	return r.await(op.Handle, resultKept, timeout)
}

// AwaitRelease is Await for the second event of a zero-copy send. The result may
// be taken before or after.
func (r *Ring) AwaitRelease(op ZeroCopyOp, timeout time.Duration) (Completion, error) {
	return r.await(op.Handle, releaseKept, timeout)
}

func (r *Ring) await(h Handle, which state, timeout time.Duration) (Completion, error) {
	deadline := time.Now().Add(timeout)
	for {
		s := r.ops.find(h)
		if s == nil || s.state&dropped != 0 {
			return Completion{}, ErrNoCompletion
		}
		r.keepAll()
		if c, ok := r.ops.takeKept(h.slot(), which); ok {
			return c, nil
		}
		came := resultCame
		if which == releaseKept {
			came = releaseCame
		}
		if s.state&came != 0 {
			return Completion{}, ErrNoCompletion
		}
		if err := r.awaitEntry(time.Until(deadline)); err != nil {
			return Completion{}, err
		}
	}
}

// Abandon gives an operation up: its completions, kept and to come, go to
// nobody, and it no longer shows in Next. The operation goes on, and what it
// holds stays held until the kernel's last completion, unless it is cancelled
// besides (PrepareCancel). Abandoning what is over does nothing.
func (r *Ring) Abandon(h Handle) { r.ops.abandon(h) }

// InFlight is how many of the operations named are not over: prepared or
// submitted, without a result or unreleased. Without arguments it counts all of
// the ring's. An operation is over when the kernel's last completion was seen by
// Next, an Await function or Close; one that Close leaked never is.
func (r *Ring) InFlight(ops ...Handle) int {
	if len(ops) == 0 {
		return r.ops.inFlight
	}
	n := 0
	for _, h := range ops {
		if s := r.ops.find(h); s != nil && s.state&over != over {
			n++
		}
	}
	return n
}

// Strays is how many completions came that no operation waited for. The kernel
// posts none; if there are any, something else uses the ring's descriptor.
func (r *Ring) Strays() uint64 { return r.ops.strays }
