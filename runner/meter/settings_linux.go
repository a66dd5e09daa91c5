package meter

import (
	"io/fs"
	"slices"
	"strings"
)

// sysctls bear on when, where and by whom packets are handled, or on the memory
// they are sent from (Documentation/admin-guide/sysctl/net.rst and kernel.rst).
var sysctls = []string{
	busyPoll, busyRead,
	"net.core.netdev_budget",
	"net.core.netdev_budget_usecs",
	"net.core.rps_sock_flow_entries",
	numaBalancing,
	"kernel.timer_migration",
}

// settings returns by name what the machine is set to; what is unknown is left out.
func (r root) settings(senderCPU int, devices map[int]string, all []task) map[string]string {
	found := map[string]string{}
	add := func(name, value string) {
		if value != "" && value != "(null)" { // as nohz_full prints no CPU at all
			found[name] = value
		}
	}
	for _, name := range sysctls {
		add(name, r.text("proc/sys/"+strings.ReplaceAll(name, ".", "/")))
	}
	add("default_smp_affinity", r.text("proc/irq/default_smp_affinity"))
	add("isolated_cpus", r.text("sys/devices/system/cpu/isolated"))
	add("nohz_full_cpus", r.text("sys/devices/system/cpu/nohz_full"))
	add(coreSiblings, r.siblings(senderCPU))
	add("irqbalance", irqbalance(all))
	for _, device := range r.devicesHere(devices) {
		dir := "sys/class/net/" + device
		add(device+".napi_defer_hard_irqs", r.text(dir+"/napi_defer_hard_irqs"))
		add(device+".gro_flush_timeout", r.text(dir+"/gro_flush_timeout"))
		add(device+".rps_cpus", r.queueMasks(dir, "rps_cpus"))
		add(device+".xps_cpus", r.queueMasks(dir, "xps_cpus"))
	}
	return found
}

// irqbalance says whether the daemon of that name runs, "" if unknown.
func irqbalance(all []task) string {
	switch {
	case slices.ContainsFunc(all, func(t task) bool { return t.name == "irqbalance" }):
		return "running"
	case seesKernel(all):
		return "not running"
	}
	return ""
}

// devicesHere returns the names of the devices in /sys/class/net if they are the
// ones of the namespace that is asked for, and none otherwise: /sys shows those of
// the namespace that it was mounted in (sysfs(5)).
func (r root) devicesHere(devices map[int]string) []string {
	var names []string
	entries, _ := fs.ReadDir(r.fsys, "sys/class/net")
	for _, e := range entries {
		index := r.number("sys/class/net/" + e.Name() + "/ifindex")
		if index < 0 {
			continue // bonding_masters is no device
		}
		if devices[int(index)] != e.Name() {
			return nil
		}
		names = append(names, e.Name())
	}
	if len(names) != len(devices) {
		return nil
	}
	return names
}

// queueMasks returns the CPUs, as a mask in hexadecimal, that a device's queues
// are steered to: one mask where all queues have the same, and otherwise each
// queue's, as "rx-0=1 rx-1=2" (Documentation/networking/scaling.rst).
func (r root) queueMasks(dir, file string) string {
	var masks, each []string
	entries, _ := fs.ReadDir(r.fsys, dir+"/queues")
	for _, e := range entries {
		if mask := r.text(dir + "/queues/" + e.Name() + "/" + file); mask != "" {
			masks = append(masks, mask)
			each = append(each, e.Name()+"="+mask)
		}
	}
	if slices.Sort(masks); len(slices.Compact(masks)) == 1 {
		return masks[0]
	}
	return strings.Join(each, " ")
}
