package meter

import (
	"slices"
	"strings"
)

// vendors are the values of the DMI table's sys_vendor that only virtual
// machines have, each with the word of product_name that a virtual one has
// where the vendor makes metal too, and the word that metal has.
var vendors = map[string]struct{ virtual, metal string }{
	"QEMU":                  {},
	"VMware, Inc.":          {},
	"innotek GmbH":          {}, // VirtualBox
	"Xen":                   {},
	"OpenStack Foundation":  {},
	"KubeVirt":              {},
	"Google":                {virtual: "Compute Engine"},
	"Amazon EC2":            {metal: ".metal"},
	"Microsoft Corporation": {virtual: "Virtual Machine"},
	"Apple Inc.":            {virtual: "Virtualization"},
}

// hypervisor names what the machine runs under, "" on bare metal and where
// nothing tells. On x86 the CPU says whether there is one (the hypervisor flag
// of /proc/cpuinfo, CPUID leaf 1); elsewhere the DMI table or the device tree
// does. The name is the DMI table's if there is one.
func (r root) hypervisor() string {
	if kind := r.text("sys/hypervisor/type"); kind != "" {
		return kind // Documentation/ABI/stable/sysfs-hypervisor-xen
	}
	vendor, product := r.text("sys/class/dmi/id/sys_vendor"), r.text("sys/class/dmi/id/product_name")
	if flags := r.field(cpuInfo, "flags"); flags != "" {
		if !slices.Contains(strings.Fields(flags), "hypervisor") {
			return ""
		}
		if vendor != "" {
			return strings.TrimSpace(vendor + " " + product)
		}
		return r.clockHypervisor()
	}
	if words, ok := vendors[vendor]; ok && strings.Contains(product, words.virtual) &&
		(words.metal == "" || !strings.Contains(product, words.metal)) {
		return strings.TrimSpace(vendor + " " + product)
	}
	// A device tree's strings end with a zero byte.
	return strings.TrimRight(r.text("proc/device-tree/hypervisor/compatible"), "\x00")
}

// clockHypervisor tells hypervisors by the clock that they lend their guests,
// for machines without a DMI table.
func (r root) clockHypervisor() string {
	clocks := r.text("sys/devices/system/clocksource/clocksource0/available_clocksource")
	switch {
	case strings.Contains(clocks, "kvm-clock"):
		return "KVM"
	case strings.Contains(clocks, "hyperv"):
		return "Hyper-V"
	case strings.Contains(clocks, "xen"):
		return "Xen"
	}
	return "unknown hypervisor"
}
