package meter

import (
	"encoding/json"
	"flag"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"sendbench/runner/results"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestMachine reads each machine of testdata and holds the outcome to a golden.
func TestMachine(t *testing.T) {
	tests := []struct {
		name string
		cpu  int
	}{
		{"x86-metal", 3},
		{"x86-vm", 1},
		{"x86-microvm", 0},
		{"arm64-cloud", 2},
		{"arm64-metal", 0},
		{"garbled", 0},
		{"empty", -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var env results.Environment
			machine := fixture(t, tt.name)
			machine.machine(&env, tt.cpu)
			env.Warnings = doubts(env, machine.siblings(tt.cpu))
			checkGolden(t, tt.name+".json", env)
		})
	}
}

// checkGolden holds a value to what a file of testdata has as JSON.
func checkGolden(t *testing.T, name string, value any) {
	t.Helper()
	got, err := json.MarshalIndent(value, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	golden := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("differs from %s (-want +got); -update writes it anew:\n%s", golden, diff)
	}
}

// fixture reads a machine's files from one text, where a line "-- path --"
// begins a file, and "-- path -> target" is a symbolic link.
func fixture(t *testing.T, name string) root {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".files"))
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	var file *fstest.MapFile
	for line := range strings.Lines(string(text)) {
		path, isPath := strings.CutPrefix(strings.TrimSuffix(strings.TrimSuffix(line, "\n"), " --"), "-- ")
		link, target, isLink := strings.Cut(path, " -> ")
		switch {
		case isPath && isLink:
			files[link] = &fstest.MapFile{Mode: fs.ModeSymlink | 0o777, Data: []byte(target)}
		case isPath:
			file = &fstest.MapFile{Mode: 0o444}
			files[path] = file
		case file != nil:
			file.Data = append(file.Data, line...)
		}
	}
	return root{files}
}

// machine is one of a few files, by path.
func machine(files map[string]string) root {
	fsys := fstest.MapFS{}
	for path, text := range files {
		fsys[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return root{fsys}
}

// TestEnvironmentHere holds what every Linux machine tells of itself.
func TestEnvironmentHere(t *testing.T) {
	env := Environment(0)
	if env.OS != "linux" || env.Arch != runtime.GOARCH || env.GoVersion != runtime.Version() {
		t.Errorf("OS %q, arch %q, Go %q", env.OS, env.Arch, env.GoVersion)
	}
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSpace(string(release)); env.Kernel != want || !strings.Contains(env.KernelFull, want) {
		t.Errorf("kernel %q, in full %q; want %q", env.Kernel, env.KernelFull, want)
	}
	if env.CPUs < 1 || env.CPUsOnline < env.CPUs {
		t.Errorf("%d CPUs allowed of %d online", env.CPUs, env.CPUsOnline)
	}
	if env.MemoryBytes < 1<<20 || MemAvailable() < 1<<20 || MemAvailable() > env.MemoryBytes {
		t.Errorf("memory %d, available %d", env.MemoryBytes, MemAvailable())
	}
	if len(env.Build) != 16 || len(env.MachineKey) != 16 {
		t.Errorf("build %q, machine key %q; want 16 hex digits each", env.Build, env.MachineKey)
	}
	again := Environment(0)
	if env.Build != again.Build || env.MachineKey != again.MachineKey {
		t.Error("build and machine key differ between two readings")
	}
	if id, err := os.ReadFile("/etc/machine-id"); err == nil && len(id) >= 16 && strings.Contains(string(id), env.MachineKey) {
		t.Error("the machine key gives the machine id away")
	}
	if hostname, err := os.Hostname(); err == nil && env.Hostname != hostname {
		t.Errorf("host name %q, want %q", env.Hostname, hostname)
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit); err != nil || limit.Cur < math.MaxInt64 && env.MemlockBytes != int64(limit.Cur) {
		t.Errorf("locked-memory limit %d, want %d, %v", env.MemlockBytes, limit.Cur, err)
	}
	for path, got := range map[string]int64{
		"/proc/sys/net/core/wmem_max":        env.WmemMax,
		"/proc/sys/net/core/rmem_max":        env.RmemMax,
		"/proc/sys/net/core/optmem_max":      env.OptmemMax,
		"/proc/sys/kernel/io_uring_disabled": int64(env.IOUringDisabled),
	} {
		text, err := os.ReadFile(path)
		if err != nil {
			text = []byte("-1")
		}
		if want := strings.TrimSpace(string(text)); want != strconv.FormatInt(got, 10) {
			t.Errorf("%s is %d, want %s", path, got, want)
		}
	}
	if (env.Counters == "") == strings.HasPrefix(env.Counters, "not available: ") || env.Counters != again.Counters {
		t.Errorf("counters %q and then %q: want no word, or the same reason twice", env.Counters, again.Counters)
	}
	if len(env.Clocks) != 5 {
		t.Errorf("%d clocks, want one for each CPU figure", len(env.Clocks))
	}
	if os.Geteuid() != 0 && env.Privileges != "ordinary user" {
		t.Errorf("user %d has privileges %q", os.Geteuid(), env.Privileges)
	}
}

// TestMachineKey holds that machines differ, by id or without one.
func TestMachineKey(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"x86-metal", "x86-vm", "x86-microvm", "arm64-cloud", "empty"} {
		key := fixture(t, name).machineKey("host")
		if other, ok := seen[key]; ok {
			t.Errorf("%s and %s have one key %s", name, other, key)
		}
		seen[key] = name
	}
	with := fixture(t, "x86-metal")
	if with.machineKey("old-name") != with.machineKey("new-name") {
		t.Error("a machine with an id changes its key with its host name")
	}
}

func TestCommit(t *testing.T) {
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	tests := []struct {
		settings []debug.BuildSetting
		want     string
	}{
		{nil, ""},
		{[]debug.BuildSetting{setting("vcs.modified", "true")}, ""},
		{[]debug.BuildSetting{setting("vcs.revision", "abc"), setting("vcs.modified", "false")}, "abc"},
		{[]debug.BuildSetting{setting("vcs.modified", "true"), setting("vcs.revision", "abc")}, "abc-dirty"},
	}
	for _, tt := range tests {
		if got := commit(&debug.BuildInfo{Settings: tt.settings}); got != tt.want {
			t.Errorf("commit(%v) = %q, want %q", tt.settings, got, tt.want)
		}
	}
}

func TestCPUList(t *testing.T) {
	tests := []struct {
		text string
		want []int
	}{
		{"0", []int{0}},
		{"0-3\n", []int{0, 1, 2, 3}},
		{"0-1,8,10-11", []int{0, 1, 8, 10, 11}},
		{"", nil},
		{"3-1", nil},
		{"-1", nil},
		{"0-99999999", nil},
		{"0,", nil},
	}
	for _, tt := range tests {
		r := root{fstest.MapFS{"list": {Data: []byte(tt.text)}}}
		if diff := cmp.Diff(tt.want, r.cpuList("list")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.text, diff)
		}
	}
}
