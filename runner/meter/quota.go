package meter

import (
	"strconv"
	"strings"
)

// parseQuota reads "50000 100000", which is 0.5 CPUs, and "max 100000", which is 0
// for all there are (tg_get_cfs_bandwidth and cpu_max_show, kernel/sched/core.c).
func parseQuota(text string) (cpus float64, ok bool) {
	quota, period, _ := strings.Cut(text, " ")
	each, err := strconv.ParseUint(period, 10, 63)
	if err != nil || each == 0 {
		return 0, false
	}
	if quota == "max" {
		return 0, true
	}
	most, err := strconv.ParseUint(quota, 10, 63)
	if err != nil || most == 0 {
		return 0, false
	}
	return float64(most) / float64(each), true
}
