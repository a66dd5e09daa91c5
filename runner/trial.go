//go:build linux

package runner

import (
	"errors"
	"fmt"
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

// stretch is one run of the pump with all that is counted around it.
type stretch struct {
	buffers *strategies.Buffers
	tally   strategies.Tally
	elapsed time.Duration
	thread  int64 // CPU time in ns
	helper  int64
	ticks   int64
	lost    int64 // times that the thread had to give up its CPU
	wire    link.Wire
}

func (r *Rig) measure(t *results.Trial, s *session, limits Limits) error {
	// No collection in the middle of a trial, whichever driver makes it.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	c := t.Cell
	touches := c.Fill == results.FillFull || !s.zeroCopy || r.copies
	receiver, err := r.link.Listen(link.ListenOptions{
		Size: c.Size, Start: strategies.Stamped, Intact: strategies.Intact, CPU: meter.PickReceiverCPU(r.cpus, r.cpu),
	})
	if err != nil {
		return err
	}
	if receiver != nil {
		defer receiver.Close()
	}
	var before link.Counts
	if limits.Warmup > 0 {
		warm, err := r.pump(s, c, touches, Limits{Length: limits.Warmup})
		if err != nil {
			return fmt.Errorf("warm-up: %w", err)
		}
		if before, err = settle(receiver, warm.tally.Messages); err != nil {
			return err
		}
	}
	st, err := r.pump(s, c, touches, limits)
	if err != nil {
		return err
	}
	t.EffectiveBatch = st.buffers.Batch()
	t.TouchedBytes = st.buffers.TouchedBytes()
	t.ElapsedNS = int64(st.elapsed)
	t.Messages, t.Bytes = st.tally.Messages, st.tally.Bytes
	t.Syscalls, t.Retries = st.tally.Syscalls, st.tally.Retries
	t.Notifications, t.Copied, t.Unreported = st.tally.Notifications, st.tally.Copied, st.tally.Unreported
	t.ReleaseP50NS = st.buffers.ReleaseQuantile(0.50)
	t.ReleaseP99NS = st.buffers.ReleaseQuantile(0.99)
	t.CPUThreadNS, t.CPUHelperNS = st.thread, st.helper
	if threaded, ok := s.sender.(strategies.ThreadedSender); ok && len(threaded.Threads()) == 0 {
		t.Warnings = append(t.Warnings, "the CPU time of the kernel's polling thread is unknown and not in the CPU figures")
	}
	t.Preemptions = st.lost
	t.WireFrames, t.WireBytes = st.wire.Frames, st.wire.Bytes
	t.CPUMachineTicks = &st.ticks
	if tick := time.Second / time.Duration(meter.TicksPerSecond()); st.elapsed >= coarse*tick {
		ns := st.ticks * int64(tick)
		t.CPUMachineNS = &ns
	}
	if receiver != nil {
		after, err := settle(receiver, before.Messages+st.tally.Messages)
		if err != nil {
			return err
		}
		messages, bytes := after.Messages-before.Messages, after.Bytes-before.Bytes
		t.DeliveredMessages, t.DeliveredBytes = &messages, &bytes
		if messages < t.Messages {
			t.Warnings = append(t.Warnings, lostOnTheWay(after.Sub(before)))
		}
	}
	return r.check(t, s, st)
}

// coarse is how many ticks of the machine's busy time a trial must last for their
// count to be good to a per cent or so.
const coarse = 100

// settle waits until a receiver has what was sent, or nothing more comes.
func settle(r *link.Receiver, messages int64) (link.Counts, error) {
	if r == nil {
		return link.Counts{}, nil
	}
	return r.Settle(func(c link.Counts) bool { return c.Messages >= messages }, settleLimit)
}

// lostOnTheWay tells where a receiver saw messages go.
func lostOnTheWay(c link.Counts) string {
	if c.Drops > 0 {
		return "messages were lost for want of room in the receiver's buffer"
	}
	return "messages arrived incomplete or not at all, and not for want of room in the receiver's buffer"
}

// pump sends for a time and reads every counter before and after.
func (r *Rig) pump(s *session, c results.Cell, touches bool, limits Limits) (st stretch, err error) {
	var fill strategies.Fill // Stamp, without an indirect call
	if c.Fill == results.FillFull {
		fill = strategies.Full
	}
	st.buffers, err = strategies.NewBuffers(r.arena.footprint(c.Footprint), c.Size, c.Batch, r.walks.start(c.Footprint, touches), fill)
	if err != nil {
		return st, err
	}
	defer func() { r.walks.stopped(c.Footprint, touches, st.buffers.Offset()) }()
	if err := s.sender.Begin(st.buffers, &st.tally); err != nil {
		return st, err
	}
	pump := strategies.Pump{Sender: s.sender, Buffers: st.buffers}

	wire, err := r.link.Wire()
	if err != nil {
		return st, err
	}
	helper, err := helperCPU(s.sender)
	if err != nil {
		return st, err
	}
	ticks, err := meter.MachineBusy()
	if err != nil {
		return st, err
	}
	if limits.Start != nil {
		limits.Start()
	}
	lost, thread, start := meter.Preemptions(), meter.ThreadCPU(), time.Now()
	err = pump.Run(limits.Length, limits.Messages)
	st.elapsed, st.thread = time.Since(start), meter.ThreadCPU()-thread
	if limits.Stop != nil {
		limits.Stop()
	}
	st.lost = meter.Preemptions() - lost
	if err != nil {
		return st, err
	}
	if st.ticks, err = meter.MachineBusy(); err != nil {
		return st, err
	}
	st.ticks -= ticks
	after, err := helperCPU(s.sender)
	if err != nil {
		return st, err
	}
	st.helper = after - helper
	st.wire, err = r.arrived(wire, c, st.tally.Messages)
	return st, err
}

// helperCPU adds up the CPU time in ns of the kernel threads of a sender.
func helperCPU(s strategies.Sender) (sum int64, err error) {
	threaded, ok := s.(strategies.ThreadedSender)
	if !ok {
		return 0, nil
	}
	for _, tid := range threaded.Threads() {
		ns, err := meter.TaskCPU(tid)
		if err != nil {
			return 0, err
		}
		sum += ns
	}
	return sum, nil
}

// arrived waits until the far end has counted what the messages come to, or
// counts no further, and returns what it has counted since before.
func (r *Rig) arrived(before link.Wire, c results.Cell, messages int64) (link.Wire, error) {
	want, err := link.Expected(r.path, c.Size, c.Segment)
	if err != nil {
		return link.Wire{}, err
	}
	all := want.Mul(messages)
	for start := time.Now(); ; {
		now, err := r.link.Wire()
		if err != nil {
			return link.Wire{}, err
		}
		got := now.Sub(before)
		if got.Frames >= all.Frames || time.Since(start) > settleLimit {
			return got, nil
		}
	}
}
