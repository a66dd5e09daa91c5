package meter

import (
	"strconv"
	"strings"
)

// MemAvailable estimates the bytes of memory that can be had without swapping,
// -1 if unknown. A control group may grant less.
func MemAvailable() int64 { return host.memory("MemAvailable") }

// memory returns a figure of /proc/meminfo in bytes, -1 if unknown. It is in
// kB there, by which the kernel means 1024 bytes (fs/proc/meminfo.c).
func (r root) memory(key string) int64 {
	number, ok := strings.CutSuffix(r.field("proc/meminfo", key), " kB")
	if !ok {
		return -1
	}
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil || n < 0 || n > 1<<50 {
		return -1
	}
	return n << 10
}
