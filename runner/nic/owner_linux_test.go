package nic

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestJournalOwner has a journal, or its directory, that others could have written: a
// line says so, nothing is read from it, and nothing is changed that would be noted
// there.
func TestJournalOwner(t *testing.T) {
	const other = 65534
	dev, _ := veth(t)
	for _, tt := range []struct {
		name, says string
		dir        bool // the line is of the directory
		spoil      func(file, dir string) error
	}{
		{"file for the group", "(mode 0620)", false, func(file, _ string) error { return os.Chmod(file, 0o620) }},
		{"file for others", "(mode 0602)", false, func(file, _ string) error { return os.Chmod(file, 0o602) }},
		{"file of another's", "belongs to user 65534", false, func(file, _ string) error { return os.Chown(file, other, -1) }},
		{"directory for the group", "(mode 0770)", true, func(_, dir string) error { return os.Chmod(dir, 0o770) }},
		{"directory for others", "(mode 0777)", true, func(_, dir string) error { return os.Chmod(dir, 0o777|os.ModeSticky) }},
		{"directory of another's", "belongs to user 65534", true, func(_, dir string) error { return os.Chown(dir, other, -1) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "state")
			l, err := dev.Lease(LeaseOptions{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			before := stateOf(t, dev)
			if _, err := l.Apply(mustParse(t, "mtu=9000")); err != nil {
				t.Fatal(err)
			}
			err = tt.spoil(l.journal.Path, dir)
			if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EINVAL) {
				defer l.Close()
				t.Skip("there is no other user here:", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			refused := func(what string, err error) {
				t.Helper()
				if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\n") {
					t.Errorf("%s: %v, want one line with %q", what, err, tt.says)
				}
			}
			left, err := leftIn(dir)
			refused("Left", err)
			if len(left) != 0 {
				t.Errorf("left %+v, want none", left)
			}
			_, err = l.Apply(mustParse(t, "txqueuelen=5"))
			if tt.dir {
				refused("Apply", err)
			} else if err != nil {
				t.Error(err) // it replaces the file
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			if after := stateOf(t, dev); len(after.differences(before)) > 0 {
				t.Errorf("%v differ", after.differences(before))
			}
		})
	}
}

// TestLeaseOnAnothers holds that what another user wrote keeps a device from being
// leased, and isn't restored.
func TestLeaseOnAnothers(t *testing.T) {
	dev, _ := veth(t)
	l := lease(t, dev)
	j := l.journal
	j.Before, j.Profile = stateOf(t, dev), Profile{}.String()
	j.Before.Numbers["mtu"] = 9000
	j.Path = filepath.Join(t.TempDir(), filepath.Base(j.Path))
	if err := errors.Join(j.write(), os.Chmod(j.Path, 0o666), l.Close()); err != nil {
		t.Fatal(err)
	}
	before := stateOf(t, dev)
	for what, do := range map[string]func() error{
		"Lease":   func() error { _, err := dev.Lease(LeaseOptions{Dir: filepath.Dir(j.Path)}); return err },
		"Restore": j.Restore,
	} {
		if err := do(); err == nil || !strings.Contains(err.Error(), "can be written by others") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if after := stateOf(t, dev); len(after.differences(before)) > 0 {
		t.Errorf("%v differ", after.differences(before))
	}
}

// TestDropFresh has what is beside journals after someone was killed who wrote one, and
// while someone writes one.
func TestDropFresh(t *testing.T) {
	dir := t.TempDir()
	me, err := thisProcess()
	if err != nil {
		t.Fatal(err)
	}
	boot, err := bootID()
	if err != nil {
		t.Fatal(err)
	}
	const earlier = "00000000-0000-4000-8000-000000000000"
	dead, foreign := me, me
	dead.started++
	foreign.namespace++
	for name, stays := range map[string]bool{
		journalName(boot, 1, 2) + "." + me.String() + freshSuffix:      true,
		journalName(boot, 1, 2) + "." + foreign.String() + freshSuffix: true,
		journalName(boot, 1, 2) + "." + dead.String() + freshSuffix:    false,
		journalName(earlier, 1, 2) + "." + me.String() + freshSuffix:   false,
		journalName(earlier, 1, 2) + freshSuffix:                       true,
		"nic-notes" + freshSuffix:                                      true,
		"other." + dead.String() + freshSuffix:                         true,
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		if left, err := leftIn(dir); err != nil || len(left) != 0 {
			t.Errorf("%s: left %v, %v", name, left, err)
		}
		if _, err := os.Stat(path); (err == nil) != stays {
			t.Errorf("%s: %v; want that it stays: %t", name, err, stays)
		}
	}
}
