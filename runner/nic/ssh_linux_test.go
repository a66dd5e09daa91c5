package nic

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestSSHSessions has a process below sudo below a shell below sshd; names with
// parentheses; a process that can't be read; and a parent that is its own.
func TestSSHSessions(t *testing.T) {
	proc := t.TempDir()
	for pid, files := range map[string][2]string{
		"40": {"40 (sendbench) S 30 40 1", "HOME=/root\x00SSH_CONNECTIONS=no\x00"},
		"30": {"30 (a ) S 9 (b) S 20 30 1", ""}, // sudo
		"20": {"20 (bash) S 10 20 1", "SSH_CONNECTION=192.0.2.7 50000 192.0.2.1 22\x00HOME=/home/u\x00"},
		"10": {"10 (sshd) S 7 10 1", "SSH_CONNECTION=fe80::7%eth1 50000 fe80::1%eth1 22\x00"},
		"7":  {"7 (odd) S 7 7 1", "SSH_CONNECTION=nonsense\x00"},
	} {
		dir := filepath.Join(proc, pid)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for i, name := range []string{"stat", "environ"} {
			if name == "environ" && files[i] == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(files[i]), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := []sshSession{
		{netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("192.0.2.1")},
		{netip.MustParseAddr("fe80::7"), netip.MustParseAddr("fe80::1")},
	}
	got := sshSessions(proc, 40)
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(sshSession{}), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("sessions (-want +got):\n%s", diff)
	}
	if got := sshSessions(proc, 99); got != nil {
		t.Errorf("of a process that isn't there: %v", got)
	}
}

func TestParseSSH(t *testing.T) {
	for _, bad := range []string{"", "192.0.2.7 1 192.0.2.1", "host 1 192.0.2.1 22", "192.0.2.7 1 host 22"} {
		if session, ok := parseSSH(bad); ok {
			t.Errorf("%q reads as %v", bad, session)
		}
	}
}
