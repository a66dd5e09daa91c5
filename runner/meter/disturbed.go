package meter

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"sendbench/runner/results"
)

// What is tolerated before a warning is given.
const (
	mostStolen    = 0.01 // of one CPU's time
	mostOthers    = 0.10 // of one CPU's time
	mostLoad      = 0.50 // threads that wanted to run, before the run began
	mostFrequency = 0.05 // between before and after
)

// Names of settings that Disturbed has something to say about.
const (
	busyPoll      = "net.core.busy_poll"
	busyRead      = "net.core.busy_read"
	numaBalancing = "kernel.numa_balancing"
	coreSiblings  = "sender_cpu.thread_siblings"
	cgroupMax     = "cgroup cpu.max"
)

// everyProtocol is what a tap takes that sees what is sent too, not only what is
// received (dev_queue_xmit_nit, net/core/dev.c).
const everyProtocol = "every protocol"

// Disturbed says what went on on a machine during a run that makes its figures
// uncertain, in one sentence each. The run took ns of time, and its own programs
// ownBusyNS of CPU time; the rest of what the machine was busy with is put down
// to others. What is unknown is passed over, and so are ticks in a run of fewer
// than a hundred. The sentences about governor, turbo
// and SMT are those of Environment.Warnings.
func Disturbed(before, after results.Disturbance, ns, ownBusyNS int64) []string {
	var w []string
	w = append(w, takenCPU(before, after, ns, ownBusyNS)...)
	w = append(w, quotaDoubt(before, after)...)
	w = append(w, clockDoubts(before, after)...)
	w = append(w, siblingDoubt(after.Settings[coreSiblings])...)
	w = append(w, tapDoubt(before.Taps, after.Taps)...)
	w = append(w, settingDoubts(before.Settings, after.Settings)...)
	return w
}

// takenCPU is about CPU time that others had.
func takenCPU(before, after results.Disturbance, ns, ownBusyNS int64) []string {
	var w []string
	// Both readings may be off by a tick a CPU.
	const fewestTicks = 100
	if ticks := after.TicksPerSecond; ticks > 0 && ticks == before.TicksPerSecond && ns >= fewestTicks*int64(time.Second)/ticks {
		share := func(busy, own int64) float64 { // of one CPU; busy in ticks, own in ns
			return (float64(busy)/float64(ticks)*float64(time.Second) - float64(own)) / float64(ns)
		}
		stolenTicks := after.StolenTicks - before.StolenTicks
		if stolen := share(stolenTicks, 0); stolen > mostStolen {
			w = append(w, fmt.Sprintf("the hypervisor kept %.1f %% of a CPU's time from this machine during the run (%.0f %% is tolerated): "+
				"figures are too low, and unevenly so; run again when its other guests are quiet", 100*stolen, 100*mostStolen))
		}
		if others := share(after.BusyTicks-before.BusyTicks-stolenTicks, ownBusyNS); others > mostOthers {
			w = append(w, fmt.Sprintf("other programs used %.2f CPUs during the run (%.2f is tolerated): "+
				"they take CPU time, cache and memory bandwidth from the sender; end them and run again", others, mostOthers))
		}
	}
	if before.Load1 > mostLoad {
		w = append(w, fmt.Sprintf("the load average was %.2f when the run began (%.2f is tolerated): "+
			"other programs ran shortly before, and may have gone on; wait until the machine is idle", before.Load1, mostLoad))
	}
	return w
}

// quotaDoubt is about a control group that may not have all CPU time.
func quotaDoubt(before, after results.Disturbance) []string {
	if us := after.CgroupThrottledUS - before.CgroupThrottledUS; us > 0 {
		return []string{fmt.Sprintf("the CPU quota of this control group was spent during the run, and its threads were kept from running for %v of CPU time: "+
			"rates and latencies have these pauses in them; lift the quota (cpu.max), or run outside the container", time.Duration(us)*time.Microsecond)}
	}
	cpus, _ := parseQuota(after.Settings[cgroupMax])
	if cpus == 0 {
		return nil
	}
	return []string{fmt.Sprintf("this control group has a quota of %.2f CPUs (cpu.max is %s): a run that spends it is stopped until the next period; "+
		"lift the quota, or run outside the container", cpus, after.Settings[cgroupMax])}
}

// clockDoubts is about the frequency of the sender's CPU.
func clockDoubts(before, after results.Disturbance) []string {
	var w []string
	w = append(w, governorDoubt(after.Governor)...)
	w = append(w, changed("the CPU frequency governor", before.Governor, after.Governor)...)
	w = append(w, turboDoubt(after.Turbo)...)
	w = append(w, changed("turbo", before.Turbo, after.Turbo)...)
	if before.FrequencyKHz > 0 && after.FrequencyKHz > 0 {
		const kHzPerGHz = 1e6
		from, to := float64(before.FrequencyKHz), float64(after.FrequencyKHz)
		if change := to/from - 1; math.Abs(change) > mostFrequency {
			w = append(w, fmt.Sprintf("the sender's CPU ran at %.2f GHz before the run and at %.2f GHz after it, %+.0f %% (%.0f %% is tolerated): "+
				"rates and CPU times of early and late rounds differ by as much; the performance governor with turbo off would hold it",
				from/kHzPerGHz, to/kHzPerGHz, 100*change, 100*mostFrequency))
		}
	}
	if n := after.Throttled - before.Throttled; before.Throttled >= 0 && n > 0 {
		w = append(w, fmt.Sprintf("the sender's CPU was slowed down for its heat during the run (%d times): "+
			"figures from then are too low; cool the machine, or hold a lower frequency", n))
	}
	return w
}

// tapDoubt names those taps, open before or after, that see what is sent.
func tapDoubt(before, after []string) []string {
	var seeing []string
	for _, tap := range slices.Concat(before, after) {
		if strings.HasSuffix(tap, ", "+everyProtocol) && !slices.Contains(seeing, tap) {
			seeing = append(seeing, tap)
		}
	}
	if len(seeing) == 0 {
		return nil
	}
	return []string{"packet taps are open (" + strings.Join(seeing, "; ") + "): the kernel copies what is sent on those devices, zero copy or not; end those programs"}
}

// settingDoubts is about settings that cost the sender, and about those that were
// changed in the middle.
func settingDoubts(before, after map[string]string) []string {
	var w []string
	for _, name := range []string{busyPoll, busyRead} {
		if value := after[name]; value != "" && value != "0" {
			w = append(w, name+" is "+value+": programs that wait for packets spin instead, which takes CPU time and is counted as theirs; 0 turns it off")
		}
	}
	if value := after[numaBalancing]; value != "" && value != "0" {
		w = append(w, numaBalancing+" is "+value+": the kernel unmaps pages now and then to see who uses them, and figures have those page faults in them; 0 turns it off")
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		w = append(w, changed(name, before[name], after[name])...)
	}
	return w
}

// changed is about a setting that was known before and after.
func changed(name, before, after string) []string {
	if before == "" || after == "" || before == after {
		return nil
	}
	return []string{name + " was " + before + " when the run began and " + after + " when it ended: early and late rounds aren't of one machine; leave it alone and run again"}
}
