//go:build linux

package runner

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"
	"sendbench/runner/meter"
	"sendbench/runner/results"
)

// watch is the time that a run takes, in which other things may go on on the
// machine.
type watch struct {
	cpu     int // the sender's
	before  results.Disturbance
	begun   time.Time
	own     int64                // CPU time in ns that this run's processes had used by then
	softirq *meter.KernelThreads // nil where they can't be seen
	handled int64                // CPU time in ns that these had used by then
	said    []string             // warnings of the parts before, where the run was resumed
}

func newWatch(senderCPU int) watch {
	w := watch{cpu: senderCPU, before: meter.Disturb(senderCPU), begun: time.Now(), own: ownCPU()}
	if threads, err := meter.SoftirqThreads(); err == nil {
		if ns, err := threads.CPU(); err == nil {
			w.softirq, w.handled = threads, ns
		}
	}
	return w
}

// end looks at the machine again and says what disturbed it since, beside what is
// known of it.
func (w watch) end(known []string) (after *results.Disturbance, warnings []string) {
	d := meter.Disturb(w.cpu)
	found := meter.Disturbed(w.before, d, int64(time.Since(w.begun)), w.used())
	for _, text := range slices.Concat(w.said, found) {
		if !slices.Contains(known, text) && !slices.Contains(warnings, text) {
			warnings = append(warnings, text)
		}
	}
	return &d, warnings
}

// used is the CPU time in ns that this run has used since the watch began. The
// kernel's threads for soft interrupts are taken to have worked for it: on a machine
// that is quiet otherwise it is this run's packets that they handle.
func (w watch) used() int64 {
	ns := ownCPU() - w.own
	if w.softirq != nil {
		if now, err := w.softirq.CPU(); err == nil {
			ns += now - w.handled
		}
	}
	return ns
}

// ownCPU is the CPU time in ns of this process and of those that it has waited
// for, the workers (getrusage(2)).
func ownCPU() (ns int64) {
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var u unix.Rusage
		if unix.Getrusage(who, &u) == nil { // it fails for an unknown who alone
			ns += u.Utime.Nano() + u.Stime.Nano()
		}
	}
	return ns
}
