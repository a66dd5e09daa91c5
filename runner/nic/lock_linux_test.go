package nic

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestLockSquatted has another user's process take a device's lock: it is told by its
// name, number and user, and what to do.
func TestLockSquatted(t *testing.T) {
	dev, _ := veth(t)
	if err := os.Chown(t.TempDir(), 65534, -1); err != nil {
		t.Skip("there is no other user here:", err)
	}
	cmd, stdin := squatter(t, dev, 65534)
	err := begin(t, cmd, "squatting", func(process *os.Process) {
		defer stdin.Close()
		_, err := dev.Lease(LeaseOptions{Dir: t.TempDir()})
		busy := new(BusyError)
		if !errors.As(err, &busy) || busy.PID != process.Pid || busy.UID != 65534 || busy.Command == "" || !busy.Stranger() {
			t.Fatalf("got %v, want a BusyError of process %d of user 65534", err, process.Pid)
		}
		if !strings.Contains(err.Error(), "of user 65534, who is neither root nor user 0: end that process") {
			t.Errorf("says %v", err)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

// squatter is a process of a user's that takes the lock of a device.
func squatter(t *testing.T, dev *Device, uid uint32) (cmd *exec.Cmd, stdin io.Closer) {
	t.Helper()
	cmd = role(t, "squat", t.TempDir(), strconv.Itoa(dev.index))
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	return cmd, stdin
}

// TestLockSilent has the lock taken by who doesn't answer: bound and not listening, or
// listening and accepting nobody.
func TestLockSilent(t *testing.T) {
	dev, _ := veth(t)
	for name, listens := range map[string]bool{"bound": false, "listening": true} {
		t.Run(name, func(t *testing.T) {
			address := &unix.SockaddrUnix{Name: lockName(dev.index).Name}
			socket := func() int {
				fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { unix.Close(fd) })
				return fd
			}
			fd := socket()
			if err := unix.Bind(fd, address); err != nil {
				t.Fatal(err)
			}
			if listens {
				if err := unix.Listen(fd, 0); err != nil {
					t.Fatal(err)
				}
				for err := error(nil); err == nil; {
					if err = unix.Connect(socket(), address); err != nil && !errors.Is(err, unix.EAGAIN) {
						t.Fatal(err)
					}
				}
			}
			_, err := takeLock(dev.Name(), dev.index)
			if busy := new(BusyError); !errors.As(err, &busy) || busy.PID != 0 || busy.UID != -1 || !strings.Contains(err.Error(), "grep "+address.Name) {
				t.Errorf("got %v, want a BusyError of nobody, and how to find who it is", err)
			}
		})
	}
}
