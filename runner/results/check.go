package results

import (
	"cmp"
	"fmt"
	"math"
	"strings"
)

// Bounds of what is believed. They are far above what any machine does, and
// such that sums over a cell's rounds stay within int64 (2^48 * 2^15).
const (
	maxCount   = 1<<48 - 1 // of bytes, messages, ns…; 2^48 ns are 78 hours
	maxRound   = 1<<15 - 1
	maxSize    = 1 << 30
	maxUDPSize = 65527 // an IPv6 payload of 65535 less the UDP header
	maxSegment = math.MaxUint16
	maxWidth   = 1 << 20    // batch, flows
	maxRate    = 1e9        // messages a second
	maxPerNS   = 1 << 13    // payload bytes in a nanosecond: 65 Tbit/s
	maxTrials  = 50_000_000 // that a plan may ask for: 14 hours of nothing but trials of a millisecond
	maxWarned  = 1 << 8     // warnings of one trial

	// maxCongestionControl is how long its name may be: TCP_CA_NAME_MAX of
	// include/net/tcp.h less the byte that ends it.
	maxCongestionControl = 15
)

// bound is an integer field and the range that it may lie in.
type bound struct {
	field    string
	value    int64
	min, max int64
}

func checkBounds(bounds ...bound) error {
	for _, b := range bounds {
		if b.value < b.min || b.value > b.max {
			return fmt.Errorf("%s is %d; it lies from %d to %d", b.field, b.value, b.min, b.max)
		}
	}
	return nil
}

