package meter

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// ThreadCPU returns the CPU time, user and system, that the calling thread has
// spent since it began, in ns (CLOCK_THREAD_CPUTIME_ID, clock_gettime(2)). The
// caller must be locked to its thread for two readings to be of one clock.
func ThreadCPU() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts); err != nil {
		// Every Linux that Go runs on has this clock for the calling thread.
		panic(fmt.Sprintf("meter: CLOCK_THREAD_CPUTIME_ID: %v", err))
	}
	return ts.Nano()
}

// Preemptions returns how often the calling thread has had to give up its CPU to
// another since it began (ru_nivcsw of RUSAGE_THREAD, getrusage(2)).
func Preemptions() int64 {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &usage); err != nil {
		// As above: it fails only for another who or a bad address.
		panic(fmt.Sprintf("meter: RUSAGE_THREAD: %v", err))
	}
	return int64(usage.Nivcsw)
}

// TaskCPU returns the CPU time in ns of another thread of this process, by its
// thread id. A kernel thread that an io_uring ring of this process started (the
// SqThread of /proc/self/fdinfo) is one. An error that wraps unix.EINVAL means
// that this process has no such thread, any more or yet.
func TaskCPU(tid int) (int64, error) {
	if tid <= 0 || tid > maxTID {
		return 0, fmt.Errorf("meter: %d is no thread id: it is a positive number up to %d", tid, maxTID)
	}
	var ts unix.Timespec
	if err := unix.ClockGettime(taskClock(tid), &ts); err != nil {
		return 0, fmt.Errorf("meter: CPU time of thread %d of this process: %w", tid, os.NewSyscallError("clock_gettime", err))
	}
	return ts.Nano(), nil
}

// maxTID is the most that the kernel gives out: PID_MAX_LIMIT,
// include/linux/threads.h.
const maxTID = 4 << 20

// taskClock makes the id of a thread's CPU clock: the complement of the thread
// id above CPUCLOCK_PERTHREAD_MASK (4) and CPUCLOCK_SCHED (2), see
// make_thread_cpuclock in include/linux/posix-timers.h.
func taskClock(tid int) int32 { return int32(^tid<<3 | 6) }
