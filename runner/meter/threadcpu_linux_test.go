package meter

import (
	"errors"
	"math"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// spin uses the calling thread's CPU until its clock has gone on by ns.
func spin(t *testing.T, ns int64) {
	t.Helper()
	begin := ThreadCPU()
	deadline := time.Now().Add(10 * time.Second)
	for ThreadCPU()-begin < ns {
		if time.Now().After(deadline) {
			t.Fatal("the thread's CPU clock stands still")
		}
	}
}

func TestThreadCPU(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := ThreadCPU()
	spin(t, int64(time.Millisecond))
	if spent := ThreadCPU() - before; spent < int64(time.Millisecond) {
		t.Errorf("spent %d ns, want a millisecond and more", spent)
	}
}

// TestTaskCPU reads a thread's clock from within and from another thread: a
// reading from outside lies between two from within.
func TestTaskCPU(t *testing.T) {
	tids, readings, read := make(chan int), make(chan int64), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		tids <- unix.Gettid()
		readings <- ThreadCPU()
		<-read
		readings <- ThreadCPU()
	}()
	tid := <-tids
	before := <-readings
	outside, err := TaskCPU(tid)
	close(read)
	after := <-readings
	if err != nil {
		t.Fatal(err)
	}
	if outside < before || outside > after {
		t.Errorf("from outside %d ns, from within %d before and %d after", outside, before, after)
	}
}

func TestTaskCPURefuses(t *testing.T) {
	for _, tid := range []int{-1, 0, maxTID + 1, math.MaxInt} {
		if _, err := TaskCPU(tid); err == nil {
			t.Errorf("thread id %d was taken", tid)
		}
	}
	// Thread 1 belongs to another process, unless this is the first of a
	// namespace.
	if unix.Getpid() != 1 {
		if _, err := TaskCPU(1); !errors.Is(err, unix.EINVAL) {
			t.Errorf("another process's thread: %v, want EINVAL", err)
		}
	}
}

// TestReadingsAllocateNothing holds the readings around a trial to what doesn't
// disturb it.
func TestReadingsAllocateNothing(t *testing.T) {
	other := &KernelThreads{clocks: []int32{processClock(unix.Getpid()), processClock(unix.Getppid())}}
	tests := []struct {
		name string
		most float64
		read func() error
	}{
		{"ThreadCPU", 0, func() error { ThreadCPU(); return nil }},
		{"TaskCPU", 0, func() error { _, err := TaskCPU(unix.Getpid()); return err }},
		{"ProcessCPU", 0, func() error { ProcessCPU(); return nil }},
		{"KernelThreads", 0, func() error { _, err := other.CPU(); return err }},
		// The path, and under the race detector the buffer.
		{"MachineBusy", 2, func() error { _, err := MachineBusy(); return err }},
	}
	for _, tt := range tests {
		var err error
		if n := testing.AllocsPerRun(100, func() { err = tt.read() }); n > tt.most || err != nil {
			t.Errorf("%s: %g allocations, %v; want at most %g", tt.name, n, err, tt.most)
		}
	}
}

func BenchmarkThreadCPU(b *testing.B) {
	for b.Loop() {
		ThreadCPU()
	}
}

func BenchmarkTaskCPU(b *testing.B) {
	tid := unix.Getpid() // the first thread
	for b.Loop() {
		if _, err := TaskCPU(tid); err != nil {
			b.Fatal(err)
		}
	}
}
