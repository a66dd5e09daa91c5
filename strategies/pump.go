package strategies

import (
	"fmt"
	"time"
)

// Pump drives a sender over buffers: send, reap, drain.
type Pump struct {
	Sender  Sender
	Buffers *Buffers
}

// minBatches is how many batches a stretch of sending has at least, however
// short its time.
const minBatches = 3

// Run sends for a time, or messages messages where that isn't 0, and drains:
// when it returns without an error every buffer is the sender's again. It
// allocates nothing a message.
func (p *Pump) Run(limit time.Duration, messages int64) error {
	until := Now() + int64(limit)
	batch := p.Buffers.Batch()
	for sent, batches := int64(0), 0; ; batches++ {
		n := batch
		if messages > 0 {
			if sent == messages {
				break
			}
			n = int(min(int64(n), messages-sent))
		} else if batches >= minBatches && Now() >= until {
			break
		}
		if err := p.send(n); err != nil {
			// What is in flight is waited for, or the memory couldn't be used
			// again; the first error is the one to tell.
			_ = p.drain()
			return err
		}
		sent += int64(n)
	}
	return p.drain()
}

func (p *Pump) send(n int) error {
	for !p.Buffers.Ready(n) {
		if err := p.Sender.Reap(); err != nil {
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
		err := p.Sender.Reap()
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
