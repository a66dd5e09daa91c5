//go:build linux

package uringzc

import (
	"errors"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// aloneEnv is set in a process that has one test to run.
const aloneEnv = "URINGZC_TEST_ALONE"

// isAlone reports whether this process was made for this test.
func isAlone() bool { return os.Getenv(aloneEnv) != "" }

// alone is this binary again with only this test to run. The process dies with
// the thread that starts it, which the goroutine is locked to from here on.
func alone(t *testing.T, cloneFlags uintptr) *exec.Cmd {
	runtime.LockOSThread()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe",
		"-test.run=^"+regexp.QuoteMeta(t.Name())+"$", "-test.v", "-test.timeout=1m")
	// The race detector sleeps for a second at the end, unless told not to.
	cmd.Env = append(os.Environ(), aloneEnv+"=1", "GORACE="+os.Getenv("GORACE")+" atexit_sleep_ms=0")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: cloneFlags, Pdeathsig: syscall.SIGKILL}
	return cmd
}

// inProcess runs a test in a process of its own, in which it may do what can't
// be undone.
func inProcess(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	if isAlone() {
		test(t)
		return
	}
	runAlone(t, alone(t, 0))
}

// runAlone runs a process that alone made, whose test passes, fails or is
// skipped as this one then is.
func runAlone(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	switch exit := (*exec.ExitError)(nil); {
	case errors.As(err, &exit):
		t.Fatalf("in a process of its own: %v\n%s", err, out)
	case err != nil && cmd.SysProcAttr.Cloneflags&unix.CLONE_NEWNET != 0:
		t.Skip("this machine grants no network namespace:", err)
	case err != nil:
		t.Fatal(err)
	case strings.Contains(string(out), "--- SKIP: "+t.Name()+" "):
		t.Skipf("in a process of its own:\n%s", out)
	case !strings.Contains(string(out), "--- PASS: "+t.Name()+" "):
		t.Fatalf("the test didn't run in a process of its own:\n%s", out)
	}
	t.Logf("in a process of its own:\n%s", out)
}

// becomeNobody gives up root, if we are, for the rest of the process.
func becomeNobody(t *testing.T) {
	t.Helper()
	if err := becomeOrdinary(); err != nil {
		t.Skip(err)
	}
}
