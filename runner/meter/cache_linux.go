package meter

import (
	"cmp"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"sendbench/runner/results"
)

// caches returns a CPU's caches by level and type, none if unknown
// (Documentation/ABI/testing/sysfs-devices-system-cpu; written by
// drivers/base/cacheinfo.c).
func (r root) caches(cpu int) []results.Cache {
	found := []results.Cache{}
	indexes, _ := fs.Glob(r.fsys, cpuDir(cpu)+"/cache/index*")
	for _, dir := range indexes {
		c := results.Cache{Level: int(r.number(dir + "/level")), Type: r.text(dir + "/type"), Bytes: parseCacheSize(r.text(dir + "/size"))}
		if c.Level > 0 && c.Bytes > 0 {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b results.Cache) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.Type, b.Type))
	})
	return found
}

// lastLevel returns the bytes of the last cache that data goes through, 0 if
// unknown.
func lastLevel(caches []results.Cache) int64 {
	for _, c := range slices.Backward(caches) {
		if c.Type != "Instruction" {
			return c.Bytes
		}
	}
	return 0
}

// parseCacheSize reads "2048K" as bytes, 0 if it isn't so.
func parseCacheSize(s string) int64 {
	number, ok := strings.CutSuffix(s, "K")
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > 1<<40 {
		return 0
	}
	return n << 10
}
