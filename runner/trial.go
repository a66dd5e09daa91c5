//go:build linux

package runner

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"sendbench/runner/link"
	"sendbench/runner/meter"
	"sendbench/runner/results"
	"sendbench/strategies"
	"sendbench/uringzc"
)

// Limits say how long a trial is. Both stretches go on to the end of a batch and
// have three batches or more.
type Limits struct {
	Warmup time.Duration
	Length time.Duration
	// Messages ends the trial after so many instead, if not 0.
	Messages int64
	// Start and Stop, where not nil, are called right before and after the
	// timed stretch.
	Start, Stop func() `json:"-"`
}

// settleLimit bounds the wait for the far end's counters and for the receiver
// to have everything that was sent. The clock has stopped by then.
const settleLimit = time.Second

// Trial warms up and makes one trial in a cell. What the machine can't do is an
// error that errors.ErrUnsupported is found in. A trial that went wrong, or of
// which the counts disagree, is not an error: its Error field says so.
func (r *Rig) Trial(c results.Cell, limits Limits) (results.Trial, error) {
	t := results.Trial{Cell: c, Warnings: []string{}}
	s, err := r.session(c)
	if err != nil {
		if errors.Is(err, errors.ErrUnsupported) {
			return t, err
		}
		t.Error = err.Error()
		return t, nil
	}
	if err := r.measure(&t, s, limits); err != nil {
		// A sender that failed may hold buffers still, or be out of step: the
		// next trial gets a new one.
		if leak := r.drop(c); leak != nil {
			return t, errors.Join(err, leak) // the arena can't be used any more
		}
		if errors.Is(err, errors.ErrUnsupported) {
			return t, err
		}
		t.Error = err.Error()
	}
	return t, nil
}

// drop closes a session that failed. Only one error of that is of use: that the
// kernel goes on reading buffers.
func (r *Rig) drop(c results.Cell) error {
	k := keyOf(c)
	s := r.open[k]
	if s == nil {
		return nil
	}
	delete(r.open, k)
	if err := s.close(); errors.As(err, new(*uringzc.LeakError)) {
		return err
	}
	return nil
}

func (r *Rig) measure(t *results.Trial, s *session, limits Limits) error {
	// No collection in the middle of a trial, whichever driver makes it.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	c := t.Cell
	beside := meter.PickReceiverCPU(r.cpus, s.taken(r.lanes[:c.Flows])...)
	options := link.ListenOptions{
		Proto: c.Proto, Size: c.Size, Start: strategies.Stamped, Intact: strategies.Intact, CPU: beside,
	}
	receiver, err := r.link.Listen(options)
	if err != nil {
		return err
	}
	// A lane keeps its Go processor while it sends, since its system calls don't tell
	// the scheduler. A container may have fewer of them than CPUs.
	processors := c.Flows
	if receiver != nil {
		defer func() { receiver.Close() }()
		processors++
		if beside < 0 && r.link.Name() != link.NIC {
			t.Warnings = append(t.Warnings, "the receiver has no CPU of its own: it takes time from the senders")
		}
	}
	if processors > runtime.GOMAXPROCS(0) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
	}
	var before link.Counts
	if limits.Warmup > 0 {
		warm, err := r.stretch(s, c, Limits{Length: limits.Warmup})
		if err != nil {
			return fmt.Errorf("warm-up: %w", err)
		}
		if before, err = settle(receiver, warm.tally.Messages); err != nil {
			return err
		}
		if receiver != nil && c.Proto == results.ProtoTCP {
			if receiver, err = r.unlook(receiver, options, before, warm.tally.Messages); err != nil {
				return err
			}
			before = link.Counts{}
		}
	}
	st, err := r.stretch(s, c, limits)
	if err != nil {
		return err
	}
	st.report(t)
	for _, f := range s.flows {
		if threaded, ok := f.sender.(strategies.ThreadedSender); ok && len(threaded.Threads()) == 0 {
			t.Warnings = append(t.Warnings, "the CPU time of the kernel's polling thread is unknown and not in the CPU figures")
			break
		} else if ok && f.pollCPU < 0 {
			t.Warnings = append(t.Warnings, "the kernel's polling thread has no CPU of its own: it takes time from the senders")
			break
		}
	}
	if results.Steady(t.HalfRatio, t.Autocorrelation) != "" {
		t.Warnings = append(t.Warnings, "the rate was not steady within the trial")
	}
	if held := st.held(); held > st.elapsed/100 {
		t.Warnings = append(t.Warnings, fmt.Sprintf("the sender was held back by its cap of %.3g Gbit/s (--max-rate on either side)", float64(r.link.Cap())/1e9))
	}
	if receiver != nil {
		after, err := settle(receiver, before.Messages+st.tally.Messages)
		if err != nil {
			return err
		}
		st.arrived = after.Sub(before)
		arrived := &st.arrived
		t.DeliveredMessages, t.DeliveredBytes = &arrived.Messages, &arrived.Bytes
		t.DroppedDevice, t.DroppedSocket = &st.wire.Dropped, &arrived.Drops
		if r.link.Name() == link.NIC {
			t.Missing, t.Reordered, t.Duplicated = &arrived.Missing, &arrived.Reordered, &arrived.Duplicated
		}
	}
	return r.check(t, s, st)
}

// unlook has a receiver of TCP look at content no longer, once all of the warm-up has
// arrived as it was sent: to read it takes as much time as to send it, and what is
// measured is the sender. The connections stay.
func (r *Rig) unlook(looking link.Receiver, o link.ListenOptions, counts link.Counts, messages int64) (link.Receiver, error) {
	if counts.Messages != messages || counts.Incomplete > 0 {
		return looking, fmt.Errorf("warm-up: %d messages were sent; %d arrived as sent, %d did not", messages, counts.Messages, counts.Incomplete)
	}
	if err := looking.Close(); err != nil {
		return looking, err
	}
	o.Start, o.Intact = nil, nil
	receiver, err := r.link.Listen(o)
	if err != nil {
		return looking, err // closed as it is
	}
	return receiver, nil
}

// settle waits until a receiver has what was sent, or nothing more comes.
func settle(r link.Receiver, messages int64) (link.Counts, error) {
	if r == nil {
		return link.Counts{}, nil
	}
	return r.Settle(messages, settleLimit)
}
