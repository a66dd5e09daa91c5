package probe

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"sendbench/runner/results"
)

func TestReadLimits(t *testing.T) {
	env := results.Environment{MemlockBytes: 65536, WmemMax: 212992, RmemMax: -1, OptmemMax: 20480, IOUringDisabled: 1}
	want := Limits{
		MemlockBytes: 65536, OptmemMaxBytes: 20480, WmemMaxBytes: 212992, RmemMaxBytes: -1,
		IOUringDisabled: 1, IOUringGroup: -1, SeccompMode: -1, MaxUserNamespaces: -1,
	}
	full := want
	full.IOUringGroup, full.SeccompMode, full.MaxUserNamespaces = 27, 2, 0
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for name, test := range map[string]struct {
		proc fstest.MapFS
		want Limits
	}{
		"empty": {fstest.MapFS{}, want},
		"garbled": {fstest.MapFS{
			"sys/kernel/io_uring_group": file("all\n"), "self/status": file("Seccomp\nSeccomp:\tmany\n"),
			"sys/user/max_user_namespaces": file("99999999999999999999"),
		}, want},
		"full": {fstest.MapFS{
			"sys/kernel/io_uring_group": file("27\n"), "self/status": file("Name:\tx\nSeccomp:\t2\nSeccomp_filters:\t1\n"),
			"sys/user/max_user_namespaces": file("0\n"),
		}, full},
	} {
		got := readLimits(test.proc, env)
		if got.OpenFiles <= 0 {
			t.Errorf("%s: %d open files", name, got.OpenFiles)
		}
		got.OpenFiles = 0
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
