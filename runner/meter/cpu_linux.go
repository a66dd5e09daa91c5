package meter

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

const cpuInfo = "proc/cpuinfo"

// cpuModel names the CPU's model, "" if unknown. Each architecture has its own
// /proc/cpuinfo (arch/*/kernel/cpu/proc.c and the like): x86 has "model name",
// powerpc "cpu", riscv "uarch", mips "cpu model"; arm64 has numbers alone.
func (r root) cpuModel() string {
	for _, key := range []string{"model name", "cpu model", "cpu", "uarch"} {
		if model := r.field(cpuInfo, key); model != "" {
			return model
		}
	}
	implementer, part := r.field(cpuInfo, "CPU implementer"), r.field(cpuInfo, "CPU part")
	if implementer == "" || part == "" {
		return ""
	}
	if name, ok := armParts[implementer+" "+part]; ok {
		return name
	}
	return fmt.Sprintf("Arm implementer %s part %s", implementer, part)
}

// armParts names the server and board CPUs by the implementer and part that
// their MIDR register has (arch/arm64/include/asm/cputype.h).
var armParts = map[string]string{
	"0x41 0xd03": "Arm Cortex-A53",
	"0x41 0xd08": "Arm Cortex-A72",
	"0x41 0xd0b": "Arm Cortex-A76",
	"0x41 0xd0c": "Arm Neoverse N1",
	"0x41 0xd40": "Arm Neoverse V1",
	"0x41 0xd49": "Arm Neoverse N2",
	"0x41 0xd4f": "Arm Neoverse V2",
	"0xc0 0xac3": "Ampere-1",
	"0xc0 0xac4": "Ampere-1A",
}

// governor names what chooses a CPU's frequency, "" where nothing does
// (Documentation/admin-guide/pm/cpufreq.rst).
func (r root) governor(cpu int) string { return r.text(cpuDir(cpu) + "/cpufreq/scaling_governor") }

// frequency is what a CPU runs at now, in kHz, 0 if unknown
// (Documentation/admin-guide/pm/cpufreq.rst).
func (r root) frequency(cpu int) int64 {
	return max(r.number(cpuDir(cpu)+"/cpufreq/scaling_cur_freq"), 0)
}

// throttled is how often a CPU's core was slowed down for its heat since boot, -1
// if unknown. x86 alone counts it (drivers/thermal/intel/therm_throt.c).
func (r root) throttled(cpu int) int64 {
	return r.number(cpuDir(cpu) + "/thermal_throttle/core_throttle_count")
}

// turbo says whether the CPU may go above its nominal frequency: "on", "off",
// or "" if unknown. intel_pstate has the switch the other way round
// (Documentation/admin-guide/pm/intel_pstate.rst and cpufreq.rst).
func (r root) turbo() string {
	const dir = "sys/devices/system/cpu/"
	switch {
	case r.text(dir+"intel_pstate/no_turbo") == "0", r.text(dir+"cpufreq/boost") == "1":
		return "on"
	case r.text(dir+"intel_pstate/no_turbo") == "1", r.text(dir+"cpufreq/boost") == "0":
		return "off"
	}
	return ""
}

// smt is the state of simultaneous multithreading in the kernel's words, ""
// if unknown (Documentation/ABI/testing/sysfs-devices-system-cpu).
func (r root) smt() string { return r.text("sys/devices/system/cpu/smt/control") }

// hugePages is the setting for transparent huge pages, "" if unknown: the word
// in brackets of "always [madvise] never" (enabled_show, mm/huge_memory.c).
func (r root) hugePages() string {
	_, after, _ := strings.Cut(r.text("sys/kernel/mm/transparent_hugepage/enabled"), "[")
	word, _, ok := strings.Cut(after, "]")
	if !ok {
		return ""
	}
	return word
}

// mitigations tells what the kernel does about each flaw of the CPU, by the
// flaw's name (Documentation/admin-guide/hw-vuln).
func (r root) mitigations() map[string]string {
	found := map[string]string{}
	files, _ := fs.Glob(r.fsys, "sys/devices/system/cpu/vulnerabilities/*")
	for _, file := range files {
		if text := r.text(file); text != "" {
			found[path.Base(file)] = text
		}
	}
	return found
}
