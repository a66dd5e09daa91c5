package nic

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// lease leases a device with its state in a directory of the test's.
func lease(t *testing.T, dev *Device) *Lease {
	t.Helper()
	l, err := dev.Lease(LeaseOptions{Dir: filepath.Join(t.TempDir(), "deep", "state")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.lock.release() })
	return l
}

// TestLeaseEverySetting changes each setting that a veth has, alone, and sees it
// changed, and put back by undo and by Close.
func TestLeaseEverySetting(t *testing.T) {
	dev := vethOf(t, 2)
	up(t, dev)
	before := fullState(t, dev)
	o, err := dev.Show()
	if err != nil {
		t.Fatal(err)
	}
	changed := 0
	for _, k := range o.Settings {
		if k.Fixed {
			continue
		}
		profile := mustParse(t, Setting{k.Name, otherValue(t, k)}.String())
		for _, byUndo := range []bool{true, false} {
			l := lease(t, dev)
			undo, err := l.Apply(profile)
			if err != nil {
				t.Errorf("%s: %v", profile, err)
				break
			}
			if got := valueOf(t, dev, k.Name); got != otherValue(t, k) {
				t.Errorf("%s: it is %s", profile, got)
			}
			if diff := cmp.Diff(before, fullState(t, dev)); diff == "" {
				t.Errorf("%s changes nothing", profile)
			}
			if byUndo {
				if err := undo(); err != nil {
					t.Errorf("%s: undo: %v", profile, err)
				}
				if diff := cmp.Diff(before, fullState(t, dev)); diff != "" {
					t.Errorf("%s: undo left (-before +after):\n%s", profile, diff)
				}
			}
			for range 2 {
				if err := l.Close(); err != nil {
					t.Errorf("%s: %v", profile, err)
				}
			}
			if diff := cmp.Diff(before, fullState(t, dev)); diff != "" {
				t.Errorf("%s: Close left (-before +after):\n%s", profile, diff)
			}
			if files, err := os.ReadDir(filepath.Dir(l.journal.Path)); err != nil || len(files) != 0 {
				t.Errorf("%s: Close left %v, %v", profile, files, err)
			}
			changed++
		}
	}
	t.Logf("%d settings changed and put back", changed/2)
	if changed < 40 {
		t.Errorf("only %d settings were changed", changed/2)
	}
}

// otherValue is one that a setting doesn't have.
func otherValue(t *testing.T, k Knob) string {
	t.Helper()
	if k.Name == qdiscSetting {
		return "pfifo"
	}
	for _, choice := range k.Choices {
		if choice != k.Value {
			return choice
		}
	}
	now, err := strconv.ParseInt(k.Value, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if now > *k.Least+1 {
		return strconv.FormatInt(now-1, 10)
	}
	return strconv.FormatInt(now+1, 10)
}

func valueOf(t *testing.T, dev *Device, name string) string {
	t.Helper()
	o, err := dev.Show()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range o.Settings {
		if k.Name == name {
			return k.Value
		}
	}
	return ""
}

// TestLeaseNotes reads the journal while a profile is applied.
func TestLeaseNotes(t *testing.T) {
	dev, _ := veth(t)
	l := lease(t, dev)
	dir := filepath.Dir(l.journal.Path)
	before := stateOf(t, dev)
	if _, err := l.Apply(Profile{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the default profile is noted: %v", err)
	}
	for _, profile := range []string{"mtu=9000", "txqueuelen=5", "qdisc=pfifo"} {
		if _, err := l.Apply(mustParse(t, profile)); err != nil {
			t.Fatal(err)
		}
		left, err := leftIn(dir)
		if err != nil || len(left) != 1 {
			t.Fatalf("journals %+v, %v; want one", left, err)
		}
		j := left[0]
		if j.Profile != profile || j.Device != dev.Name() || j.PID != os.Getpid() || j.Written.IsZero() || j.Stale != nil {
			t.Errorf("journal %+v, want %s on %s", j, profile, dev.Name())
		}
		if j.Running == nil || j.Running.PID != os.Getpid() {
			t.Errorf("the run is %+v, want this process", j.Running)
		}
		if diff := cmp.Diff(before, j.Before); diff != "" {
			t.Errorf("%s: journalled (-before +journal):\n%s", profile, diff)
		}
		if err := j.Restore(); !errors.As(err, new(*BusyError)) {
			t.Errorf("restored under a lease: %v", err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Apply(mustParse(t, "mtu=9000")); err == nil {
		t.Error("applied by a lease that is closed")
	}
	if diff := cmp.Diff(before, stateOf(t, dev)); diff != "" {
		t.Errorf("left (-before +after):\n%s", diff)
	}
}

// TestLeaseAlone holds that one process has a device, wherever it keeps its
// journal, and that a second one is told which.
func TestLeaseAlone(t *testing.T) {
	dev, _ := veth(t)
	state := t.TempDir()
	cmd, stdin := holder(t, state, dev.Name(), "mtu=9000")
	err := begin(t, cmd, "holding", func(process *os.Process) {
		_, err := dev.Lease(LeaseOptions{Dir: t.TempDir()})
		busy := new(BusyError)
		if !errors.As(err, &busy) || busy.PID != process.Pid || busy.Device != dev.Name() || busy.Command == "" {
			t.Errorf("a second lease: %v, want a BusyError that names process %d", err, process.Pid)
		}
		stdin.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := lease(t, dev).Close(); err != nil {
		t.Errorf("a lease after the first one's end: %v", err)
	}
}

// TestLeaseWithoutPermission has a journal's directory that can't be made, and no
// right to change a device: a line each, and nothing is changed.
func TestLeaseWithoutPermission(t *testing.T) {
	dev, _ := veth(t)
	before := stateOf(t, dev)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := dev.Lease(LeaseOptions{Dir: filepath.Join(file, "below")})
	if err == nil {
		_, err = l.Apply(mustParse(t, "mtu=9000"))
		l.Close()
	}
	if !errors.Is(err, unix.ENOTDIR) || strings.Contains(err.Error(), "\n") {
		t.Errorf("without a directory: %v, want one line with ENOTDIR", err)
	}

	l = lease(t, dev)
	err = onLostThread(func() error {
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var none [2]unix.CapUserData // the header's version takes two
		if err := unix.Capset(&header, &none[0]); err != nil {
			return err
		}
		_, err := l.Apply(mustParse(t, "qdisc=pfifo"))
		return err
	})
	if !errors.Is(err, unix.EPERM) || !strings.Contains(err.Error(), "CAP_NET_ADMIN") {
		t.Errorf("without capabilities: %v, want EPERM and the capability's name", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(before, stateOf(t, dev)); diff != "" {
		t.Errorf("left (-before +after):\n%s", diff)
	}
}

// TestLeaseElsewhere leases from a thread in another network namespace, where the
// lock would be another one.
func TestLeaseElsewhere(t *testing.T) {
	dev, _ := veth(t)
	err := onLostThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return err
		}
		_, err := dev.Lease(LeaseOptions{Dir: t.TempDir()})
		return err
	})
	if !errors.Is(err, ErrElsewhere) {
		t.Errorf("got %v, want ErrElsewhere", err)
	}
}
