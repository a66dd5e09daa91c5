package meter

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// ProcessCPU returns the CPU time, user and system, that all threads of this
// process have spent since it began, in ns (CLOCK_PROCESS_CPUTIME_ID,
// clock_gettime(2)). Threads that have ended are in it, and so are those that the
// kernel runs for an io_uring ring in the process's name: io-wq workers and the
// SQPOLL thread (create_io_thread, kernel/fork.c).
//
// A thread that is running on another CPU at the moment counts up to the
// scheduler's last tick there, 1 to 10 ms ago (thread_group_cputime,
// kernel/sched/cputime.c). TaskCPU has no such lag, and reading a thread's clock by
// it just before brings the thread's part of the process's up to date as well.
func ProcessCPU() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &ts); err != nil {
		// Every Linux that Go runs on has this clock.
		panic(fmt.Sprintf("meter: CLOCK_PROCESS_CPUTIME_ID: %v", err))
	}
	return ts.Nano()
}

// processClock makes the id of another process's CPU clock, see
// clock_getcpuclockid(3): the complement of the process id above CPUCLOCK_SCHED
// (2). Unlike a thread's it may be read from every process, by every user
// (pid_for_clock, kernel/time/posix-cpu-timers.c).
func processClock(pid int) int32 { return int32(^pid<<3 | 2) }
