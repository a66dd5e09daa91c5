package meter

import (
	"testing"
)

func TestCgroup(t *testing.T) {
	const own, above, top = "sys/fs/cgroup/a/b/", "sys/fs/cgroup/a/", "sys/fs/cgroup/"
	tests := []struct {
		name  string
		self  string // /proc/self/cgroup
		files map[string]string
		quota string
		us    int64
	}{
		{"unknown", "", nil, "", 0},
		{"version 1", "9:name=systemd:/\n1:cpu,cpuacct:/a\n", map[string]string{"sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "50000"}, "", 0},
		{"the first group", "0::/\n", map[string]string{top + "cpu.stat": "usage_usec 5\n"}, "", 0},
		{"no bound", "0::/a/b\n", map[string]string{own + "cpu.max": "max 100000\n", own + "cpu.stat": "usage_usec 5\nnr_throttled 0\nthrottled_usec 0\n"}, "max 100000", 0},
		{"its own", "0::/a/b\n", map[string]string{own + "cpu.max": "50000 100000\n", above + "cpu.max": "max 100000\n",
			own + "cpu.stat": "usage_usec 5\nnr_periods 9\nnr_throttled 3\nthrottled_usec 1234\n"}, "50000 100000", 1234},
		{"of the group around it", "0::/a/b\n", map[string]string{own + "cpu.max": "max 100000\n", above + "cpu.max": "150000 100000\n",
			own + "cpu.stat": "throttled_usec 0\n", above + "cpu.stat": "throttled_usec 77\n"}, "150000 100000", 77},
		{"the tightest", "0::/a/b\n", map[string]string{own + "cpu.max": "90000 100000\n", above + "cpu.max": "40000 50000\n", top + "cpu.max": "200000 100000",
			own + "cpu.stat": "throttled_usec 1\n", above + "cpu.stat": "throttled_usec 2\n", top + "cpu.stat": "throttled_usec 4\n"}, "40000 50000", 7},
		{"a container that sees its own group as the first", "0::/\n", map[string]string{top + "cpu.max": "50000 100000"}, "50000 100000", 0},
		{"a container that sees its path outside", "0::/a/b\n", map[string]string{top + "cpu.max": "50000 100000"}, "50000 100000", 0},
		{"outside the namespace", "0::/../other\n", map[string]string{top + "cpu.max": "max 100000"}, "max 100000", 0},
		{"both versions", "1:cpuset:/x\n0::/a\n", map[string]string{above + "cpu.max": "50000 100000"}, "50000 100000", 0},
		{"a name with colons and spaces", "0::/a b:c\n", map[string]string{"sys/fs/cgroup/a b:c/cpu.max": "1000 100000"}, "1000 100000", 0},
		{"garbled", "0::/a/b\n", map[string]string{own + "cpu.max": "fast", above + "cpu.max": "-1 100000", top + "cpu.max": "0 0",
			own + "cpu.stat": "throttled_usec\nthrottled_usec -5\nthrottled_usec x", above + "cpu.stat": "throttled_usec 99999999999999999999"}, "", 0},
	}
	for _, tt := range tests {
		files := map[string]string{"proc/self/cgroup": tt.self}
		for path, text := range tt.files {
			files[path] = text
		}
		if quota, us := machine(files).cgroup(); quota != tt.quota || us != tt.us {
			t.Errorf("%s: %q and %d µs, want %q and %d", tt.name, quota, us, tt.quota, tt.us)
		}
	}
}

// FuzzCgroup holds that no content panics or counts below zero, and that what is
// told of is a quota.
func FuzzCgroup(f *testing.F) {
	f.Add("0::/a/b\n", "50000 100000\n", "nr_throttled 3\nthrottled_usec 1234\n")
	f.Add("0::/..//.\n", "max 1", "throttled_usec 9223372036854775807\n")
	f.Fuzz(func(t *testing.T, self, quota, stat string) {
		files := map[string]string{"proc/self/cgroup": self}
		for _, dir := range []string{"", "a/", "a/b/"} {
			files["sys/fs/cgroup/"+dir+"cpu.max"], files["sys/fs/cgroup/"+dir+"cpu.stat"] = quota, stat
		}
		max, us := machine(files).cgroup()
		if cpus, ok := parseQuota(max); us < 0 || ok != (max != "") || cpus < 0 {
			t.Errorf("%q and %d µs", max, us)
		}
	})
}
