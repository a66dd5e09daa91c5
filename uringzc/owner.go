//go:build linux

package uringzc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// owner is the side of a Driver that its goroutine alone touches.
type owner struct {
	*Driver
	ring   *Ring
	reaped [driverEntries]Completion
	stop   error // why to stop, nil for going on

	queue   fifo // requests to be prepared
	results fifo // requests of which the caller is to hear
	limit   int  // of sends
	window  int  // of sends, as far as locked memory goes: up to the limit
	sends   int  // operations in flight
	behind  bool // with cancelling, for want of a free entry

	places []int // free ones in the table of files
	table  int   // places in all

	wakeFD int
	count  uint64 // of the eventfd, where the kernel puts it
	armed  bool   // the read of it is in flight

	requested lookout // for requests
}

// User data of the owner's own operations. Those of sends are the requests'
// numbers.
const (
	wakeData = 1<<64 - 1 - iota // the read that wakes
	tryData                     // a try whether a socket can do zero copy

	ownOperations = iota // that there can be at once
)

// ownerSpin is for how long the owner looks out for requests before it sleeps.
const ownerSpin = 20 * time.Microsecond

// run is the owner's goroutine.
func (o *owner) run(opt Options, opened chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := o.open(opt)
	opened <- err
	if err != nil {
		return
	}
	for o.takeIn(); o.stop == nil; o.takeIn() {
		if err := o.turn(); err != nil {
			o.stop = err
		}
	}
	o.finish()
	close(o.ended)
}

func (o *owner) open(opt Options) (err error) {
	opt.InFlight += ownOperations
	if o.ring, err = Open(opt); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, o.ring.Close())
		}
	}()
	if err := o.ring.Require(OpSendZC); err != nil {
		return err
	}
	o.sendMsg = o.ring.Require(OpSendMsgZC)
	if err := o.openTable(); err != nil {
		return err
	}
	if o.wakeFD, err = unix.Eventfd(0, unix.EFD_CLOEXEC); err != nil {
		return fmt.Errorf("uringzc: %w", os.NewSyscallError("eventfd2", err))
	}
	o.eventfd = os.NewFile(uintptr(o.wakeFD), "eventfd")
	return nil
}

// takeIn takes what is in the inbox.
func (o *owner) takeIn() {
	o.sort(o.inbox.take())
}

func (o *owner) sort(n uint32) {
	for n != none {
		next := o.inbox.after(n)
		switch {
		case n == o.callsNumber():
			o.runCalls()
		case n%2 == 0:
			o.accept(&o.requests[n/2])
		default:
			r := &o.requests[n/2]
			o.cut(r, errGivenUp)
			r.end()
		}
		n = next
	}
	o.tellResults()
}

// runCalls runs the calls there are.
func (o *owner) runCalls() {
	o.callMu.Lock()
	calls := o.calls
	o.calls = nil
	o.callMu.Unlock()
	for _, c := range calls {
		if c.err = o.cause; c.err == nil {
			c.err = c.f()
		}
		close(c.done)
	}
}

// turn prepares a batch, hands it over, takes what completed, and sleeps if there
// was nothing of all that. The error is one that the ring doesn't recover from.
func (o *owner) turn() error {
	o.prepare()
	o.tellResults()
	if err := o.submit(); err != nil {
		return err
	}
	if o.reap() > 0 || !o.inbox.isEmpty() {
		return nil
	}
	return o.rest()
}

// submit hands over what is prepared.
func (o *owner) submit() error {
	if _, err := o.ring.Submit(); err != nil && !recoverable(err) {
		return err
	}
	return nil
}

// flush hands over all that is prepared, and waits until the kernel has taken it.
func (o *owner) flush() error {
	for deadline := time.Now().Add(tryTimeout); ; {
		if err := o.submit(); err != nil {
			return err
		}
		reaped := o.reap()
		if o.ring.Pending() == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("uringzc: the kernel has taken none of %d operations for %v", o.ring.Pending(), tryTimeout)
		}
		if reaped == 0 {
			time.Sleep(retryPause)
		}
	}
}

// rest waits until there is something to do: a while with open eyes, then asleep.
func (o *owner) rest() error {
	if err := o.lookOut(); err != nil || !o.inbox.isEmpty() || o.ring.queued() > 0 {
		return err
	}
	if !o.inbox.sleep() {
		return nil
	}
	return o.sleep()
}

// lookOut waits a moment for requests and completions.
//
// It looks from within system calls. Goroutines that were woken here are in line to
// run on this thread's processor, from where another takes them at once if the
// thread is in a system call, and not for some 60 microseconds if it is seen to run
// (runqgrab in Go's runtime/proc.go). Where it doesn't pay it steps aside for them.
func (o *owner) lookOut() error {
	if !o.requested.pays() {
		runtime.Gosched()
		return nil
	}
	for start := time.Now(); time.Since(start) < ownerSpin; {
		if _, err := o.ring.wait(0, 0); err != nil && !recoverable(err) {
			return err
		}
		if !o.inbox.isEmpty() || o.ring.queued() > 0 {
			o.requested.ended(true)
			return nil
		}
	}
	o.requested.ended(false)
	return nil
}

// wakeUp has the read of the eventfd complete.
func (d *Driver) wakeUp() {
	// It fails only once the driver has ended, and then nobody sleeps.
	_, _ = d.eventfd.Write(one)
}

// one is what an eventfd counts up by.
var one = binary.NativeEndian.AppendUint64(nil, 1)

// sleep waits until something completes, were it the read of the eventfd.
func (o *owner) sleep() error {
	if !o.armed {
		_, err := o.ring.prepareRead(o.wakeFD, &o.count, wakeData)
		if err == ErrQueueFull {
			return o.submit()
		}
		if err != nil {
			return err
		}
		o.armed = true
	}
	return o.wait(time.Hour)
}

// wait waits until something completes.
func (o *owner) wait(timeout time.Duration) error {
	_, err := o.ring.SubmitAndWait(1, timeout)
	switch {
	case err == ErrTimeout:
		return nil
	case recoverable(err):
		time.Sleep(min(timeout, retryPause))
		return nil
	}
	return err
}
