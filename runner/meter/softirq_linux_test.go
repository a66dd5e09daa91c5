package meter

import (
	"errors"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSoftirqThreads looks for the threads of each machine of testdata. One has a
// program that takes their name, one a /proc of another pid namespace.
func TestSoftirqThreads(t *testing.T) {
	const elsewhere = "not available: /proc is of another pid namespace than this process, so the kernel's threads can't be found; run outside that namespace"
	tests := []struct {
		machine string
		pids    []int
		reason  string
	}{
		{"x86-metal", []int{14, 22}, ""},
		{"x86-vm", nil, elsewhere},
		{"x86-microvm", nil, "not available: the kernel's threads can't be seen from here; run outside pid namespaces (containers), with /proc mounted without hidepid"},
		{"arm64-cloud", nil, "not available: among the kernel's threads there is no ksoftirqd"},
		{"garbled", nil, "not available: the kernel's threads can't be seen from here; run outside pid namespaces (containers), with /proc mounted without hidepid"},
		{"empty", nil, elsewhere},
	}
	for _, tt := range tests {
		pids, err := fixture(t, tt.machine).softirqThreads()
		var reason string
		if err != nil {
			reason = err.Error()
		}
		if !slices.Equal(pids, tt.pids) || reason != tt.reason {
			t.Errorf("%s: %v, %q; want %v, %q", tt.machine, pids, reason, tt.pids, tt.reason)
		}
		if err != nil && !errors.As(err, new(*UnavailableError)) {
			t.Errorf("%s: the error is a %T", tt.machine, err)
		}
	}
}

// TestSoftirqThreadsHere finds one for each CPU that ever ran, and what they spend
// goes on.
func TestSoftirqThreadsHere(t *testing.T) {
	threads, err := SoftirqThreads()
	if err != nil {
		t.Skip(err)
	}
	if online := len(host.cpuList("sys/devices/system/cpu/online")); len(threads.clocks) < online {
		t.Errorf("%d threads, %d CPUs online", len(threads.clocks), online)
	}
	before, err := threads.CPU()
	if err != nil {
		t.Fatal(err)
	}
	after, err := threads.CPU()
	if err != nil || before < 0 || after < before {
		t.Errorf("%d ns and then %d, %v", before, after, err)
	}
}

// TestSoftirqThreadsHidden runs in a pid namespace, where the ids in /proc are not
// those by which clocks are found.
func TestSoftirqThreadsHidden(t *testing.T) {
	if !inNamespaces(t, unix.CLONE_NEWPID) {
		return
	}
	threads, err := SoftirqThreads()
	if !errors.As(err, new(*UnavailableError)) {
		t.Errorf("%v, %v; want an *UnavailableError", threads, err)
	}
}

func TestKernelThreadsGone(t *testing.T) {
	threads := &KernelThreads{clocks: []int32{processClock(maxTID)}}
	if ns, err := threads.CPU(); !errors.Is(err, unix.EINVAL) || ns != 0 {
		t.Errorf("a thread that isn't there: %d ns, %v; want EINVAL", ns, err)
	}
}

// FuzzParseTask holds that no content panics, and that a name is part of it.
func FuzzParseTask(f *testing.F) {
	f.Add("14 (ksoftirqd/0) S 2 0 0 0 -1 69238848 0 0\n")
	f.Add("801 (a) (b) S 1 700 700 0 -1 4194560 900")
	f.Add(")(")
	f.Fuzz(func(t *testing.T, stat string) {
		if task, ok := parseTask(stat); !ok && (task.name != "" || task.kernel) || len(task.name) > len(stat) {
			t.Errorf("%q: %+v, %t", stat, task, ok)
		}
	})
}

func BenchmarkKernelThreads(b *testing.B) {
	threads, err := SoftirqThreads()
	if err != nil {
		b.Skip(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := threads.CPU(); err != nil {
			b.Fatal(err)
		}
	}
}
