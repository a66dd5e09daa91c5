package results

import "math"

// newRow is what a strategy did and took, without comparisons.
func newRow(strategy string, s series, tick float64) Row {
	row := Row{
		Strategy:      strategy,
		Rounds:        len(s.valid),
		Invalid:       len(s.invalid),
		RateSamples:   s.each((*Trial).Rate),
		CPUSamples:    s.each((*Trial).CPUPerByte),
		MsgRate:       MedianInterval(s.each((*Trial).MsgRate)),
		CPUPerByte:    MedianInterval(s.each((*Trial).CPUPerByte)),
		CPUPerMessage: MedianInterval(s.each((*Trial).CPUPerMessage)),

		ProcessCPUPerByte: s.over((*Trial).processPerByte),
		SoftirqCPUPerByte: s.over((*Trial).softirqPerByte),
		MachineCPUPerByte: s.perByte(func(t *Trial) float64 { return t.machineNS(tick) }),

		InstructionsPerByte:   s.over((*Trial).instructionsPerByte),
		CyclesPerByte:         s.over((*Trial).cyclesPerByte),
		CacheMissesPerMessage: s.over((*Trial).cacheMissesPerMessage),

		ReleaseP50:   s.over((*Trial).releaseP50),
		ReleaseP99:   s.over((*Trial).releaseP99),
		ReleaseMaxNS: s.most((*Trial).releaseMax),
		Held:         s.over((*Trial).heldBytes),
		HeldMaxBytes: s.most((*Trial).heldMaxBytes),

		FlowRates: s.flowRates(),
		Latency:   s.latency(),
		Losses:    s.losses(),
		Drifting:  s.drifting(),
	}
	row.Rate = MedianInterval(row.RateSamples)
	row.count(s)
	return row
}

// count adds up what is counted.
func (r *Row) count(s series) {
	for i, t := range s.valid {
		r.RateRounds = append(r.RateRounds, t.Round)
		if i == 0 || t.EffectiveBatch < r.EffectiveBatch {
			r.EffectiveBatch = t.EffectiveBatch
		}
		if i == 0 || t.TouchedBytes < r.TouchedBytes {
			r.TouchedBytes = t.TouchedBytes
		}
		r.Notifications += t.Notifications
		r.Copied += t.Copied
		r.Unreported += t.Unreported
		r.Notices += t.Notices
		r.Syscalls += t.Syscalls
		r.Messages += t.Messages
		r.MachineTicks += orZero(t.CPUMachineTicks)
		r.Warnings = append(r.Warnings, t.Warnings...)
		if len(t.Warnings) > 0 {
			r.Warned++
		}
	}
	for _, t := range s.invalid {
		if t.Error != "" {
			r.Errors = append(r.Errors, t.Error)
		}
	}
	r.Warnings, r.Errors = distinct(r.Warnings), distinct(r.Errors)
}

// perByte is a time added up over the rounds, in ns a payload byte. It is NaN if
// any round lacks it: the others may have had another share of the work.
func (s series) perByte(f func(*Trial) float64) float64 {
	var sum, bytes float64
	for _, t := range s.valid {
		sum += f(t)
		bytes += float64(t.Bytes)
	}
	return sum / bytes // 0/0 without rounds: NaN
}

// over is the median over the rounds that have the figure, with its interval.
func (s series) over(f func(*Trial) float64) Interval { return MedianInterval(s.known(f)) }

// most is the greatest figure of any round, NaN where none has it.
func (s series) most(f func(*Trial) float64) float64 {
	most := math.NaN()
	for _, v := range s.known(f) {
		if !(v <= most) {
			most = v
		}
	}
	return most
}

func (s series) known(f func(*Trial) float64) []float64 {
	var out []float64
	for _, v := range s.each(f) {
		if !math.IsNaN(v) {
			out = append(out, v)
		}
	}
	return out
}

// flowRates are the medians of each flow's rate in bit/s, of the rounds that tell
// of every flow.
func (s series) flowRates() []float64 {
	var samples [][]float64
	for _, t := range s.valid {
		flows := len(t.PerFlow)
		if flows < 2 || flows != t.Cell.Flows {
			continue
		}
		if samples == nil {
			samples = make([][]float64, flows)
		}
		for i, f := range t.PerFlow {
			if f.ElapsedNS > 0 {
				samples[i] = append(samples[i], float64(f.Bytes)*8/float64(f.ElapsedNS)*1e9)
			}
		}
	}
	var out []float64
	for _, flow := range samples {
		out = append(out, median(flow))
	}
	return out
}

// distinct leaves the first of each text, in their order.
func distinct(texts []string) []string {
	seen := make(map[string]bool, len(texts))
	var out []string
	for _, s := range texts {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
