package meter

import (
	"math"
	"runtime"
	"runtime/debug"

	"golang.org/x/sys/unix"

	"sendbench/runner/results"
)

// Environment describes the machine, the kernel, this process and its build,
// with caches and governor of the sender's CPU. Link and SendBufferBytes are
// left to the caller, and so is Before, which Disturb gives. What the machine doesn't tell is left at its unknown
// value: "", 0, or -1 for a sysctl; Warnings say what of it bears on figures.
// Call it before Pin: it counts the CPUs that the calling thread may run on.
func Environment(senderCPU int) results.Environment {
	var env results.Environment
	host.machine(&env, senderCPU)
	process(&env)
	env.Warnings = doubts(env, host.siblings(senderCPU))
	return env
}

// machine fills in what files tell.
func (r root) machine(env *results.Environment, senderCPU int) {
	env.Hypervisor = r.hypervisor()
	env.CPUModel = r.cpuModel()
	env.CPUsOnline = len(r.cpuList("sys/devices/system/cpu/online"))
	env.SenderCPU = senderCPU
	env.SMT = r.smt()
	env.Governor = r.governor(senderCPU)
	env.Turbo = r.turbo()
	env.Caches = r.caches(senderCPU)
	env.LLCBytes = lastLevel(env.Caches)
	env.MemoryBytes = max(r.memory("MemTotal"), 0)
	env.THP = r.hugePages()
	env.Mitigations = r.mitigations()
	env.Hostname = r.text("proc/sys/kernel/hostname")
	env.MachineKey = r.machineKey(env.Hostname)

	env.Privileges = r.privileges()
	env.MemlockExempt = r.capable(unix.CAP_IPC_LOCK)
	env.WmemMax = r.number("proc/sys/net/core/wmem_max")
	env.RmemMax = r.number("proc/sys/net/core/rmem_max")
	env.OptmemMax = r.number("proc/sys/net/core/optmem_max")
	env.IOUringDisabled = int(r.number("proc/sys/kernel/io_uring_disabled"))
}

// process fills in what system calls and the Go runtime tell.
func process(env *results.Environment) {
	env.OS, env.Arch = runtime.GOOS, runtime.GOARCH
	var name unix.Utsname
	if err := unix.Uname(&name); err == nil {
		env.Kernel = unix.ByteSliceToString(name.Release[:])
		env.KernelFull = unix.ByteSliceToString(name.Sysname[:]) + " " + env.Kernel + " " + unix.ByteSliceToString(name.Version[:])
	}
	if allowed, err := AllowedCPUs(); err == nil {
		env.CPUs = len(allowed)
	}
	env.GoVersion = runtime.Version()
	if info, ok := debug.ReadBuildInfo(); ok {
		env.Commit = commit(info)
	}
	env.Build = build()
	env.MemlockBytes = memlockLimit()
	env.Clocks = Clocks()
	env.Counters = whyNoCounters()
}

// memlockLimit returns RLIMIT_MEMLOCK, of which the soft limit counts, in
// bytes: math.MaxInt64 for no limit, 0 if unknown.
func memlockLimit() int64 {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit); err != nil {
		return 0
	}
	return int64(min(limit.Cur, math.MaxInt64))
}
