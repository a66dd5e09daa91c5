package meter

import (
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestProcessCPU has another thread work and end: its time stays the process's.
func TestProcessCPU(t *testing.T) {
	others := otherThreads(t)
	spent := make(chan int64)
	go func() {
		runtime.LockOSThread() // the thread ends with its goroutine
		begin := ThreadCPU()
		spin(t, int64(5*time.Millisecond))
		spent <- ThreadCPU() - begin
	}()
	others(<-spent)
}

// otherThreads locks the test to its thread. What it returns waits until the
// process has spent ns and more since, beside what this thread has: a thread that
// runs is counted up to the last tick alone.
func otherThreads(t *testing.T) func(ns int64) {
	t.Helper()
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	process, own := ProcessCPU(), ThreadCPU()
	return func(ns int64) {
		t.Helper()
		deadline := time.Now().Add(10 * time.Second)
		for {
			// The process first: what this thread does between isn't taken for others'.
			spent := ProcessCPU() - process
			spent -= ThreadCPU() - own
			if spent >= ns {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("other threads of the process spent %d ns, want %d", spent, ns)
			}
		}
	}
}

const (
	childVariable = "SENDBENCH_METER_CHILD"
	childPrefix   = "CPU time "
)

// TestProcessClock reads the clock of another process from outside, between two
// readings from within.
func TestProcessClock(t *testing.T) {
	if os.Getenv(childVariable) != "" {
		spin(t, int64(time.Millisecond))
		os.Stdout.WriteString("\n" + childPrefix + strconv.FormatInt(ProcessCPU(), 10) + "\n")
		if _, err := io.ReadAll(os.Stdin); err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("\n" + childPrefix + strconv.FormatInt(ProcessCPU(), 10) + "\n")
		return
	}
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.timeout=1m", "-test.run=^TestProcessClock$")
	cmd.Env = append(os.Environ(), childVariable+"=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	before := childReading(t, stdout)
	var ts unix.Timespec
	// A thread of the child that is running yet is counted up to its last tick.
	deadline := time.Now().Add(10 * time.Second)
	for err = unix.ClockGettime(processClock(cmd.Process.Pid), &ts); err == nil && ts.Nano() < before && time.Now().Before(deadline); {
		err = unix.ClockGettime(processClock(cmd.Process.Pid), &ts)
	}
	if err != nil {
		t.Errorf("another process's clock: %v", err)
	}
	if err := stdin.Close(); err != nil {
		t.Error(err)
	}
	after := childReading(t, stdout)
	if _, err := io.Copy(io.Discard, stdout); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the child: %v", err)
	}
	if ts.Nano() < before || ts.Nano() > after {
		t.Errorf("from outside %d ns, from within %d before and %d after", ts.Nano(), before, after)
	}
}

// childReading waits for the child's next reading, a line.
func childReading(t *testing.T, r io.Reader) int64 {
	t.Helper()
	var line strings.Builder
	for b := make([]byte, 1); ; {
		if _, err := r.Read(b); err != nil {
			t.Fatal("the child's reading:", err)
		}
		if b[0] != '\n' {
			line.WriteByte(b[0])
			continue
		}
		if number, ok := strings.CutPrefix(line.String(), childPrefix); ok {
			ns, err := strconv.ParseInt(number, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return ns
		}
		line.Reset()
	}
}
