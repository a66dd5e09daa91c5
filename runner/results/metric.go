package results

import "math"

// Metric is one figure of a trial under its unit in the Go benchmark format.
type Metric struct {
	Value float64
	Unit  string
}

// Units of metrics. cpu-ns is CPU time of the sender's thread and of kernel
// threads on its behalf; copied-ratio is the share of zero-copy notifications
// that say the kernel copied.
const (
	UnitTime     = "ns/op" // a message
	UnitRate     = "bit/s" // of payload
	UnitMsgRate  = "msg/s"
	UnitCPU      = "cpu-ns/B"
	UnitSyscalls = "syscalls/msg"
	UnitCopied   = "copied-ratio"
	UnitP50      = "p50-ns" // of the latency at a set rate
	UnitP99      = "p99-ns"
)

// Metrics are a valid trial's figures, always in the same order. A trial
// without notifications has no copied-ratio, and one that sent too few of the messages
// due to reach a percentile of their latency doesn't have that. An invalid trial has
// none at all.
func Metrics(t Trial) []Metric {
	if !t.Valid() {
		return nil
	}
	m := []Metric{
		{float64(t.ElapsedNS) / float64(t.Messages), UnitTime},
		{t.Rate(), UnitRate},
		{t.MsgRate(), UnitMsgRate},
		{t.CPUPerByte(), UnitCPU},
		{t.SyscallsPerMessage(), UnitSyscalls},
	}
	if t.Notifications > 0 && t.Unreported == 0 {
		m = append(m, Metric{float64(t.Copied) / float64(t.Notifications), UnitCopied})
	}
	if t.Latency != nil {
		for _, late := range []Metric{{t.latencyP50(), UnitP50}, {t.latencyP99(), UnitP99}} {
			if !math.IsInf(late.Value, 0) && !math.IsNaN(late.Value) {
				m = append(m, late)
			}
		}
	}
	return m
}
