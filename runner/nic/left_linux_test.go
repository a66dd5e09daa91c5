package nic

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// holder is a process that holds on to a device until it is killed or stdin is
// closed.
func holder(t *testing.T, state, device, profile string) (cmd *exec.Cmd, stdin io.Closer) {
	t.Helper()
	cmd = role(t, "hold", state, device, profile)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	return cmd, stdin
}

// TestLeaseLeft holds that a device which a killed run left changed isn't leased:
// its state isn't the one to go back to.
func TestLeaseLeft(t *testing.T) {
	dev, _ := veth(t)
	before := stateOf(t, dev)
	state := t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	cmd, _ := holder(t, state, dev.Name(), "mtu=9000")
	begin(t, cmd, "holding", func(process *os.Process) { kill(t, process, unix.SIGKILL) })

	_, err := dev.Lease(LeaseOptions{})
	left := new(LeftError)
	if !errors.As(err, &left) || left.Journal.PID != cmd.Process.Pid || !strings.Contains(err.Error(), "nic restore") {
		t.Errorf("a lease on what was left: %v, want a LeftError of process %d", err, cmd.Process.Pid)
	}
	journals, err := Left()
	if err != nil || len(journals) != 1 {
		t.Fatalf("left %+v, %v; want one journal", journals, err)
	}
	if err := journals[0].Restore(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, stateOf(t, dev)); diff != "" {
		t.Errorf("restored (-before +after):\n%s", diff)
	}
	if err := journals[0].Restore(); err != nil {
		t.Errorf("restored once more: %v", err)
	}
	l, err := dev.Lease(LeaseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// TestLeaseDeviceGone deletes the device under a lease: one line, and the journal
// stays until it is given up.
func TestLeaseDeviceGone(t *testing.T) {
	dev, _ := veth(t)
	l := lease(t, dev)
	undo, err := l.Apply(mustParse(t, "mtu=9000"))
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.LinkDel(linkOf(t, dev)); err != nil {
		t.Fatal(err)
	}
	if err := undo(); !errors.Is(err, unix.ENODEV) {
		t.Errorf("undo: %v, want ENODEV", err)
	}
	if _, err := l.Apply(mustParse(t, "mtu=1400")); !errors.Is(err, unix.ENODEV) {
		t.Errorf("Apply: %v, want ENODEV", err)
	}
	if err := l.Close(); !errors.Is(err, unix.ENODEV) || strings.Contains(err.Error(), "\n") {
		t.Errorf("Close: %v, want one line with ENODEV", err)
	}
	left, err := leftIn(filepath.Dir(l.journal.Path))
	if err != nil || len(left) != 1 || !errors.Is(left[0].Stale, ErrGone) {
		t.Fatalf("left %+v, %v; want one journal of a device that is gone", left, err)
	}
	if err := left[0].Restore(); !errors.Is(err, ErrGone) {
		t.Errorf("Restore: %v, want ErrGone", err)
	}
	if err := left[0].Forget(); err != nil {
		t.Error(err)
	}
	if left, err := leftIn(filepath.Dir(l.journal.Path)); err != nil || len(left) != 0 {
		t.Errorf("after Forget: %+v, %v", left, err)
	}
}

// TestRestoreRenamed puts a device back that has another name by now.
func TestRestoreRenamed(t *testing.T) {
	dev, _ := veth(t)
	l := lease(t, dev)
	before := stateOf(t, dev).Numbers
	if _, err := l.Apply(mustParse(t, "mtu=9000")); err != nil {
		t.Fatal(err)
	}
	if err := netlink.LinkSetName(linkOf(t, dev), "veth-c"); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); !errors.Is(err, unix.ENODEV) {
		t.Errorf("Close: %v, want ENODEV", err)
	}
	left, err := leftIn(filepath.Dir(l.journal.Path))
	if err != nil || len(left) != 1 || left[0].Device != "veth-c" {
		t.Fatalf("left %+v, %v; want one journal of veth-c", left, err)
	}
	if err := left[0].Restore(); err != nil {
		t.Fatal(err)
	}
	renamed, err := Open("veth-c")
	if err != nil {
		t.Fatal(err)
	}
	defer renamed.Close()
	if diff := cmp.Diff(before, stateOf(t, renamed).Numbers); diff != "" {
		t.Errorf("restored (-before +after):\n%s", diff)
	}
}

// TestLeftElsewhere finds the journal of another network namespace, of a time
// before the machine was started, and of a run that is alive.
func TestLeftElsewhere(t *testing.T) {
	dev, _ := veth(t)
	l := lease(t, dev)
	if _, err := l.Apply(mustParse(t, "mtu=9000")); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(l.journal.Path)
	earlier := l.journal
	earlier.Boot = "00000000-0000-4000-8000-000000000000"
	earlier.Path = filepath.Join(dir, journalName(earlier.Boot, earlier.Cookie, earlier.Index))
	if err := earlier.write(); err != nil {
		t.Fatal(err)
	}
	left, err := leftIn(dir)
	if err != nil || len(left) != 2 || !errors.Is(left[0].Stale, ErrRestarted) || left[1].Stale != nil || left[1].Running == nil {
		t.Errorf("left %+v, %v; want one of an earlier time and one that runs", left, err)
	}
	err = onLostThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return err
		}
		left, err = leftIn(dir)
		return err
	})
	if err != nil || len(left) != 2 || !errors.Is(left[1].Stale, ErrElsewhere) {
		t.Errorf("from another namespace: left %+v, %v; want one of elsewhere", left, err)
	} else if err := left[1].Restore(); !errors.Is(err, ErrElsewhere) {
		t.Errorf("Restore: %v, want ErrElsewhere", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// TestLockGoesWithProcess holds that nothing of a lock outlives who had it.
func TestLockGoesWithProcess(t *testing.T) {
	dev, _ := veth(t)
	cmd, _ := holder(t, t.TempDir(), dev.Name(), "default")
	err := begin(t, cmd, "holding", func(process *os.Process) { kill(t, process, unix.SIGKILL) })
	if !errors.As(err, new(*exec.ExitError)) {
		t.Fatalf("ended with %v, want a kill", err)
	}
	if busy, err := lockHolder(dev.Name(), dev.index); busy != nil || err != nil {
		t.Errorf("locked by %+v, %v", busy, err)
	}
}
