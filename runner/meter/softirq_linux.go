package meter

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// KernelThreads are threads of the kernel, of which each is a process of its own.
type KernelThreads struct{ clocks []int32 }

// SoftirqThreads finds the kernel's threads for soft interrupts, ksoftirqd/N, one
// for each CPU (kernel/softirq.c). They get what a CPU can't do on its way back
// from an interrupt or a system call; what it does there is charged to the thread
// that was interrupted or that called. The set stays good until the machine is
// switched off, and needs no closing.
//
// The error is an *UnavailableError where they can't be seen, as in a pid
// namespace (pid_namespaces(7)).
func SoftirqThreads() (*KernelThreads, error) {
	pids, err := host.softirqThreads()
	if err != nil {
		return nil, err
	}
	t := &KernelThreads{}
	for _, pid := range pids {
		t.clocks = append(t.clocks, processClock(pid))
	}
	if _, err := t.CPU(); err != nil {
		return nil, &UnavailableError{Reason: "the CPU clocks of the kernel's threads for soft interrupts can't be read", Err: err}
	}
	return t, nil
}

// CPU returns the CPU time that all threads of the set have spent since boot, in
// ns. It makes one clock_gettime(2) a thread and allocates nothing. A thread that
// is running at the moment counts up to the scheduler's last tick, as with
// ProcessCPU.
func (t *KernelThreads) CPU() (ns int64, err error) {
	for _, clock := range t.clocks {
		var ts unix.Timespec
		if err := unix.ClockGettime(clock, &ts); err != nil {
			return 0, fmt.Errorf("meter: CPU time of kernel thread %d: %w", ^(clock >> 3), os.NewSyscallError("clock_gettime", err))
		}
		ns += ts.Nano()
	}
	return ns, nil
}

// softirqThreads returns the process ids of the threads, never none.
func (r root) softirqThreads() ([]int, error) {
	// One number means that /proc counts processes as this process does
	// (task_state, fs/proc/array.c); otherwise its ids belong to others here.
	if ids := strings.Fields(r.field("proc/self/status", "NSpid")); len(ids) != 1 {
		return nil, &UnavailableError{Reason: "/proc is of another pid namespace than this process, so the kernel's threads can't be found; run outside that namespace"}
	}
	all := r.tasks()
	var pids []int
	for _, t := range all {
		if t.kernel && strings.HasPrefix(t.name, "ksoftirqd/") {
			pids = append(pids, t.pid)
		}
	}
	switch {
	case len(pids) > 0:
		return pids, nil
	case seesKernel(all):
		return nil, &UnavailableError{Reason: "among the kernel's threads there is no ksoftirqd"}
	}
	return nil, &UnavailableError{Reason: "the kernel's threads can't be seen from here; run outside pid namespaces (containers), with /proc mounted without hidepid"}
}
