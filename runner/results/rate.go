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

// CPUPerByte is CPU time in ns a payload byte, of the sender's thread and of
// kernel threads that send on its behalf.
func (t *Trial) CPUPerByte() float64 {
	return (float64(t.CPUThreadNS) + float64(t.CPUHelperNS)) / float64(t.Bytes)
}

// machineNS is the CPU time of all CPUs in ns, NaN where it wasn't measured.
func (t *Trial) machineNS(tick float64) float64 {
	switch {
	case t.CPUMachineNS != nil:
		return float64(*t.CPUMachineNS)
	case t.CPUMachineTicks != nil && tick > 0:
		return float64(*t.CPUMachineTicks) * tick
	}
	return math.NaN()
}
