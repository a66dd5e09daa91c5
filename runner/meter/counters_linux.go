package meter

import (
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"
)

// hardwareEvents are what Counters counts, in the order of Counts. Of the cache it
// takes the loads that missed the last level, since the general cache-misses event
// counts another level on each make of CPU (the first on arm64, the second on AMD);
// a CPU without it, as AMD's, gives no figure rather than another one. What a CPU
// prefetches may not be in it.
var hardwareEvents = []perfEvent{
	{unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_INSTRUCTIONS},
	{unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_CPU_CYCLES},
	{unix.PERF_TYPE_HW_CACHE, unix.PERF_COUNT_HW_CACHE_LL | unix.PERF_COUNT_HW_CACHE_OP_READ<<8 | unix.PERF_COUNT_HW_CACHE_RESULT_MISS<<16},
}

// Counters are the CPU's own counters, of one thread: what it does as a program
// and what the kernel does in its name. The kernel threads of an io_uring ring are
// not in it. It is used by one goroutine at a time.
type Counters struct{ group *perfGroup }

// Counts are what came between two readings; nil where the CPU can't count it, or
// had no counter free in that time.
type Counts struct {
	Instructions *int64
	Cycles       *int64
	CacheMisses  *int64 // loads that missed the last-level cache
}

// OpenCounters begins to count for the calling thread, to which the goroutine is
// locked (perf_event_open(2)). The error is an *UnavailableError where the
// machine hasn't any of the counters or forbids their use.
func OpenCounters() (*Counters, error) {
	g, err := openPerfGroup(hardwareEvents, 0)
	if err == nil {
		return &Counters{g}, nil
	}
	if denied(err) {
		// The kernel looks at rights first: without its own part it may say that
		// there is nothing to have a right to.
		g, userErr := openPerfGroup(hardwareEvents, unix.PerfBitExcludeKernel|unix.PerfBitExcludeHv)
		switch {
		case userErr == nil:
			err = errors.Join(err, g.close())
		case lacksEvent(userErr):
			err = userErr
		}
	}
	switch {
	case lacksEvent(err):
		return nil, &UnavailableError{Reason: "this machine has no counters for instructions, cycles or cache misses, or its hypervisor keeps them", Err: err}
	case denied(err):
		return nil, &UnavailableError{Reason: host.whyDenied(), Err: err}
	}
	return nil, fmt.Errorf("meter: open the CPU's counters: %w", err)
}

// whyNoCounters is the reason that OpenCounters gives, "" where it gives counters.
func whyNoCounters() string {
	c, err := OpenCounters()
	if err != nil {
		return err.Error()
	}
	if err := c.Close(); err != nil {
		return err.Error()
	}
	return ""
}

func denied(err error) bool { return errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) }

// whyDenied presumes what forbids counting, the kernel's part included
// (perf_allow_kernel, kernel/events/core.c).
func (r root) whyDenied() string {
	const name = "kernel.perf_event_paranoid"
	text := r.text("proc/sys/kernel/perf_event_paranoid")
	level, err := strconv.Atoi(text)
	if err != nil || level <= 1 {
		return "the CPU's counters are forbidden, and not by " + name + ": a seccomp filter or a security module does so (in a container, start it with --cap-add PERFMON)"
	}
	return fmt.Sprintf("%s is %d, which forbids the CPU's counters; 1 allows them (sysctl %s=1), or root, or CAP_PERFMON in the initial user namespace", name, level, name)
}

// Read makes one read(2) and allocates nothing. It may be called from any thread.
func (c *Counters) Read() (Reading, error) { return c.group.read() }

// Counts tells what came between two readings of these counters.
func (c *Counters) Counts(before, after Reading) Counts {
	return Counts{
		Instructions: c.group.count(0, before, after),
		Cycles:       c.group.count(1, before, after),
		CacheMisses:  c.group.count(2, before, after),
	}
}

// Close ends the counting.
func (c *Counters) Close() error { return c.group.close() }
