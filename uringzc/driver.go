//go:build linux

package uringzc

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
)

// Driver runs a Ring for any number of Conns. It has one goroutine, locked to a
// thread, which alone touches the ring: it takes the sends that goroutines ask
// for, hands them to the kernel in batches, and tells of results and releases.
// All its methods may be called from any goroutine.
type Driver struct {
	inbox    *inbox
	requests []request
	free     chan *request // requests that nobody uses
	stopping chan struct{} // closed once cause is set
	ended    chan struct{} // closed once the ring is
	eventfd  *os.File      // on which the owner sleeps; a File isn't closed under a Write
	cause    error         // why it stops; readable once the inbox is shut
	closed   error         // what Close returns; readable once ended
	sendMsg  error         // of Require(OpSendMsgZC)

	callers lookout // for results

	watchers  watchers
	callbacks callbacks

	callMu sync.Mutex
	calls  []*call
	over   bool // no more calls are taken

	owner owner
}

// Defaults of a Driver's Options. A small batch has results come, and goroutines
// run, while the next one is being sent, and keeps a garbage collection from
// waiting long for a Submit.
const (
	driverEntries  = 32
	driverInFlight = 1024
)

// NewDriver opens a ring and starts its goroutine. Of the options, 0 stands for
// 32 Entries, which is the largest batch, and for 1024 InFlight, which is how many
// operations, sends of up to 1 MiB each, there can be unreleased before further
// ones wait, at most 32766. Notifications, if it is less, takes its place. A driver
// takes 32768 Conns, or as many as RLIMIT_NOFILE (getrlimit(2)) allows descriptors
// if that is less.
//
// The driver's goroutine looks out for further sends for 20 microseconds before it
// sleeps, and a caller for its result for 50, unless there is one processor only
// (GOMAXPROCS) or that was mostly in vain.
//
// The errors are those of Open, and an *UnsupportedError where the kernel has no
// SEND_ZC. Close must be called.
func NewDriver(opt Options) (*Driver, error) {
	if opt.Entries == 0 {
		opt.Entries = driverEntries
	}
	if opt.InFlight == 0 {
		opt.InFlight = min(max(driverInFlight, opt.Entries), maxEntries-ownOperations)
	}
	if opt.InFlight > maxEntries-ownOperations {
		return nil, fmt.Errorf("uringzc: InFlight %d: a driver wants 1 to %d, or 0", opt.InFlight, maxEntries-ownOperations)
	}
	n := int(opt.InFlight)
	d := &Driver{
		inbox:    newInbox(2*n + 1),
		requests: make([]request, n),
		free:     make(chan *request, n),
		stopping: make(chan struct{}),
		ended:    make(chan struct{}),
	}
	for i := range d.requests {
		r := &d.requests[i]
		r.driver, r.number, r.ready = d, uint32(i), make(chan struct{}, 1)
		d.free <- r
	}
	d.callers.never = runtime.GOMAXPROCS(0) == 1
	d.owner.requested.never = d.callers.never
	d.owner.Driver, d.owner.limit = d, n
	if opt.Notifications > 0 { // all of a driver's sends have one
		d.owner.limit = int(min(opt.InFlight, opt.Notifications))
		opt.Notifications = 0
	}
	d.owner.window = d.owner.limit
	opened := make(chan error)
	go d.owner.run(opt, opened)
	if err := <-opened; err != nil {
		return nil, err
	}
	return d, nil
}

// Close stops the driver. Sends without a result end with an error that matches
// net.ErrClosed, and are cancelled; then Close waits for releases as Ring.Close
// does, with the same *LeakError if the kernel doesn't let go of all of them
// within Options.Drain. The connections that the Conns wrap stay open. Closing
// again waits as well, and returns the same.
func (d *Driver) Close() error {
	// It may be ending for another reason.
	_ = d.call(func() error { d.owner.stop = errDriverClosed; return nil })
	<-d.ended
	return d.closed
}

// errDriverClosed matches net.ErrClosed.
var errDriverClosed = fmt.Errorf("uringzc: the driver is closed: %w", net.ErrClosed)

// RegisterSlab is Ring.RegisterSlab for the driver's ring: leases of s go as
// registered buffers from then on, except with a segment size of their own.
func (d *Driver) RegisterSlab(s *Slab) error {
	return d.call(func() error { return d.owner.ring.RegisterSlab(s) })
}

// call is a function that the owner is to run.
type call struct {
	f    func() error
	err  error
	done chan struct{}
}

// call has the owner run f between two batches, and returns its error. Once the
// driver stops f is not run, and the error says why it stops.
func (d *Driver) call(f func() error) error {
	c := &call{f: f, done: make(chan struct{})}
	d.callMu.Lock()
	if d.over {
		d.callMu.Unlock()
		return d.cause
	}
	d.calls = append(d.calls, c)
	first := len(d.calls) == 1
	d.callMu.Unlock()
	if first {
		d.put(d.callsNumber()) // if it is shut, the owner looks for calls once more
	}
	<-c.done
	return c.err
}

// Numbers in the inbox: two for each request, to send it and to give it up, and
// one for all calls.
func (r *request) sendNumber() uint32   { return 2 * r.number }
func (r *request) giveUpNumber() uint32 { return 2*r.number + 1 }
func (d *Driver) callsNumber() uint32   { return uint32(2 * len(d.requests)) }

// put puts a number in the inbox and wakes the owner if it sleeps. It returns
// false if the driver stops, for the reason in cause.
func (d *Driver) put(n uint32) bool {
	ok, wake := d.inbox.put(n)
	if wake {
		d.wakeUp()
	}
	return ok
}

// acquire takes a free request. It waits for one if as many sends are in flight
// as there may be.
func (d *Driver) acquire(ctx context.Context) (*request, error) {
	select {
	case r := <-d.free:
		return r, nil
	default:
	}
	select {
	case r := <-d.free:
		return r, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-d.stopping:
		return nil, d.cause
	}
}
