package meter

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Software events, which a machine has whatever its CPU.
var (
	taskClockEvent  = perfEvent{unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_TASK_CLOCK} // ns
	pageFaultsEvent = perfEvent{unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_PAGE_FAULTS}
	switchesEvent   = perfEvent{unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_CONTEXT_SWITCHES}
	absentEvent     = perfEvent{unix.PERF_TYPE_SOFTWARE, 1 << 32}
)

// userAlone is what every user may count at the usual kernel.perf_event_paranoid.
const userAlone = unix.PerfBitExcludeKernel | unix.PerfBitExcludeHv

// openTestGroup locks the test to its thread and counts its events.
func openTestGroup(t testing.TB, exclude uint64, events ...perfEvent) *perfGroup {
	t.Helper()
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	g, err := openPerfGroup(events, exclude)
	if denied(err) || errors.Is(err, unix.ENOSYS) {
		t.Skip("this machine forbids or lacks perf_event_open:", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

func readGroup(t *testing.T, g *perfGroup) Reading {
	t.Helper()
	r, err := g.read()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestPerfGroup counts page faults and time that are known otherwise, beside an
// event that no machine has.
func TestPerfGroup(t *testing.T) {
	g := openTestGroup(t, userAlone, absentEvent, taskClockEvent, pageFaultsEvent)
	const pages = 64
	memory, err := unix.Mmap(-1, 0, pages*unix.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(memory)
	// One fault for each page, not one for a huge one.
	if err := unix.Madvise(memory, unix.MADV_NOHUGEPAGE); err != nil && !errors.Is(err, unix.EINVAL) {
		t.Fatal(err)
	}

	begin := time.Now()
	before := readGroup(t, g)
	inner := ThreadCPU()
	for i := 0; i < len(memory); i += unix.Getpagesize() {
		memory[i] = 1
	}
	spin(t, int64(2*time.Millisecond))
	inner = ThreadCPU() - inner
	after := readGroup(t, g)
	outer := time.Since(begin).Nanoseconds()

	if n := g.count(0, before, after); n != nil {
		t.Errorf("an event that isn't there came to %d", *n)
	}
	// It isn't quite the thread's clock: it has interrupts and stolen time in it, and
	// less of a switch to another thread.
	if n := g.count(1, before, after); n == nil || *n < inner/2 || *n > outer+outer/2 {
		t.Errorf("task clock %s ns, where the thread's clock has %d and the one on the wall %d", show(n), inner, outer)
	}
	// The runtime and the race detector may touch a few of their own.
	if n := g.count(2, before, after); n == nil || *n < pages || *n > 4*pages {
		t.Errorf("%s page faults, want %d and few more", show(n), pages)
	}
}

// TestPerfGroupCountsKernel counts what happens in the kernel alone: each wait for
// the other end of a pipe is a switch. Whoever may not count that is told so.
func TestPerfGroupCountsKernel(t *testing.T) {
	if g, err := openPerfGroup([]perfEvent{switchesEvent}, 0); denied(err) {
		if _, err := OpenCounters(); !errors.As(err, new(*UnavailableError)) {
			t.Errorf("counting the kernel's part is denied, and the CPU's counters are %v", err)
		}
		return
	} else if err == nil {
		g.close()
	}
	g := openTestGroup(t, 0, switchesEvent)
	var there, back [2]int
	for _, p := range []*[2]int{&there, &back} {
		if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
		defer unix.Close(p[0])
		defer unix.Close(p[1])
	}
	const turns = 50
	failed := make(chan error, 1)
	go func() {
		failed <- func() error {
			for range turns {
				if err := pass(there[0], back[1]); err != nil {
					return err
				}
			}
			return nil
		}()
	}()
	before := readGroup(t, g)
	voluntary := switches(t)
	for range turns {
		if _, err := unix.Write(there[1], []byte{1}); err != nil {
			t.Fatal(err)
		}
		if _, err := unix.Read(back[0], make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	known := switches(t) - voluntary
	after := readGroup(t, g)
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
	if n := g.count(0, before, after); n == nil || *n < known || known == 0 {
		t.Errorf("%s switches, want %d, which are not none, and few more", show(n), known)
	}
}

// pass reads a byte and writes it on.
func pass(from, to int) error {
	b := make([]byte, 1)
	if _, err := unix.Read(from, b); err != nil {
		return err
	}
	_, err := unix.Write(to, b)
	return err
}

// switches are those of the calling thread so far, by getrusage(2).
func switches(t *testing.T) int64 {
	t.Helper()
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &usage); err != nil {
		t.Fatal(err)
	}
	return int64(usage.Nvcsw) + int64(usage.Nivcsw)
}

func TestPerfGroupLacksAll(t *testing.T) {
	openTestGroup(t, userAlone, taskClockEvent) // skips where nothing may be counted
	g, err := openPerfGroup([]perfEvent{absentEvent, absentEvent}, userAlone)
	if g != nil || !lacksEvent(err) {
		t.Errorf("%v, %v; want an error that says that there is no such event", g, err)
	}
}

func TestPerfGroupReadAllocatesNothing(t *testing.T) {
	g := openTestGroup(t, userAlone, taskClockEvent, pageFaultsEvent)
	var err error
	if n := testing.AllocsPerRun(100, func() { _, err = g.read() }); n != 0 || err != nil {
		t.Errorf("%g allocations, %v", n, err)
	}
}

// TestCount holds the arithmetic of counters that were shared out.
func TestCount(t *testing.T) {
	reading := func(enabled, running, value uint64) Reading {
		return Reading{enabled: enabled, running: running, values: [mostEvents]uint64{0, value}}
	}
	present, absent := &perfGroup{slot: [mostEvents]int{1}}, &perfGroup{slot: [mostEvents]int{-1}}
	number := func(n int64) *int64 { return &n }
	tests := []struct {
		name          string
		group         *perfGroup
		before, after Reading
		want          *int64
	}{
		{"all the time", present, reading(100, 100, 7), reading(300, 300, 1007), number(1000)},
		{"half the time", present, reading(100, 100, 7), reading(300, 200, 1007), number(2000)},
		{"shared before, not between", present, reading(100, 50, 7), reading(300, 250, 1007), number(1000)},
		{"never", present, reading(100, 100, 7), reading(300, 100, 7), nil},
		{"the other way round", present, reading(300, 300, 1007), reading(100, 100, 7), nil},
		{"no such event", absent, reading(100, 100, 7), reading(300, 300, 1007), nil},
		{"more than 53 bits", present, reading(0, 0, 0), reading(10, 10, 1<<60+1), number(1<<60 + 1)},
		{"a product over 64 bits", present, reading(0, 0, 0), reading(60e9, 30e9, 200e9), number(400e9)},
	}
	for _, tt := range tests {
		if got := tt.group.count(0, tt.before, tt.after); show(got) != show(tt.want) {
			t.Errorf("%s: %s, want %s", tt.name, show(got), show(tt.want))
		}
	}
}
