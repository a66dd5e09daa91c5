package meter

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"sendbench/runner/results"
)

// Clocks says where each CPU figure of a trial comes from and how finely it
// counts. A resolution of 0 is unknown; where a figure can't be had at all the
// source says why.
func Clocks() []results.Clock {
	softirq := results.Clock{Field: "cpu_softirq_ns", Source: "clock_gettime, CPU clocks of the ksoftirqd threads (those running: up to the last scheduler tick)"}
	if threads, err := SoftirqThreads(); err != nil {
		softirq.Source = err.Error()
	} else {
		softirq.ResolutionNS = resolution(threads.clocks[0])
	}
	return []results.Clock{
		{Field: "cpu_thread_ns", Source: "clock_gettime, CLOCK_THREAD_CPUTIME_ID of the sender's thread", ResolutionNS: resolution(unix.CLOCK_THREAD_CPUTIME_ID)},
		{Field: "cpu_helper_ns", Source: "clock_gettime, CPU clock of the helping kernel thread", ResolutionNS: resolution(taskClock(unix.Gettid()))},
		{Field: "cpu_process_ns", Source: "clock_gettime, CLOCK_PROCESS_CPUTIME_ID (threads running elsewhere: up to the last scheduler tick)", ResolutionNS: resolution(unix.CLOCK_PROCESS_CPUTIME_ID)},
		softirq,
		{Field: "cpu_machine_ns", Source: "/proc/stat, busy ticks of all CPUs", ResolutionNS: int64(time.Second) / TicksPerSecond()},
	}
}

// resolution returns what clock_getres(2) says of a clock, in ns.
func resolution(clock int32) int64 {
	var ts unix.Timespec
	if err := unix.ClockGetres(clock, &ts); err != nil {
		return 0
	}
	return ts.Nano()
}

// TicksPerSecond is the unit of MachineBusy, USER_HZ: AT_CLKTCK of the auxiliary
// vector, see getauxval(3).
var TicksPerSecond = sync.OnceValue(func() int64 {
	const atClockTick = 17  // AT_CLKTCK, include/uapi/linux/auxvec.h
	const usualUserHZ = 100 // include/asm-generic/param.h
	vector, err := unix.Auxv()
	if err != nil {
		return usualUserHZ
	}
	for _, pair := range vector {
		if pair[0] == atClockTick && pair[1] > 0 && int64(pair[1]) <= int64(time.Second) {
			return int64(pair[1])
		}
	}
	return usualUserHZ
})
