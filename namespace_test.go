//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
	"sendbench/runner/link"
	"sendbench/runner/results"
)

// namespaceRefusal is why the command can't have a network namespace here, nil
// where it can.
var namespaceRefusal = sync.OnceValue(func() error {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(outsideEnviron(), roleEnv+"=isolate")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("needs a network namespace: %s", strings.TrimSpace(string(out)))
	}
	return nil
})

func isolate() error {
	if link.Inside() {
		return nil
	}
	_, err := link.Isolate()
	return err
}

// commandWithout becomes the command where a setting of the user namespace, in
// which this process is alone, forbids what it counts.
func commandWithout(setting string, prepare func() error) error {
	if err := os.WriteFile("/proc/sys/user/"+setting, []byte("0"), 0); err != nil {
		return err
	}
	runtime.LockOSThread() // execve(2) keeps what this thread has
	if prepare != nil {
		if err := prepare(); err != nil {
			return err
		}
	}
	if err := os.Unsetenv(roleEnv); err != nil {
		return err
	}
	args := append([]string{"sendbench"}, os.Args[1:]...)
	return os.NewSyscallError("execve", unix.Exec("/proc/self/exe", args, os.Environ()))
}

// dropCapabilities takes care that the program executed next has none.
func dropCapabilities() error {
	for capability := uintptr(0); capability <= unix.CAP_LAST_CAP; capability++ {
		// EINVAL is a capability that this kernel hasn't yet.
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, capability, 0, 0, 0); err != nil && err != unix.EINVAL {
			return os.NewSyscallError("prctl", err)
		}
	}
	return nil
}

// forbidden prepares the command where a role forbids namespaces.
func forbidden(t *testing.T, role string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(outsideEnviron(), roleEnv+"="+role)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
	}
	return cmd
}

// TestFallback: where the machine forbids namespaces a run measures on loopback,
// says so first of all, and names the setting.
func TestFallback(t *testing.T) {
	for role, setting := range map[string]string{
		"no-user-namespaces": "user.max_user_namespaces is 0",
		"no-net-namespaces":  "user.max_net_namespaces is 0",
	} {
		t.Run(role, func(t *testing.T) {
			cmd := forbidden(t, role, append(short, "--out", "r.jsonl")...)
			stdout, stderr := capture(cmd)
			err := cmd.Run()
			if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSPC) {
				t.Skipf("no user namespace here to forbid things in: %v", err)
			}
			if err != nil {
				t.Fatalf("%v: %s", err, stderr)
			}
			line, rest, _ := strings.Cut(stderr.String(), "\n")
			if strings.Count(rest, "\n") != 2 || !strings.HasPrefix(line, "sendbench: measuring on loopback") || !strings.Contains(line, setting) {
				t.Errorf("says %q, want a first line that names %s, what is measured and where the record is", stderr, setting)
			}
			if !strings.Contains(stdout.String(), "loopback") {
				t.Errorf("the summary doesn't name loopback:\n%s", stdout)
			}
			rec := readRun(t, cmd)
			if l := rec.Run.Environment.Link; l.Name != link.Loopback || !strings.Contains(l.FellBack, setting) || strings.Contains(l.FellBack, "link:") {
				t.Errorf("the record has link %s, fell back because %q", l.Name, l.FellBack)
			}
			var notifications int64
			for _, trial := range rec.Trials {
				if trial.Error != "" || trial.Copied != trial.Notifications {
					t.Errorf("%s: %d notifications, %d copied, error %q", trial.Cell.Strategy, trial.Notifications, trial.Copied, trial.Error)
				}
				notifications += trial.Notifications
			}
			if notifications == 0 || rec.End == nil || rec.End.Status != results.StatusComplete {
				t.Errorf("%d notifications in all, end %+v", notifications, rec.End)
			}
		})
	}
}

// TestPairNeedsNamespace: what was asked for by name is not replaced.
func TestPairNeedsNamespace(t *testing.T) {
	cmd := forbidden(t, "no-user-namespaces", append(short, "--link", "pair", "--out", "r.jsonl")...)
	stdout, stderr := capture(cmd)
	err := cmd.Run()
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSPC) {
		t.Skipf("no user namespace here to forbid things in: %v", err)
	}
	const want = "sendbench: the pair link needs a network namespace of its own: "
	if code := cmd.ProcessState.ExitCode(); code != exitFailed || strings.Count(stderr.String(), "\n") != 1 || !strings.HasPrefix(stderr.String(), want) {
		t.Errorf("exit code %d, says %q; want %d and one line %q…", code, stderr, exitFailed, want)
	}
	if left, err := os.ReadDir(cmd.Dir); stdout.Len() != 0 || len(left) != 0 || err != nil {
		t.Errorf("left %v, printed %q (%v)", left, stdout, err)
	}
}
