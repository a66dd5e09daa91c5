package link_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"sendbench/runner/link"
	"sendbench/runner/link/linktest"
)

func TestIsolateExitCode(t *testing.T) {
	linktest.Need(t)
	for name, want := range map[string]int{"exit": 7, "die": 128 + 9} {
		err := play(t, name).Run()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != want {
			t.Errorf("%s: got %v, want exit code %d", name, err, want)
		}
	}
}

func TestIsolateTwice(t *testing.T) {
	linktest.Need(t)
	if _, err := link.Isolate(); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("got %v, want an error that says it is isolated already", err)
	}
}

func TestIsolateWithoutInside(t *testing.T) {
	linktest.Need(t)
	out, err := play(t, "silent").Output()
	if err != nil || !strings.Contains(string(out), "before it called Inside") {
		t.Errorf("got %q, %v", out, err)
	}
}

// A signal to the process outside reaches the one inside, and one that reaches
// both, as a terminal's, does no harm.
func TestIsolateForwardsSignals(t *testing.T) {
	linktest.Need(t)
	for _, s := range []unix.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT} {
		for _, group := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/group=%t", unix.SignalName(s), group), func(t *testing.T) {
				cmd := play(t, "wait")
				cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
				firstLine(t, cmd)
				pid := cmd.Process.Pid
				if group {
					pid = -pid
				}
				if err := unix.Kill(pid, s); err != nil {
					t.Fatal(err)
				}
				err := cmd.Wait()
				var exit *exec.ExitError
				if !errors.As(err, &exit) || exit.ExitCode() != 40+int(s) {
					t.Errorf("got %v, want exit code %d", err, 40+int(s))
				}
			})
		}
	}
}

// Killing the process outside, which can't pass that on, ends the one inside;
// its namespaces, and the devices in them, go with their last process.
func TestKillLeavesNothing(t *testing.T) {
	linktest.Need(t)
	cmd := play(t, "hold")
	inside, err := strconv.Atoi(firstLine(t, cmd))
	if err != nil {
		t.Fatal(err)
	}
	handle, err := unix.PidfdOpen(inside, 0)
	if err != nil {
		t.Fatal(os.NewSyscallError("pidfd_open", err))
	}
	defer unix.Close(handle)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // reports the kill
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(handle), Events: unix.POLLIN}}, int(settleTimeout.Milliseconds()))
	if n != 1 || err != nil {
		unix.Kill(inside, unix.SIGKILL)
		t.Errorf("the process inside is alive after that outside was killed (%v)", err)
	}
}

// firstLine starts cmd and returns the first line that it prints.
func firstLine(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil && err != io.EOF {
		t.Fatal(err)
	}
	if line == "" {
		t.Fatalf("no output: %v", cmd.Wait())
	}
	return strings.TrimSpace(line)
}

func TestInside(t *testing.T) {
	linktest.Need(t)
	var st syscall.Stat_t
	if err := syscall.Stat("/proc/self/ns/net", &st); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, value, want string }{
		{"child", os.Getenv(marker), "true"},
		{"no marker", "", "false"},
		{"of another namespace", `{"how":"network namespace","inside":1}`, "false"},
		{"not meant for it", fmt.Sprintf(`{"how":"network namespace","outside":%d,"report":3,"life":4}`, st.Ino), "false"},
		{"without descriptors", `{"how":"network namespace","outside":1}`, "false"},
		{"damaged", "{", "false"},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := play(t, "inside", marker+"="+test.value).Output()
			if got := strings.TrimSpace(string(out)); err != nil || got != test.want {
				t.Errorf("got %s, %v, want %s", got, err, test.want)
			}
		})
	}
}

// The settings that forbid namespaces are set in a user namespace of the
// test's own.
func TestIsolateRefused(t *testing.T) {
	linktest.Need(t)
	for name, want := range map[string]string{
		"full-users":    "user.max_user_namespaces is 0",
		"full-networks": "user.max_net_namespaces is 0",
	} {
		t.Run(name, func(t *testing.T) {
			cmd := play(t, name)
			cmd.SysProcAttr = &syscall.SysProcAttr{
				Cloneflags:  unix.CLONE_NEWUSER,
				UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
				GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
			}
			out, err := cmd.Output()
			if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSPC) {
				t.Skipf("no user namespace here: %v", err)
			}
			if err != nil || !strings.Contains(string(out), want) {
				t.Errorf("got %q, %v, want %q", out, err, want)
			}
		})
	}
}
