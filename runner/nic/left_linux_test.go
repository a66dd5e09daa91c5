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

// TestRestoreRenamed renames a device under a lease. One without a permanent address
// isn't known by its index alone, until it has its name again.
func TestRestoreRenamed(t *testing.T) {
	dev, _ := veth(t)
	l := lease(t, dev)
	before := stateOf(t, dev)
	if _, err := l.Apply(mustParse(t, "mtu=9000")); err != nil {
		t.Fatal(err)
	}
	link := linkOf(t, dev)
	if err := netlink.LinkSetName(link, "veth-c"); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); !errors.Is(err, unix.ENODEV) {
		t.Errorf("Close: %v, want ENODEV", err)
	}
	left, err := leftIn(filepath.Dir(l.journal.Path))
	if err != nil || len(left) != 1 || !errors.Is(left[0].Stale, ErrGone) {
		t.Fatalf("left %+v, %v; want one journal of a device that is gone", left, err)
	}
	if err := left[0].Restore(); !errors.Is(err, ErrGone) || !strings.Contains(err.Error(), vethName) || !strings.Contains(err.Error(), "veth-c") {
		t.Errorf("Restore: %v, want ErrGone with both names", err)
	}
	if err := netlink.LinkSetName(link, vethName); err != nil {
		t.Fatal(err)
	}
	if left, err = leftIn(filepath.Dir(l.journal.Path)); err != nil || len(left) != 1 {
		t.Fatalf("left %+v, %v; want one journal", left, err)
	}
	if err := left[0].Restore(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, stateOf(t, dev)); diff != "" {
		t.Errorf("restored (-before +after):\n%s", diff)
	}
}

// TestRestoreReplaced gives the index of a device that a run left changed to another
// one, which is like it in all but one thing: that is left alone.
func TestRestoreReplaced(t *testing.T) {
	for _, tt := range []struct {
		differs, says string
		edit          func(attrs *netlink.LinkAttrs) (bridge bool)
	}{
		{"name", "veth-c has its index", func(attrs *netlink.LinkAttrs) bool { attrs.Name = "veth-c"; return false }},
		{"address", "has the address", func(attrs *netlink.LinkAttrs) bool { attrs.HardwareAddr = nil; return false }},
		{"kind", "is a bridge, and veth-a was a veth", func(*netlink.LinkAttrs) bool { return true }},
	} {
		t.Run(tt.differs, func(t *testing.T) {
			dev, _ := veth(t)
			l := lease(t, dev)
			if _, err := l.Apply(mustParse(t, "mtu=9000")); err != nil {
				t.Fatal(err)
			}
			was := linkOf(t, dev).Attrs()
			if err := errors.Join(l.lock.release(), netlink.LinkDel(linkOf(t, dev))); err != nil {
				t.Fatal(err)
			}
			attrs := netlink.NewLinkAttrs()
			attrs.Index, attrs.Name, attrs.HardwareAddr = was.Index, was.Name, was.HardwareAddr
			var other netlink.Link
			if tt.edit(&attrs) {
				other = &netlink.Bridge{LinkAttrs: attrs}
			} else {
				other = &netlink.Veth{LinkAttrs: attrs, PeerName: peerName}
			}
			if err := netlink.LinkAdd(other); err != nil {
				t.Fatal(err)
			}
			defer netlink.LinkDel(other)
			replaced, err := Open(attrs.Name)
			if err != nil {
				t.Fatal(err)
			}
			defer replaced.Close()
			before := stateOf(t, replaced)
			// As if it had been found before the other came.
			if err := l.journal.Restore(); !errors.Is(err, ErrGone) || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("Restore: %v, want one line with ErrGone and %q", err, tt.says)
			}
			if diff := cmp.Diff(before, stateOf(t, replaced)); diff != "" {
				t.Errorf("changed (-before +after):\n%s", diff)
			}
		})
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
