//go:build linux

package uringzc

import (
	"errors"
	"io"
	"net"

	"golang.org/x/sys/unix"
)

// errGivenUp is why a request is cut short whose caller has gone. Nobody sees it.
var errGivenUp = errors.New("uringzc: given up")

// accept queues a new request, on a stream behind those before it.
func (o *owner) accept(r *request) {
	r.sent, r.err, r.open, r.usage, r.cause = 0, nil, 0, UsageUnknown, nil
	r.stage = queued
	if o.cause != nil {
		o.settle(r, o.cause)
		return
	}
	if c := r.conn; c.stream {
		if c.sending != nil {
			c.behind.push(r)
			return
		}
		c.sending = r
	}
	o.queue.push(r)
}

// prepare fills the submission queue from the requests that wait.
func (o *owner) prepare() {
	o.catchUp()
	for o.queue.first != nil {
		r := o.queue.first
		if r.cause == nil && r.conn.closed {
			r.cause = net.ErrClosed
		}
		if r.cause != nil {
			o.queue.pop()
			o.settle(r, r.cause)
			continue
		}
		if o.sends >= o.window {
			return
		}
		op, err := o.prepareSend(r)
		switch err {
		case nil:
			o.queue.pop()
			r.op, r.stage, r.cancelled = op.Handle, submitted, false
			r.alone = o.sends == 0
			r.open++
			o.sends++
		case ErrQueueFull:
			return
		default:
			o.queue.pop()
			o.settle(r, err)
		}
	}
}

// prepareSend prepares what is left of a request, or a part of it. On a stream
// the kernel goes on until all of the part is accepted or there is an error,
// so that nothing else of this connection may come in between. SIGPIPE is never
// wanted.
func (o *owner) prepareSend(r *request) (ZeroCopyOp, error) {
	flags := uint32(unix.MSG_NOSIGNAL)
	if r.conn.stream {
		flags |= unix.MSG_WAITALL
	}
	fd := RegisteredFile(r.conn.place)
	if r.to.len != 0 {
		fd = fd.To(&r.to)
	}
	if r.segment != 0 {
		return o.ring.PrepareSendMsgZC(fd, r.part(o.ring), r.segment, flags, uint64(r.number))
	}
	return o.ring.PrepareSendZC(fd, r.part(o.ring), flags, uint64(r.number))
}

// reap takes all completions, and returns how many there were.
func (o *owner) reap() int {
	all := 0
	for n := o.ring.Reap(o.reaped[:]); n > 0; n = o.ring.Reap(o.reaped[:]) {
		for _, c := range o.reaped[:n] {
			o.complete(c)
		}
		all += n
	}
	o.tellResults()
	return all
}

// complete takes one completion in.
func (o *owner) complete(c Completion) {
	if c.UserData == wakeData {
		o.armed = false
		return
	}
	r := &o.requests[c.UserData]
	if c.Released() {
		o.sends--
		r.open--
	}
	if c.Notification() {
		if c.Handle != r.failed {
			o.window = min(o.window+1, o.limit)
		}
		r.count(c, o.ring.ReportsUsage())
	} else if r.stage == submitted {
		o.result(r, c)
	}
	if r.stage == lending && r.open == 0 {
		r.release()
		r.end()
	}
}

// result takes an operation's result in: the request goes on, or has its own.
func (o *owner) result(r *request, c Completion) {
	err := c.Err()
	if err != nil {
		r.failed = c.Handle
	}
	r.sent += int(max(c.Res, 0))
	switch {
	case err == nil && r.sent >= r.buffer.Len():
		o.settle(r, nil)
	case r.cause != nil:
		o.settle(r, r.cause)
	case err == unix.ENOMEM && !r.alone:
		// Others held the locked memory that there may be, and give it back. Fewer
		// at once, and with each release one more, find out how much that is.
		o.window = max(min(o.window, o.sends)/2, 1)
		o.again(r)
	case err != nil:
		o.settle(r, err)
	case c.Res == 0:
		o.settle(r, io.ErrUnexpectedEOF) // as net.Conn does
	default:
		o.again(r)
	}
}

// again queues a request for what it has left.
func (o *owner) again(r *request) {
	r.stage = queued
	o.queue.push(r)
}

// settle gives a request its result. What it lent may still be lent.
func (o *owner) settle(r *request, err error) {
	if c := r.conn; c.sending == r {
		if c.sending = c.behind.pop(); c.sending != nil {
			o.queue.push(c.sending)
		}
	}
	r.err, r.stage = err, finished
	o.results.push(r)
}

// tellResults has the callers know what they wait for. Those whose buffers are
// released already, as most are whose data the kernel has copied, hear of both at
// once.
func (o *owner) tellResults() {
	for r := o.results.pop(); r != nil; r = o.results.pop() {
		if r.open > 0 {
			r.stage = lending
			r.tellResult()
			continue
		}
		r.release()
		r.tellResult()
		r.end()
	}
}

// cut ends a request short: what waits is taken out, what is submitted cancelled.
func (o *owner) cut(r *request, cause error) {
	switch r.stage {
	case queued:
		r.cause = cause
		o.sweep(&o.queue)
		o.sweep(&r.conn.behind)
	case submitted:
		r.cause = cause
		o.cancel(r)
	}
}

// sweep settles what is to be cut short of a queue, in which room may be long in
// coming.
func (o *owner) sweep(q *fifo) {
	gone := q.sweep(func(r *request) bool {
		if r.cause == nil && r.conn.closed {
			r.cause = net.ErrClosed
		}
		return r.cause != nil
	})
	for r := gone.pop(); r != nil; r = gone.pop() {
		o.settle(r, r.cause)
	}
}

// cancel cancels a request's operation, soon if there is no room for that now.
func (o *owner) cancel(r *request) {
	if o.ring.prepareSilentCancel(r.op) == ErrQueueFull {
		o.behind = true
		return
	}
	r.cancelled = true
}

// catchUp cancels what cancel had no room for.
func (o *owner) catchUp() {
	if !o.behind {
		return
	}
	o.behind = false
	for i := range o.requests {
		if r := &o.requests[i]; r.stage == submitted && r.cause != nil && !r.cancelled {
			o.cancel(r)
		}
	}
}
