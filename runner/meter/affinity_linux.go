package meter

import (
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// mostCPUs is the size of an affinity mask, above any kernel's NR_CPUS.
const mostCPUs = 1 << 16

// AllowedCPUs returns the CPUs that the calling thread may run on, in order
// (sched_getaffinity(2)). After Pin that is one: ask before.
func AllowedCPUs() ([]int, error) {
	set := unix.NewCPUSet(mostCPUs)
	if err := unix.SchedGetaffinityDynamic(0, set); err != nil {
		return nil, fmt.Errorf("meter: read the CPUs allowed: %w", os.NewSyscallError("sched_getaffinity", err))
	}
	var cpus []int
	for cpu := range mostCPUs {
		if set.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus, nil
}

// Pin keeps the calling thread on some CPUs, most often one
// (sched_setaffinity(2)). The caller must be locked to its thread; threads that
// it starts inherit the pinning.
func Pin(cpus ...int) error {
	set := unix.NewCPUSet(mostCPUs)
	for _, cpu := range cpus {
		if cpu < 0 || cpu >= mostCPUs {
			return fmt.Errorf("meter: pin to CPU %d: CPUs count from 0 to %d", cpu, mostCPUs-1)
		}
		set.Set(cpu)
	}
	if err := unix.SchedSetaffinityDynamic(0, set); err != nil {
		allowed, _ := AllowedCPUs()
		return fmt.Errorf("meter: pin to CPU %v, of %v that this thread has: %w", cpus, allowed, os.NewSyscallError("sched_setaffinity", err))
	}
	return nil
}

// PickSenderCPU chooses the CPU for the sender among those allowed: the last,
// since CPU 0 most often takes the interrupts. It is -1 where there is none.
func PickSenderCPU(allowed []int) int {
	if len(allowed) == 0 {
		return -1
	}
	return allowed[len(allowed)-1]
}

// PickReceiverCPU chooses a CPU for a receiver, or another thread that works beside
// senders, that is none of those taken, and where there is a choice not on their cores
// either. It is -1 where there is none.
func PickReceiverCPU(allowed []int, taken ...int) int {
	return host.receiverCPU(allowed, taken...)
}

func (r root) receiverCPU(allowed []int, taken ...int) int {
	var siblings []int
	for _, cpu := range taken {
		siblings = append(siblings, r.cpuList(siblingsFile(cpu))...)
	}
	onCore := -1
	for i := len(allowed) - 1; i >= 0; i-- {
		cpu := allowed[i]
		switch {
		case slices.Contains(taken, cpu):
		case !slices.Contains(siblings, cpu):
			return cpu
		case onCore < 0:
			onCore = cpu
		}
	}
	return onCore
}

// siblings are the CPUs that share a core with one, itself among them, in the
// format of cpuList; "" if unknown.
func (r root) siblings(cpu int) string { return r.text(siblingsFile(cpu)) }

func siblingsFile(cpu int) string { return cpuDir(cpu) + "/topology/thread_siblings_list" }
