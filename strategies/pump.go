package strategies

import (
	"fmt"
	"time"
)

// Pump drives a sender over buffers: send, reap, drain.
type Pump struct {
	Sender  Sender
	Buffers *Buffers
	// Rate is how many messages a second are due; 0 sends as fast as it goes.
	Rate int64

	marks [slices + 1]mark
	taken int // marks
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
// when it returns without an error every buffer is the sender's again. It
// allocates nothing a message.
func (p *Pump) Run(limit time.Duration, messages int64) error {
	var err error
	if p.Rate > 0 {
		err = p.pace(limit, messages)
	} else {
		err = p.push(limit, messages)
	}
	if err != nil {
		// What is in flight is waited for, or the memory couldn't be used
		// again; the first error is the one to tell.
		_ = p.drain()
		return err
	}
	return p.drain()
}

// push sends batch after batch.
func (p *Pump) push(limit time.Duration, messages int64) error {
	start := Now()
	until, batch := start+int64(limit), p.Buffers.Batch()
	slice := int64(limit) / slices
	next := start // when the next mark is due
	p.taken = 0
	for sent, batches := int64(0), 0; ; batches++ {
		n := batch
		if messages > 0 {
			if sent == messages {
				return nil
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
				return nil
			}
		}
		if err := p.send(n); err != nil {
			return err
		}
		sent += int64(n)
	}
}

// overtime is by how many times its length a paced run that doesn't keep up may be
// longer than that.
const overtime = 1

// pace sends each message when it is due, or as soon after that as it can: those
// that are late stay due, and their time runs. A sender that can't keep up is cut off
// after some time more, with less sent than was due.
func (p *Pump) pace(limit time.Duration, messages int64) error {
	start := Now()
	if messages == 0 {
		messages = max(1, int64(limit.Seconds()*float64(p.Rate)))
	} else {
		limit = time.Duration(float64(messages) / float64(p.Rate) * float64(time.Second))
	}
	last := start + (1+overtime)*int64(limit) + int64(time.Millisecond)
	p.Buffers.Pace(start, p.Rate)
	for sent := int64(0); sent < messages; {
		now := Now()
		if now > last && sent > 0 {
			return nil
		}
		n := int(min(int64(p.Buffers.Due(now)), messages-sent))
		if n == 0 {
			if p.Buffers.InFlight() > 0 {
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
	}
	return nil
}

// Rates are the rates, messages a second, of the slices of the last run; nil where
// it was too short for them, or paced.
func (p *Pump) Rates() []float64 {
	if p.Rate > 0 || p.taken < len(p.marks) {
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
	for !p.Buffers.Ready(n) {
		if err := p.Sender.Reap(ReapLimit); err != nil {
			return err
		}
	}
	return p.Sender.Send(p.Buffers.Take(n), n)
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
