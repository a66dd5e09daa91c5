//go:build linux

package runner

import (
	"time"

	"sendbench/runner/meter"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// report writes a stretch's figures into its trial.
func (st *stretch) report(t *results.Trial) {
	var released strategies.Histogram
	for i := range st.laps {
		b := st.laps[i].pump.Buffers
		t.EffectiveBatch = b.Batch()
		t.TouchedBytes += b.TouchedBytes()
		t.InFlightMax = max(t.InFlightMax, b.InFlightMax())
		released.Merge(b.Released())
	}
	t.ElapsedNS = int64(st.elapsed)
	t.Messages, t.Bytes = st.tally.Messages, st.tally.Bytes
	t.Syscalls, t.Retries = st.tally.Syscalls, st.tally.Retries
	t.Notifications, t.Copied = st.tally.Notifications, st.tally.Copied
	t.Unreported, t.Notices = st.tally.Unreported, st.tally.Notices
	t.ReleaseMeanNS, t.ReleaseMaxNS = released.Mean(), released.Max()
	t.ReleaseP50NS, t.ReleaseP99NS = released.Quantile(0.50), released.Quantile(0.99)
	t.CPUThreadNS, t.CPUHelperNS, t.CPUProcessNS, t.CPUSoftirqNS = st.thread, st.helper, st.process, st.softirq
	t.Preemptions = st.lost
	t.WireFrames, t.WireBytes = st.wire.Frames, st.wire.Bytes
	t.CPUMachineTicks = &st.ticks
	if tick := time.Second / time.Duration(meter.TicksPerSecond()); st.elapsed >= coarse*tick {
		ns := st.ticks * int64(tick)
		t.CPUMachineNS = &ns
	}
	st.reportCounters(t)
	st.reportSteadiness(t)
	if len(st.laps) > 1 {
		st.reportFlows(t)
	}
	if t.Cell.Rate > 0 {
		st.reportLatency(t)
	}
}

// coarse is how many ticks of the machine's busy time a trial must last for their
// count to be good to a per cent or so.
const coarse = 100

// reportCounters adds up what the threads counted; what one of them couldn't, all
// don't tell.
func (st *stretch) reportCounters(t *results.Trial) {
	for _, counter := range []struct {
		of   func(meter.Counts) *int64
		into **int64
	}{
		{func(c meter.Counts) *int64 { return c.Instructions }, &t.Instructions},
		{func(c meter.Counts) *int64 { return c.Cycles }, &t.Cycles},
		{func(c meter.Counts) *int64 { return c.CacheMisses }, &t.CacheMisses},
	} {
		sum := int64(0)
		for _, l := range st.laps {
			n := counter.of(l.counts)
			if n == nil {
				sum = -1
				break
			}
			sum += *n
		}
		if sum >= 0 {
			*counter.into = &sum
		}
	}
}

// reportSteadiness goes by the rates of all flows together.
func (st *stretch) reportSteadiness(t *results.Trial) {
	var all []float64
	for i := range st.laps {
		rates := st.laps[i].pump.Rates()
		if rates == nil {
			return
		}
		if all == nil {
			all = make([]float64, len(rates))
		}
		for k, rate := range rates {
			all[k] += rate
		}
	}
	t.HalfRatio, t.Autocorrelation = results.Steadiness(all)
}

func (st *stretch) reportFlows(t *results.Trial) {
	for _, l := range st.laps {
		t.PerFlow = append(t.PerFlow, results.Flow{
			CPU: l.cpu, ElapsedNS: l.end - l.start, Messages: l.tally.Messages, Bytes: l.tally.Bytes, CPUThreadNS: l.thread,
		})
	}
}

// reportLatency gives the latencies of all flows, and says if they are those of a
// rate that wasn't reached.
func (st *stretch) reportLatency(t *results.Trial) {
	var late strategies.Histogram
	for i := range st.laps {
		late.Merge(st.laps[i].pump.Buffers.Late())
	}
	t.Latency = &results.Latency{
		P50NS: late.Quantile(0.5), P90NS: late.Quantile(0.9), P99NS: late.Quantile(0.99), P999NS: late.Quantile(0.999),
		MaxNS: late.Max(), Buckets: late.Buckets(),
	}
	kept := true
	for i := range st.laps {
		due, ok := st.laps[i].pump.Due()
		t.Latency.Due += due
		kept = kept && ok
	}
	if !kept {
		t.Warnings = append(t.Warnings, "the set rate was not kept: a sender that can't is ever later, and its latencies tell how long the trial was")
	}
}
