package meter

import (
	"strings"

	"sendbench/runner/results"
)

// doubts says what of a machine makes its figures uncertain. siblings are the
// CPUs that share the sender's core, in the kernel's words.
func doubts(env results.Environment, siblings string) []string {
	var w []string
	if env.LLCBytes == 0 {
		w = append(w, "the size of the last-level cache is unknown: a cold footprint may fit in it")
	}
	w = append(w, governorDoubt(env.Governor)...)
	w = append(w, turboDoubt(env.Turbo)...)
	w = append(w, siblingDoubt(siblings)...)
	return w
}

func governorDoubt(governor string) []string {
	if governor == "" || governor == "performance" {
		return nil
	}
	return []string{"the CPU frequency governor is " + governor + ": rates follow the frequency it chooses; performance would hold it"}
}

func turboDoubt(turbo string) []string {
	if turbo != "on" {
		return nil
	}
	return []string{"turbo is on: rates follow the CPU's heat and what its other cores do; " +
		"0 in /sys/devices/system/cpu/cpufreq/boost, or 1 in /sys/devices/system/cpu/intel_pstate/no_turbo, would hold the frequency"}
}

// siblingDoubt goes by the list of a core's CPUs, which has more than one where
// SMT is on: "3,67" or "2-3".
func siblingDoubt(siblings string) []string {
	if !strings.ContainsAny(siblings, ",-") {
		return nil
	}
	return []string{"SMT is on and the sender's core is shared by CPUs " + siblings + ": what runs on the other takes from the sender's rate; " +
		"keep it idle, or write off to /sys/devices/system/cpu/smt/control"}
}
