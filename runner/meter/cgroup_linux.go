package meter

import (
	"path"
	"strconv"
	"strings"
)

// cgroup returns how much CPU time the control group of this process may have, and
// for how long in µs its threads have been kept from running for having had it,
// added up over CPUs. The first is the content of cpu.max, "50000 100000" where it
// is 50 ms of each 100 ms, "max 100000" where it is all there is, and "" if unknown.
//
// Groups lie in each other and each bounds what is in it: of those that can be seen
// the tightest is returned, and the times of all. Only version 2 is read
// (Documentation/admin-guide/cgroup-v2.rst, CPU); where version 1 has the cpu
// controller there is no cpu.max.
func (r root) cgroup() (quota string, throttledUS int64) {
	tightest := 0.0 // in CPUs
	for dir := r.cgroupPath(); dir != ""; dir = parent(dir) {
		files := "sys/fs/cgroup" + strings.TrimSuffix(dir, "/")
		text := r.text(files + "/cpu.max")
		if cpus, ok := parseQuota(text); ok && (quota == "" || cpus > 0 && (tightest == 0 || cpus < tightest)) {
			quota, tightest = text, cpus
		}
		for line := range strings.Lines(r.text(files + "/cpu.stat")) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
			if n, err := strconv.ParseInt(value, 10, 64); key == "throttled_usec" && err == nil && n > 0 && throttledUS+n > 0 {
				throttledUS += n
			}
		}
	}
	return quota, throttledUS
}

// cgroupPath is where this process's group is below the hierarchy's root, which is
// "/"; "" if unknown (cgroups(7), /proc/[pid]/cgroup).
func (r root) cgroupPath() string {
	for line := range strings.Lines(r.text("proc/self/cgroup")) {
		if dir, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "0::/"); ok {
			return path.Clean("/" + dir) // "/.." is outside the namespace, where nothing can be seen
		}
	}
	return ""
}

// parent is the directory that one lies in, "" for "/".
func parent(dir string) string {
	if dir == "/" {
		return ""
	}
	return path.Dir(dir)
}
