package meter

import (
	"net"
	"strconv"
	"strings"

	"sendbench/runner/results"
)

// Disturb looks at what else goes on on the machine and bears on a sender's
// figures. What can't be seen is left out, or at its unknown value. Packet taps
// and devices are those of the calling thread's network namespace; net.core
// settings that a namespace other than the first hasn't are unknown there, and so
// are the devices' settings where /sys was mounted in another namespace. It may
// take some milliseconds: not for use during a trial.
func Disturb(senderCPU int) results.Disturbance {
	d := host.disturbance(senderCPU, deviceNames())
	d.TicksPerSecond = TicksPerSecond()
	return d
}

// deviceNames returns the devices of the calling thread's network namespace by
// index, none if they can't be had.
func deviceNames() map[int]string {
	names := map[int]string{}
	devices, _ := net.Interfaces()
	for _, d := range devices {
		names[d.Index] = d.Name
	}
	return names
}

// disturbance reads all but the length of a tick.
func (r root) disturbance(senderCPU int, devices map[int]string) results.Disturbance {
	all := r.tasks()
	d := results.Disturbance{
		Load1:        r.load(),
		FrequencyKHz: r.frequency(senderCPU),
		Governor:     r.governor(senderCPU),
		Turbo:        r.turbo(),
		Throttled:    r.throttled(senderCPU),
		Taps:         tapLines(r.taps(devices, all)),
		Interrupts:   r.interrupts(),
		Settings:     r.settings(senderCPU, devices, all),
	}
	quota, throttledUS := r.cgroup()
	if d.CgroupThrottledUS = throttledUS; quota != "" {
		d.Settings[cgroupMax] = quota
	}
	if busy, stolen, err := parseBusy([]byte(r.text("proc/stat"))); err == nil {
		d.BusyTicks, d.StolenTicks = busy, stolen
	}
	return d
}

// load is the average number of threads that ran or wanted to in the last minute,
// 0 if unknown (loadavg_proc_show, fs/proc/loadavg.c).
func (r root) load() float64 {
	word, _, _ := strings.Cut(r.text("proc/loadavg"), " ")
	load, err := strconv.ParseFloat(word, 64)
	if err != nil || !(load >= 0 && load < maxTID) {
		return 0
	}
	return load
}
