package report

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestWrite(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "out", "report")
	all := planted()
	if err := alone(all["crossover"]).write(dir); err != nil {
		t.Fatal(err)
	}
	want := []string{"copied", "cpu-default", "ratio", "release-default", "throughput-default", "zerocopy"}
	files := []string{"index.html"}
	for _, n := range want {
		files = append(files, n+".png", n+".svg")
	}
	slices.Sort(files)
	if got := filesIn(t, dir); !slices.Equal(got, files) {
		t.Errorf("files %q, want %q", got, files)
	}

	// A later report takes the place of the earlier one, whole.
	if err := alone(all["unsupported"]).write(dir); err != nil {
		t.Fatal(err)
	}
	if got := filesIn(t, dir); !slices.Equal(got, []string{"index.html"}) {
		t.Errorf("after the second report: files %q", got)
	}
	if got := filesIn(t, filepath.Dir(dir)); !slices.Equal(got, []string{"report"}) {
		t.Errorf("left beside the report: %q", got)
	}
}

// TestChartNames holds the names of files to what they were: links lead to them.
func TestChartNames(t *testing.T) {
	drawn, missing := charts(settle(results.Summarize(resultstest.Default())))
	var got []string
	for _, c := range drawn {
		got = append(got, c.name)
		if !slices.ContainsFunc(chartKinds, func(kind string) bool { return strings.HasPrefix(c.name, kind) }) {
			t.Errorf("a later report wouldn't replace %s", c.name)
		}
	}
	want := []string{
		"zerocopy", "settings", "profiles",
		"throughput-default", "cpu-default", "release-default",
		"throughput-tx-udp-segmentation-off", "cpu-tx-udp-segmentation-off", "release-tx-udp-segmentation-off",
		"throughput-tx-scatter-gather-off", "cpu-tx-scatter-gather-off", "release-tx-scatter-gather-off",
		"throughput-mtu-9000", "cpu-mtu-9000", "release-mtu-9000",
		"ratio", "footprint", "copied",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if len(missing) != 0 {
		t.Errorf("missing from the default sweep: %q", missing)
	}
}

// TestChartNamesOfMore: several flows and a set rate have charts of their own, and
// don't repeat what one flow has shown.
func TestChartNamesOfMore(t *testing.T) {
	all := planted()
	tests := []struct {
		record string
		want   []string
	}{
		{"flows", []string{
			"zerocopy", "settings", "profiles", "scaling", "scaling-mtu-9000-2",
			"throughput-default-flows-1", "cpu-default-flows-1", "release-default-flows-1",
			"throughput-mtu-9000-flows-1", "cpu-mtu-9000-flows-1", "release-mtu-9000-flows-1",
			"ratio", "copied",
		}},
		{"rate", []string{"latency-default", "release-default", "latency-mtu-9000", "release-mtu-9000", "copied"}},
	}
	for _, tt := range tests {
		drawn, _ := charts(all[tt.record])
		var got []string
		for _, c := range drawn {
			got = append(got, c.name)
			if !slices.ContainsFunc(chartKinds, func(kind string) bool { return strings.HasPrefix(c.name, kind) }) {
				t.Errorf("a later report wouldn't replace %s", c.name)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.record, got, tt.want)
		}
	}
}

func TestWriteThroughLink(t *testing.T) {
	parent := t.TempDir()
	real, link := filepath.Join(parent, "real"), filepath.Join(parent, "link")
	if err := os.Mkdir(real, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Skipf("symbolic links can't be made here: %v", err)
	}
	if err := alone(planted()["unsupported"]).write(link); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(real, "index.html")); err != nil {
		t.Error(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v %v", info, err)
	}
}

func TestWriteRefuses(t *testing.T) {
	s := planted()["one-cell"]
	tests := []struct {
		name  string
		setUp func(t *testing.T, dir string) string // returns what to write to
		says  string
	}{
		{"a directory with other files", func(t *testing.T, dir string) string {
			put(t, filepath.Join(dir, "results.jsonl"), "{}")
			return dir
		}, "results.jsonl, which is not part of a report"},
		{"a page of somebody else", func(t *testing.T, dir string) string {
			put(t, filepath.Join(dir, "index.html"), "<html>mine</html>")
			return dir
		}, "index.html, which is not part of a report"},
		{"a picture of somebody else", func(t *testing.T, dir string) string {
			put(t, filepath.Join(dir, "holiday.png"), "")
			return dir
		}, "holiday.png, which is not part of a report"},
		{"a file", func(t *testing.T, dir string) string {
			put(t, filepath.Join(dir, "file"), "x")
			return filepath.Join(dir, "file")
		}, "report directory can't be used"},
		{"below a file", func(t *testing.T, dir string) string {
			put(t, filepath.Join(dir, "file"), "x")
			return filepath.Join(dir, "file", "report")
		}, "report directory can't be"},
		{"a parent that isn't writable", func(t *testing.T, dir string) string {
			return filepath.Join(unwritable(t, dir), "report")
		}, "can't be written beside"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			to := tt.setUp(t, dir)
			before := filesIn(t, dir)
			err := alone(s).write(to)
			if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %q", err, tt.says)
			}
			if after := filesIn(t, dir); !slices.Equal(before, after) {
				t.Errorf("was %q, is %q", before, after)
			}
		})
	}
}

// unwritable returns a directory in which nothing can be made: dir without the
// permission or, for root, who needs none, /proc.
func unwritable(t *testing.T, dir string) string {
	t.Helper()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o755) })
	made, err := os.MkdirTemp(dir, "")
	if err != nil {
		return dir
	}
	if err := os.Remove(made); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Skip("this user may write everywhere, and there is no /proc")
	}
	return "/proc"
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkWrite(b *testing.B) {
	sources := []Source{{File: "results.jsonl", Record: resultstest.Default()}}
	parent := b.TempDir()
	for i := 0; b.Loop(); i++ {
		if err := Write(filepath.Join(parent, fmt.Sprint(i)), sources); err != nil {
			b.Fatal(err)
		}
	}
}
