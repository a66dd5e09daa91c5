package meter

import (
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// root is the file system that the machine's files are read from: / or a
// fixture. A file that is missing or unreadable reads as unknown, since which
// there are depends on the architecture, the kernel's configuration and the
// container.
type root struct{ fsys fs.FS }

var host = root{os.DirFS("/")}

// text returns a file's content without the space around it, "" if unknown. A
// sysctl must be read by one call that has room for all of it: its second
// read(2) finds nothing (proc_dointvec, kernel/sysctl.c). The ReadFile method
// of os.DirFS does so; fs.ReadFile over Open alone would get its first byte.
func (r root) text(path string) string {
	b, err := fs.ReadFile(r.fsys, path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// number returns a file's decimal number, -1 if unknown.
func (r root) number(path string) int64 {
	n, err := strconv.ParseInt(r.text(path), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// field returns what follows "key:" in a file of such lines, as in
// /proc/meminfo and /proc/self/status, "" if unknown.
func (r root) field(path, key string) string {
	for line := range strings.Lines(r.text(path)) {
		name, value, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// cpuList returns the CPUs of a file in the format "0-3,8", nil if unknown
// (Documentation/admin-guide/cputopology.rst).
func (r root) cpuList(path string) []int {
	var cpus []int
	for part := range strings.SplitSeq(r.text(path), ",") {
		low, high, isRange := strings.Cut(part, "-")
		if !isRange {
			high = low
		}
		first, err := strconv.Atoi(low)
		if err != nil {
			return nil
		}
		last, err := strconv.Atoi(high)
		if err != nil || first < 0 || last < first || last >= mostCPUs {
			return nil
		}
		for cpu := first; cpu <= last; cpu++ {
			cpus = append(cpus, cpu)
		}
		if len(cpus) > mostCPUs {
			return nil
		}
	}
	return cpus
}

// cpuDir is where a CPU's files are.
func cpuDir(cpu int) string { return "sys/devices/system/cpu/cpu" + strconv.Itoa(cpu) }