// check finds what is no plan, or names more than a record may.
func (r *Run) check(names *roster) error {
	p := r.Plan
	err := checkBounds(
		bound{"plan.rounds", int64(p.Rounds), 0, maxRound + 1},
		bound{"plan.super_rounds", int64(p.SuperRounds), 0, maxRound + 1},
		bound{"plan.trial_ns", p.TrialNS, 0, maxCount},
		bound{"plan.warmup_ns", p.WarmupNS, 0, maxCount},
		bound{"plan.budget_ns", p.BudgetNS, 0, maxCount},
	)
	if err != nil {
		return err
	}
	if trials := int64(p.Rounds) * int64(len(p.Cells)); trials > maxTrials {
		return fmt.Errorf("plan.rounds is %d of %d plan.cells, which makes %d trials; there are %d at most", p.Rounds, len(p.Cells), trials, maxTrials)
	}
	if err := p.checkPrecision(); err != nil {
		return err
	}
	if p.Baseline == "" {
		return fmt.Errorf("plan.baseline is missing; it names the strategy that the others are compared with")
	}
	for i := range p.Cells {
		if err := p.Cells[i].check(); err != nil {
			return fmt.Errorf("plan.cells[%d]: %w", i, err)
		}
	}
	if err := cmp.Or(p.checkNames(), names.enterPlan(&p)); err != nil {
		return err
	}
	if name := r.Environment.Link.CongestionControl; len(name) > maxCongestionControl {
		return fmt.Errorf("environment.link.congestion_control is %.40q; it has %d bytes at most", name, maxCongestionControl)
	}
	for _, c := range r.Environment.Clocks {
		if err := checkBounds(bound{"environment.clocks.resolution_ns", c.ResolutionNS, 0, maxCount}); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cell) check() error {
	for _, name := range []struct{ field, value string }{
		{"link", c.Link}, {"proto", c.Proto}, {"nic", c.NIC}, {"fill", c.Fill}, {"strategy", c.Strategy},
	} {
		if name.value == "" {
			return fmt.Errorf("cell.%s is missing; it is a name", name.field)
		}
		if err := checkName("cell."+name.field, name.value); err != nil {
			return err
		}
	}
	if c.Family != 4 && c.Family != 6 {
		return fmt.Errorf("cell.family is %d; it is 4 or 6, for IPv4 or IPv6", c.Family)
	}
	size, segment := int64(maxSize), int64(maxSegment)
	switch c.Proto {
	case ProtoUDP:
		size = maxUDPSize
	case ProtoTCP:
		segment = 0 // UDP alone has it
	}
	return checkBounds(
		bound{"cell.flows", int64(c.Flows), 1, maxWidth},
		bound{"cell.footprint", c.Footprint, 1, maxCount},
		bound{"cell.segment", int64(c.Segment), 0, segment},
		bound{"cell.size", int64(c.Size), 1, size},
		bound{"cell.batch", int64(c.Batch), 1, maxWidth},
		bound{"cell.rate", c.Rate, 0, maxRate},
	)
}

func (t *Trial) check(baseline string) error {
	if err := t.Cell.check(); err != nil {
		return err
	}
	if t.Cell.AA && t.Cell.Strategy != baseline {
		return fmt.Errorf("cell.aa is true for strategy %.40q; only the baseline %.40q is measured twice", t.Cell.Strategy, baseline)
	}
	err := checkBounds(
		bound{"round", int64(t.Round), 0, maxRound},
		bound{"super_round", int64(t.SuperRound), 0, maxRound},
		bound{"effective_batch", int64(t.EffectiveBatch), 0, maxWidth},
		bound{"touched_bytes", t.TouchedBytes, 0, maxCount},
		bound{"elapsed_ns", t.ElapsedNS, 0, maxCount},
		bound{"messages", t.Messages, 0, maxCount},
		bound{"bytes", t.Bytes, 0, maxCount},
		bound{"syscalls", t.Syscalls, 0, maxCount},
		bound{"retries", t.Retries, 0, maxCount},
		bound{"wire_frames", t.WireFrames, 0, maxCount},
		bound{"wire_bytes", t.WireBytes, 0, maxCount},
		bound{"delivered_messages", orZero(t.DeliveredMessages), 0, maxCount},
		bound{"delivered_bytes", orZero(t.DeliveredBytes), 0, maxCount},
		bound{"dropped_device", orZero(t.DroppedDevice), 0, maxCount},
		bound{"dropped_socket", orZero(t.DroppedSocket), 0, maxCount},
		bound{"dropped_receiver", orZero(t.DroppedReceiver), 0, maxCount},
		bound{"dropped_path", orZero(t.DroppedPath), 0, maxCount},
		bound{"missing", orZero(t.Missing), 0, maxCount},
		bound{"reordered", orZero(t.Reordered), 0, maxCount},
		bound{"duplicated", orZero(t.Duplicated), 0, maxCount},
		bound{"retransmitted_bytes", orZero(t.RetransmittedBytes), 0, maxCount},
		bound{"notifications", t.Notifications, 0, maxCount},
		bound{"copied", t.Copied, 0, maxCount},
		bound{"unreported", t.Unreported, 0, maxCount},
		bound{"notices", t.Notices, 0, maxCount},
		bound{"release_mean_ns", t.ReleaseMeanNS, 0, maxCount},
		bound{"release_p50_ns", t.ReleaseP50NS, 0, maxCount},
		bound{"release_p99_ns", t.ReleaseP99NS, 0, maxCount},
		bound{"release_max_ns", t.ReleaseMaxNS, 0, maxCount},
		bound{"in_flight_max", int64(t.InFlightMax), 0, 2 * maxWidth},
		bound{"cpu_thread_ns", t.CPUThreadNS, 0, maxCount},
		bound{"cpu_helper_ns", t.CPUHelperNS, 0, maxCount},
		bound{"cpu_process_ns", t.CPUProcessNS, 0, maxCount},
		bound{"cpu_softirq_ns", orZero(t.CPUSoftirqNS), 0, maxCount},
		bound{"cpu_machine_ns", orZero(t.CPUMachineNS), 0, maxCount},
		bound{"cpu_machine_ticks", orZero(t.CPUMachineTicks), 0, maxCount},
		bound{"instructions", orZero(t.Instructions), 0, maxCount},
		bound{"cycles", orZero(t.Cycles), 0, maxCount},
		bound{"cache_misses", orZero(t.CacheMisses), 0, maxCount},
		bound{"preemptions", t.Preemptions, 0, maxCount},
		bound{"per_flow", int64(len(t.PerFlow)), 0, int64(t.Cell.Flows)},
		bound{"warnings", int64(len(t.Warnings)), 0, maxWarned},
	)
	if err == nil {
		err = cmp.Or(t.checkSteadiness(), t.checkFlows(), t.Latency.check())
	}
	if err != nil || t.Error != "" {
		return err // an invalid trial's figures may disagree: that is why it is one
	}
	return t.checkFigures()
}

// checkFigures holds a valid trial's figures against each other.
func (t *Trial) checkFigures() error {
	switch {
	case t.ElapsedNS == 0 || t.Messages == 0 || t.Bytes == 0:
		return fmt.Errorf("the trial has no error, but %d ns, %d messages and %d bytes; a valid trial has some of each", t.ElapsedNS, t.Messages, t.Bytes)
	case t.Messages > t.ElapsedNS:
		return fmt.Errorf("%d messages in %d ns; no machine sends more than one in a nanosecond", t.Messages, t.ElapsedNS)
	case t.Bytes/maxPerNS > t.ElapsedNS:
		return fmt.Errorf("%d bytes in %d ns; no machine sends more than %d in a nanosecond", t.Bytes, t.ElapsedNS, maxPerNS)
	case (t.Bytes-1)/int64(t.Cell.Size) >= t.Messages:
		return fmt.Errorf("%d bytes in %d messages of %d bytes; bytes is at most messages times size", t.Bytes, t.Messages, t.Cell.Size)
	// A receiver remembers so many numbers, and counts a message again that comes again later.
	case orZero(t.Duplicated) == 0 && orZero(t.DeliveredMessages) > t.Messages:
		return fmt.Errorf("delivered_messages is %d of %d messages, and none came again; it counts some of them", *t.DeliveredMessages, t.Messages)
	case orZero(t.Duplicated) == 0 && orZero(t.DeliveredBytes) > t.Bytes:
		return fmt.Errorf("delivered_bytes is %d of %d bytes, and none came again; it counts some of them", *t.DeliveredBytes, t.Bytes)
	case t.Unreported > t.Notifications:
		return fmt.Errorf("unreported is %d of %d notifications; it counts some of them", t.Unreported, t.Notifications)
	case t.Copied > t.Notifications:
		return fmt.Errorf("copied is %d of %d notifications; it counts some of them", t.Copied, t.Notifications)
	}
	return nil
}

func (t *Trial) checkSteadiness() error {
	if !(t.HalfRatio >= 0) || math.IsInf(t.HalfRatio, 0) || !(math.Abs(t.Autocorrelation) <= 1) {
		return fmt.Errorf("half_ratio is %v and autocorrelation %v; they are a number from 0 and one from -1 to 1", t.HalfRatio, t.Autocorrelation)
	}
	return nil
}

func (t *Trial) checkFlows() error {
	for i, f := range t.PerFlow {
		err := checkBounds(
			bound{"cpu", int64(f.CPU), 0, maxWidth},
			bound{"elapsed_ns", f.ElapsedNS, 0, maxCount},
			bound{"messages", f.Messages, 0, maxCount},
			bound{"bytes", f.Bytes, 0, maxCount},
			bound{"cpu_thread_ns", f.CPUThreadNS, 0, maxCount},
		)
		if err != nil {
			return fmt.Errorf("per_flow[%d].%w", i, err)
		}
	}
	return nil
}

func (l *Latency) check() error {
	if l == nil {
		return nil
	}
	err := checkBounds(
		bound{"latency.p50_ns", l.P50NS, 0, maxCount},
		bound{"latency.p90_ns", l.P90NS, 0, maxCount},
		bound{"latency.p99_ns", l.P99NS, 0, maxCount},
		bound{"latency.p999_ns", l.P999NS, 0, maxCount},
		bound{"latency.max_ns", l.MaxNS, 0, maxCount},
		bound{"latency.due", l.Due, 0, maxCount},
	)
	if err != nil {
		return err
	}
	last, left := int64(-1), int64(maxCount)
	for i, b := range l.Buckets {
		if b[0] <= last || b[0] > maxCount || b[1] < 0 || b[1] > left {
			return fmt.Errorf("latency.buckets[%d] is %v; it is an upper bound in ns above the one before, and a count, all of which add up to %d at most", i, b, int64(maxCount))
		}
		last, left = b[0], left-b[1]
	}
	return nil
}

// omittedBefore begins the reason of an omitted cell in records from before there was a
// field that says so.
const omittedBefore = "not in the default sweep"

func (u *Unsupported) check() error {
	u.Omitted = u.Omitted || strings.HasPrefix(u.Reason, omittedBefore)
	if u.Reason == "" {
		return fmt.Errorf("reason is missing; an unsupported cell has one")
	}
	return u.Cell.check()
}

func (e *End) check() error {
	if e.Status != StatusComplete && e.Status != StatusInterrupted {
		return fmt.Errorf("status is %.40q; it is %s or %s", e.Status, StatusComplete, StatusInterrupted)
	}
	return nil
}

func orZero(p *int64) int64 {
	if p == nil {
		return 0
	}
	return *p
}
