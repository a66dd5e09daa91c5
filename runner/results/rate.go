package results

import "math"

// Valid reports whether the trial's figures may be used.
func (t *Trial) Valid() bool {
	return t.Error == "" && t.ElapsedNS > 0 && t.Messages > 0 && t.Bytes > 0
}

// Rate is payload in bit/s.
func (t *Trial) Rate() float64 {
	return float64(t.Bytes) * 8 / float64(t.ElapsedNS) * 1e9
}

// MsgRate is messages/s.
func (t *Trial) MsgRate() float64 {
	return float64(t.Messages) / float64(t.ElapsedNS) * 1e9
}

// latencyP50 is the median latency in ns of the messages that were due: 0 without a
// set rate, +Inf if fewer than half were sent.
func (t *Trial) latencyP50() float64 {
	if t.Latency == nil {
		return 0
	}
	return t.Latency.percentile(0.5, t.Latency.P50NS)
}

// latencyP99 is the latency in ns that 1 % of them exceeded, alike.
func (t *Trial) latencyP99() float64 {
	if t.Latency == nil {
		return 0
	}
	return t.Latency.percentile(0.99, t.Latency.P99NS)
}

// CPUPerByte is CPU time in ns a payload byte, of the senders' threads and of
// kernel threads that send on their behalf.
func (t *Trial) CPUPerByte() float64 { return t.cpuNS() / float64(t.Bytes) }

// CPUPerMessage is the same a message.
func (t *Trial) CPUPerMessage() float64 { return t.cpuNS() / float64(t.Messages) }

// SyscallsPerMessage is how many system calls a message took.
func (t *Trial) SyscallsPerMessage() float64 { return float64(t.Syscalls) / float64(t.Messages) }

func (t *Trial) cpuNS() float64 { return float64(t.CPUThreadNS) + float64(t.CPUHelperNS) }

// What follows is NaN where it wasn't measured.

// processNS is unknown where it is 0: records from before it was measured have
// that, and no process sends without taking any.
func (t *Trial) processNS() float64 {
	if t.CPUProcessNS == 0 {
		return math.NaN()
	}
	return float64(t.CPUProcessNS)
}

func (t *Trial) processPerByte() float64 { return t.processNS() / float64(t.Bytes) }
func (t *Trial) softirqPerByte() float64 { return orNaN(t.CPUSoftirqNS) / float64(t.Bytes) }

// machineNS is the CPU time of all CPUs in ns, counted in ticks of the length
// given where nothing finer is to be had.
func (t *Trial) machineNS(tick float64) float64 {
	switch {
	case t.CPUMachineNS != nil:
		return float64(*t.CPUMachineNS)
	case t.CPUMachineTicks != nil && tick > 0:
		return float64(*t.CPUMachineTicks) * tick
	}
	return math.NaN()
}

func (t *Trial) instructionsPerByte() float64   { return orNaN(t.Instructions) / float64(t.Bytes) }
func (t *Trial) cyclesPerByte() float64         { return orNaN(t.Cycles) / float64(t.Bytes) }
func (t *Trial) cacheMissesPerMessage() float64 { return orNaN(t.CacheMisses) / float64(t.Messages) }

func (t *Trial) releaseP50() float64 { return t.ifNotified(unlessZero(t.ReleaseP50NS)) }
func (t *Trial) releaseP99() float64 { return t.ifNotified(unlessZero(t.ReleaseP99NS)) }

func (t *Trial) releaseMax() float64 { return t.ifNotified(unlessZero(t.ReleaseMaxNS)) }

// heldBytes is the memory that is the kernel's on the average, of all flows, by
// Little's law (J. D. C. Little, Operations Research 9, 1961): what comes in a
// unit of time, by the time that it stays.
func (t *Trial) heldBytes() float64 {
	return t.ifNotified(unlessZero(t.ReleaseMeanNS)) * float64(t.Bytes) / float64(t.ElapsedNS)
}

// heldMaxBytes is an upper bound where there are several flows, whose greatest
// numbers in flight needn't fall together.
func (t *Trial) heldMaxBytes() float64 {
	return t.ifNotified(unlessZero(int64(t.InFlightMax))) * float64(t.Cell.Size) * float64(t.Cell.Flows)
}

// ifNotified is a figure of zero copy, which a trial without notifications
// doesn't have.
func (t *Trial) ifNotified(v float64) float64 {
	if t.Notifications == 0 {
		return math.NaN()
	}
	return v
}

// unlessZero is for what a record has no zero of, except that it is older than
// the field.
func unlessZero(v int64) float64 {
	if v == 0 {
		return math.NaN()
	}
	return float64(v)
}

func orNaN(p *int64) float64 {
	if p == nil {
		return math.NaN()
	}
	return float64(*p)
}
