package strategies

import (
	"fmt"
	"time"
)

// Pump drives a sender over buffers: send, reap, drain.
type Pump struct {
	Sender  Sender
	Buffers *Buffers
	Halt    *Halt  // that ends a run early, looked at once a batch; nil for none
	Cap     *Cap   // on the payload a second, nil for none
	Stream  Stream // that the sender sends on; nil for datagrams

	marks [slices + 1]mark
	taken int // marks

	due  int64 // messages that were to be sent at set times
	kept bool  // and that they were
}

// slices is how many stretches of equal time a run is looked at in.
const slices = 16

// mark is how much had been sent at a time.
type mark struct{ at, sent int64 }

// minBatches is how many batches a stretch of sending has at least, however
// short its time.
const minBatches = 3

// ReapLimit bounds the wait for one completion.
const ReapLimit = time.Second

// Run sends for a time, or messages messages where that isn't 0, and drains:
// when it returns without an error every buffer is the sender's again and, of a
// stream, every byte acknowledged: with TCP nothing else tells that it was sent. After
// an error a stream is at an unknown byte, and its connection given up. It sends as
// fast as it goes, or each message when it is due if the buffers are paced. It
// allocates nothing.
func (p *Pump) Run(limit time.Duration, messages int64) error {
	p.Cap.begin()
	var err error
	if p.Buffers.Paced() {
		err = p.pace(limit, messages)
	} else {
		err = p.push(limit, messages)
	}
	if err == nil {
		err = p.drain()
		if p.Stream == nil {
			return err
		}
		if err == nil {
			err = p.Stream.Flush(drainLimit)
		}
		if err == nil {
			return nil
		}
	}
	if p.Stream != nil {
		// A peer that doesn't read would keep what is in flight.
		_ = p.Stream.Abort()
	}
	// What is in flight is waited for, or the memory couldn't be used
	// again; the first error is the one to tell.
	_ = p.drain()
	return err
}

// A Stream is what a pump has to do with a TCP connection.
type Stream interface {
	// Flush waits until the peer has acknowledged everything. That it acknowledges
	// nothing for so long is an error.
	Flush(limit time.Duration) error
	// Abort gives the connection up, and with it what wasn't acknowledged: the
	// kernel lets go of its memory.
	Abort() error
}

// push sends batch after batch.
func (p *Pump) push(limit time.Duration, messages int64) error {
	start := Now()
	until, batch := start+int64(limit), p.Cap.batch(p.Buffers.Batch(), p.Buffers.Size())
	slice := int64(limit) / slices
	next := start // when the next mark is due
	p.taken = 0
	for sent, batches := int64(0), 0; ; batches++ {
		n := batch
		if messages > 0 {
			if sent == messages {
				return p.pay()
			}
			n = int(min(int64(n), messages-sent))
		} else {
			now := Now()
			if now >= next && p.taken < len(p.marks) {
				p.marks[p.taken] = mark{now, sent}
				p.taken++
				next = start + int64(p.taken)*slice
			}
			if now >= until && batches >= minBatches {
				return p.pay()
			}
		}
		if err := p.send(n); err != nil {
			return err
		}
		sent += int64(n)
	}
}

const (
	// lead is the time from the start of a paced run until its first message is due,
	// which would be late otherwise.
	lead = 20 * time.Microsecond
	// A paced run that doesn't keep up may take twice its time, and if it is for a
	// number of messages this long more.
	overtime = time.Second
	// slack is the share of its time that a paced run may be late at its end and
	// still have kept the rate.
	slack = 0.01
)

// pace sends each message when it is due, or as soon after that as it can: those
// that are late stay due, and their time runs. A sender that can't keep up is cut off
// after some time more, with less sent than was due.
func (p *Pump) pace(limit time.Duration, messages int64) error {
	b := p.Buffers
	b.start = Now() + int64(lead)
	patience := limit
	if messages == 0 {
		messages = max(1, int64(float64(limit)/b.interval))
	} else {
		limit = time.Duration(float64(messages) * b.interval)
		patience = limit + overtime
	}
	end := b.start + int64(limit)
	p.due, p.kept = messages, false
	for sent := int64(0); sent < messages; {
		if err := p.Halt.Err(); err != nil {
			return err
		}
		now := Now()
		if now > end+int64(patience) && sent > 0 {
			p.kept = false
			return nil
		}
		n := int(min(int64(b.Due(now)), messages-sent))
		if n == 0 {
			if b.InFlight() > 0 {
				if err := p.Sender.Reap(0); err != nil {
					return err
				}
			}
			continue
		}
		if err := p.send(n); err != nil {
			return err
		}
		sent += int64(n)
		p.kept = now <= end+int64(slack*float64(limit))
	}
	return nil
}

// Due is how many messages were to be sent at set times, and whether all were, none
// much later than the last was due.
func (p *Pump) Due() (messages int64, kept bool) { return p.due, p.kept }

// Rates are the rates, messages a second, of the slices of the last run; nil where
// it was too short for them, or paced.
func (p *Pump) Rates() []float64 {
	if p.Buffers.Paced() || p.taken < len(p.marks) {
		return nil
	}
	rates := make([]float64, slices)
	for i := range rates {
		from, to := p.marks[i], p.marks[i+1]
		if to.at == from.at {
			return nil
		}
		rates[i] = float64(to.sent-from.sent) / float64(to.at-from.at) * 1e9
	}
	return rates
}

func (p *Pump) send(n int) error {
	if err := p.Halt.Err(); err != nil {
		return err
	}
	for !p.Buffers.Ready(n) {
		if err := p.Sender.Reap(ReapLimit); err != nil {
			return err
		}
	}
	if err := p.pay(); err != nil {
		return err
	}
	p.Cap.spend(n * p.Buffers.Size())
	return p.Sender.Send(p.Buffers.Take(n), n)
}

// pay waits until the cap allows more. At the end of a run, too, or its rate would be
// above the cap by what is unpaid.
func (p *Pump) pay() error {
	for ahead := p.Cap.ahead(); ahead > 0; ahead = p.Cap.ahead() {
		if p.Buffers.InFlight() > 0 {
			if err := p.Sender.Reap(0); err != nil {
				return err
			}
		}
		p.Cap.wait(ahead)
		if err := p.Halt.Err(); err != nil {
			return err
		}
	}
	return nil
}

// drainLimit bounds a drain; what the kernel hasn't released by then is lost.
const drainLimit = 2 * time.Second

func (p *Pump) drain() error {
	var first error
	fruitless := 0 // errors since the last release
	for start := Now(); p.Buffers.InFlight() > 0; {
		before := p.Buffers.InFlight()
		err := p.Sender.Reap(ReapLimit)
		if first == nil {
			first = err
		}
		switch {
		case p.Buffers.InFlight() < before:
			fruitless = 0
		case err != nil:
			// Each message in flight may fail before any is released; an error
			// beyond those would come again for ever.
			if fruitless++; fruitless > before {
				return first
			}
		}
		if Now()-start > int64(drainLimit) {
			return fmt.Errorf("%d buffers not released within %v of the last send", p.Buffers.InFlight(), drainLimit)
		}
	}
	return first
}
