package recv

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"sendbench/runner/link"
	"sendbench/runner/link/control"
	"sendbench/runner/results"
	"sendbench/strategies"
)

const (
	// quiet is how long nothing may come before what is missing counts as lost: more
	// than a network's buffers hold packets back.
	quiet = 100 * time.Millisecond
	// look is how often Settle looks at the counts.
	look = 2 * time.Millisecond
	// drain bounds a discard while no stretch is open.
	drain = 20 * time.Millisecond
)

// errClosed is what a receiver says when its session is over.
var errClosed = errors.New("the session is over")

// receiver is a control.Receiver of one session.
type receiver struct {
	terms   control.Terms
	sources []source
	cpus    []int // of the threads of each source, -1 for any
	device  device
	peer    results.Peer

	buffer, bufferAsked int // SO_RCVBUF of a UDP socket in bytes

	stretch sync.Mutex    // held while one begins, settles or is closed
	closing chan struct{} // closed by Close
	close   sync.Once

	mu       sync.Mutex
	open     []link.Receiver // of the present stretch
	past     int64           // bytes received in stretches before, and thrown away between them
	counters counters        // when the stretch began
}

func (r *receiver) Ports() []uint16 {
	var ports []uint16
	for _, s := range r.sources {
		ports = append(ports, s.Port())
	}
	return ports
}

func (r *receiver) Peer() results.Peer { return r.peer }

// Begin ends the stretch before and starts a receiver at each source.
func (r *receiver) Begin(s control.Stretch) error {
	if most := r.mostPayload(); s.Size < strategies.StampSize || s.Size > most {
		return fmt.Errorf("messages of %d bytes: over %s with IPv%d it takes %d to %d", s.Size, r.terms.Proto, r.terms.Family, strategies.StampSize, most)
	}
	r.stretch.Lock()
	defer r.stretch.Unlock()
	select {
	case <-r.closing:
		return errClosed
	default:
	}
	if err := r.endStretch(); err != nil {
		return err
	}
	// One limit for all: the sender waits for an answer.
	if err := r.discard(time.Now().Add(link.DiscardLimit)); err != nil {
		return err
	}
	var open []link.Receiver
	for i, source := range r.sources {
		started, err := source.Listen(r.options(s, r.cpus[i]))
		if err != nil {
			return errors.Join(err, closeAll(open))
		}
		open = append(open, started)
	}
	now, err := r.device.counters(r.terms.Family)
	if err != nil {
		return errors.Join(err, closeAll(open))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open, r.counters = open, now
	return nil
}

// discard throws away what has come while no stretch was open, and counts it. It is
// called with stretch held.
func (r *receiver) discard(until time.Time) error {
	for _, s := range r.sources {
		n, err := s.Discard(until)
		r.mu.Lock()
		r.past += n
		r.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

// options says what a receiver looks at. Of UDP it needs the stamps to put messages
// together; of TCP it looks at nothing unless content is to be checked.
func (r *receiver) options(s control.Stretch, cpu int) link.ListenOptions {
	o := link.ListenOptions{Proto: r.terms.Proto, Size: s.Size, CPU: cpu}
	if s.Check || r.terms.Proto == results.ProtoUDP {
		o.Start = strategies.Stamped
	}
	if s.Check {
		o.Intact = strategies.Intact
	}
	return o
}

// mostPayload is the longest message in bytes that the session can have.
func (r *receiver) mostPayload() int {
	if r.terms.Proto == results.ProtoTCP {
		return strategies.MaxMessage
	}
	return link.MaxPayload(r.terms.Family)
}

// endStretch closes the receivers of the present stretch, if there is one.
func (r *receiver) endStretch() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	counts, err := sum(r.open)
	r.past += counts.Received
	err = errors.Join(err, closeAll(r.open))
	r.open = nil
	return err
}

func (r *receiver) Counts() (control.Counts, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	counts, err := sum(r.open)
	if err != nil {
		return control.Counts{}, err
	}
	c := control.Counts{
		Messages: counts.Messages, Bytes: counts.Bytes, Incomplete: counts.Incomplete, Strays: counts.Strays,
		Foreign: counts.Foreign, Missing: counts.Missing, Reordered: counts.Reordered, Duplicated: counts.Duplicated,
		Datagrams: counts.Datagrams, Received: counts.Received, SocketDrops: counts.Drops,
	}
	if r.open == nil {
		return c, nil
	}
	now, err := r.device.counters(r.terms.Family)
	since := now.sub(r.counters)
	c.Kernel, c.Device = since.kernel, since.device
	return c, err
}

// Settle looks at the sum of all flows, since what each of them sent isn't known.
func (r *receiver) Settle(messages int64, timeout time.Duration) (control.Counts, error) {
	r.stretch.Lock()
	defer r.stretch.Unlock()
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	var last link.Counts
	changed := time.Now()
	for waiting := true; waiting; {
		counts, err := r.sum()
		if err != nil {
			return control.Counts{}, err
		}
		if counts != last {
			last, changed = counts, time.Now()
		}
		if counts.Messages >= messages || time.Since(changed) > quiet {
			break
		}
		select {
		case <-ticker.C:
		case <-deadline.C:
			waiting = false
		case <-r.closing:
			return control.Counts{}, errClosed
		}
	}
	// Nobody takes receivers away meanwhile: that is done with stretch held.
	until := time.Now().Add(quiet)
	for _, open := range r.open {
		if _, err := open.Settle(0, time.Until(until)); err != nil {
			return control.Counts{}, err
		}
	}
	return r.Counts()
}

// Received also looks for what comes while no stretch is open, so that a sender which
// begins none is held to its rate, too.
func (r *receiver) Received() int64 {
	r.discardUnasked()
	r.mu.Lock()
	defer r.mu.Unlock()
	counts, _ := sum(r.open) // those that can be read count
	return r.past + counts.Received
}

func (r *receiver) discardUnasked() {
	if !r.stretch.TryLock() {
		return // what holds it sees to the sources itself
	}
	defer r.stretch.Unlock()
	select {
	case <-r.closing:
		return
	default:
	}
	if r.open == nil { // changed only with stretch held
		_ = r.discard(time.Now().Add(drain)) // what is left is for the next time
	}
}

func (r *receiver) Close() error {
	var err error
	r.close.Do(func() {
		close(r.closing)
		r.stretch.Lock()
		defer r.stretch.Unlock()
		err = r.endStretch()
		for _, s := range r.sources {
			err = errors.Join(err, s.Close())
		}
	})
	return err
}

// sum is what all sources have counted in the present stretch.
func (r *receiver) sum() (link.Counts, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return sum(r.open)
}

func sum(open []link.Receiver) (total link.Counts, err error) {
	for _, r := range open {
		counts, countErr := r.Counts()
		total, err = total.Add(counts), errors.Join(err, countErr)
	}
	return total, err
}

func closeAll(open []link.Receiver) error {
	var errs []error
	for _, r := range open {
		errs = append(errs, r.Close())
	}
	return errors.Join(errs...)
}
