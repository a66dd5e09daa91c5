package report

import (
	"fmt"
	"math"
	"strings"

	"sendbench/runner/results"
)

// costColumns are all that sending took. CPU time of the process has that of the
// sender's threads in it, and that of all CPUs has everything.
var costColumns = []tableColumn{
	intervalColumn("Sender, ns/B", figure, func(r results.Row) results.Interval { return r.CPUPerByte }),
	intervalColumn("ns/message", figure, func(r results.Row) results.Interval { return r.CPUPerMessage }),
	intervalColumn("Process, ns/B", figure, func(r results.Row) results.Interval { return r.ProcessCPUPerByte }),
	intervalColumn("Soft interrupts, ns/B", figure, func(r results.Row) results.Interval { return r.SoftirqCPUPerByte }),
	{"All CPUs, ns/B", false, func(_ results.Group, r results.Row) []tableCell {
		return []tableCell{plain(figure(r.MachineCPUPerByte)), beside(tickError(r.MachineTicks))}
	}},
	figureColumn("Calls/message", figure, callsPerMessage),
	intervalColumn("Instructions/B", figure, func(r results.Row) results.Interval { return r.InstructionsPerByte }),
	intervalColumn("Cycles/B", figure, func(r results.Row) results.Interval { return r.CyclesPerByte }),
	intervalColumn("Cache misses/message", figure, func(r results.Row) results.Interval { return r.CacheMissesPerMessage }),
}

func callsPerMessage(r results.Row) float64 {
	if r.Messages < 1 {
		return math.NaN()
	}
	return float64(r.Syscalls) / float64(r.Messages)
}

// tickError is how uncertain a time is that was counted in so many ticks: as with
// all counts of what comes at random, by about one part in their square root.
func tickError(ticks int64) string {
	if ticks < 1 {
		return none
	}
	return fmt.Sprintf("±%s, %s", percent(1/math.Sqrt(float64(ticks))), count(int(ticks), "tick", "ticks"))
}

// costNotes say how a setting's costs are read: why there are no hardware counters,
// and what CPU time is at a set rate.
func costNotes(s *results.Summary, st setting) (notes []string) {
	if st.paced() {
		notes = append(notes, "At a set rate a sender spins until the next message is due: CPU time here is the time that passed.")
	}
	if !counted(s) {
		notes = append(notes, "Instructions, cycles and cache misses: "+sentence(counters(s)))
	}
	return notes
}

// counters says whether the machine has hardware counters, or why not.
func counters(s *results.Summary) string {
	switch reason := printableText(s.Run.Environment.Counters); {
	case counted(s):
		return "available"
	case strings.HasPrefix(reason, "not available"):
		return reason
	case reason != "":
		return "not available: " + reason
	}
	return "not available: the record has none"
}

// counted reports whether any row has a hardware counter's figure.
func counted(s *results.Summary) bool {
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			if finite(r.InstructionsPerByte.Center) || finite(r.CyclesPerByte.Center) || finite(r.CacheMissesPerMessage.Center) {
				return true
			}
		}
	}
	return false
}
