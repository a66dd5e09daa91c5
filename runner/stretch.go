//go:build linux

package runner

import (
	"sync/atomic"
	"time"

	"sendbench/runner/link"
	"sendbench/runner/meter"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// stretch is one run of all flows of a session, with all that is counted around it.
type stretch struct {
	laps    []lap
	tally   strategies.Tally // of all flows
	elapsed time.Duration    // from the first flow's start to the last one's drain
	thread  int64            // CPU time of the flows' threads in ns
	helper  int64
	process int64
	softirq *int64
	ticks   int64
	lost    int64         // times that a flow's thread had to give up its CPU
	spread  time.Duration // between the first flow's start and the last one's
	wire    link.Wire
	arrived link.Counts  // at the receiver, where there is one
	stream  streamCounts // of TCP
}

// lap is what one flow did in a stretch.
type lap struct {
	cpu        int
	pump       strategies.Pump
	tally      strategies.Tally
	start, end int64 // on the clock of strategies.Now
	thread     int64 // CPU time in ns
	lost       int64
	counts     meter.Counts
	err        error
}

// stretch has all flows of a session send at once, and reads every counter before
// and after.
func (r *Rig) stretch(s *session, c results.Cell, limits Limits) (st stretch, err error) {
	touches := c.Fill == results.FillFull || !s.zeroCopy || r.copies
	st.laps = make([]lap, len(s.flows))
	for i, f := range s.flows {
		if err := st.laps[i].prepare(f, c, i, r.walks.start(c, i, touches)); err != nil {
			return st, err
		}
		st.laps[i].pump.Halt, st.laps[i].pump.Cap = &r.halting.halt, f.cap
	}
	defer func() {
		for i := range st.laps {
			r.walks.stopped(c, i, touches, st.laps[i].pump.Buffers.Offset())
		}
	}()
	wire, err := r.link.Wire()
	if err != nil {
		return st, err
	}
	streams, err := s.streams(r.link.Family())
	if err != nil {
		return st, err
	}
	// The process's own last, and first afterwards: reading the others takes time too.
	rest, err := r.others()
	if err != nil {
		return st, err
	}
	mine, err := s.own()
	if err != nil {
		return st, err
	}
	if limits.Start != nil {
		limits.Start()
	}
	var ready atomic.Int32
	for i := len(s.flows) - 1; i >= 0; i-- { // the rig's own thread last
		f, l := s.flows[i], &st.laps[i]
		f.lane.start(func() { l.run(f.lane, limits, &ready, int32(len(s.flows)), i) })
	}
	for _, f := range s.flows {
		f.lane.wait()
	}
	if limits.Stop != nil {
		limits.Stop()
	}
	mineAfter, err := s.own()
	if err != nil {
		return st, err
	}
	restAfter, err := r.others()
	if err != nil {
		return st, err
	}
	if err := st.add(); err != nil {
		return st, err
	}
	st.helper, st.process, st.ticks = mineAfter.helper-mine.helper, mineAfter.process-mine.process, restAfter.ticks-rest.ticks
	if r.softirq != nil {
		ns := restAfter.softirq - rest.softirq
		st.softirq = &ns
	}
	if c.Proto == results.ProtoTCP {
		if st.stream, err = s.streams(r.link.Family()); err != nil {
			return st, err
		}
		st.stream = st.stream.sub(streams)
		st.wire, err = r.streamArrived(wire, st.stream)
		return st, err
	}
	st.wire, err = r.arrived(wire, c, st.tally.Messages)
	return st, err
}

// prepare lays out a flow's buffers.
func (l *lap) prepare(f flow, c results.Cell, number int, offset int64) (err error) {
	var fill strategies.Fill // Stamp, without an indirect call
	if c.Fill == results.FillFull {
		fill = strategies.Full
	}
	l.cpu = f.lane.cpu
	l.pump.Sender, l.pump.Stream = f.sender, f.stream
	l.pump.Buffers, err = strategies.NewBuffers(f.memory, c.Size, c.Batch, offset, fill)
	if err == nil && c.Rate > 0 {
		l.pump.Buffers.Pace(share(c.Rate, c.Flows, number))
	}
	return err
}

// share is what one of several gets of a whole, of which the first get what can't be
// divided.
func share(whole int64, parts, number int) int64 {
	part := whole / int64(parts)
	if int64(number) < whole%int64(parts) {
		part++
	}
	return part
}

// run is done on the flow's lane, and begins when all flows are ready.
func (l *lap) run(on *lane, limits Limits, ready *atomic.Int32, flows int32, number int) {
	l.err = l.pump.Sender.Begin(l.pump.Buffers, &l.tally)
	for ready.Add(1); ready.Load() < flows; {
		// Each has a CPU of its own.
	}
	var before meter.Reading
	if on.counters != nil && l.err == nil {
		before, l.err = on.counters.Read()
	}
	lost, thread := meter.Preemptions(), meter.ThreadCPU()
	l.start = strategies.Now()
	if l.err == nil {
		messages := share(limits.Messages, int(flows), number)
		if limits.Messages > 0 {
			messages = max(1, messages) // none would be as many as go
		}
		l.err = l.pump.Run(limits.Length, messages)
	}
	l.end = strategies.Now()
	l.thread, l.lost = meter.ThreadCPU()-thread, meter.Preemptions()-lost
	if on.counters != nil && l.err == nil {
		after, err := on.counters.Read()
		l.counts, l.err = on.counters.Counts(before, after), err
	}
}

// add adds up the laps. The error is the first flow's that has one.
func (st *stretch) add() error {
	first, late, last := st.laps[0].start, st.laps[0].start, st.laps[0].end
	for i := range st.laps {
		l := &st.laps[i]
		if l.err != nil {
			return l.err
		}
		first, late, last = min(first, l.start), max(late, l.start), max(last, l.end)
		st.thread += l.thread
		st.lost += l.lost
		st.tally.Add(&l.tally)
	}
	st.elapsed, st.spread = time.Duration(last-first), time.Duration(late-first)
	return nil
}

// others is a reading of what other threads than the process's own have spent.
type others struct{ softirq, ticks int64 }

func (r *Rig) others() (now others, err error) {
	if r.softirq != nil {
		if now.softirq, err = r.softirq.CPU(); err != nil {
			return now, err
		}
	}
	now.ticks, err = meter.MachineBusy()
	return now, err
}

// own is a reading of what the process has spent, and the kernel threads among it that
// send for a session. Theirs comes first: it brings the process's up to date.
type own struct{ helper, process int64 }

func (s *session) own() (now own, err error) {
	for _, f := range s.flows {
		ns, err := helperCPU(f.sender)
		if err != nil {
			return now, err
		}
		now.helper += ns
	}
	now.process = meter.ProcessCPU()
	return now, nil
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
	if r.link.Name() == link.NIC {
		d, err := r.datagramsDue(c, messages)
		if err != nil {
			return link.Wire{}, err
		}
		return r.passed(before, d)
	}
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

// sending is the time that the flows were at work, added up.
func (st *stretch) sending() (sum time.Duration) {
	for _, l := range st.laps {
		sum += time.Duration(l.end - l.start)
	}
	return sum
}

// held is the longest that a flow waited for its cap.
func (st *stretch) held() (longest time.Duration) {
	for _, l := range st.laps {
		longest = max(longest, l.pump.Cap.Held())
	}
	return longest
}
