package nic

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// sample is a journal with everything in it.
func sample() Journal {
	return Journal{
		Schema: journalSchema, Device: "eth1", Index: 4, Address: "02:00:00:00:00:01", Kind: "device", MAC: "02:00:00:00:00:01",
		Host: "host-1", Boot: "94e74c3d-3d29-4f53-bebd-33947c6e7e2c", Cookie: 1, Namespace: "net:[4026531840]", PID: 99, PIDSpace: 4026531836, Started: 12345,
		Written: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), Profile: "mtu=9000,qdisc=pfifo",
		Before: State{
			Device: "eth1", Wanted: map[string]bool{"tx-scatter-gather": true}, Active: map[string]bool{"tx-scatter-gather": false},
			Numbers: map[string]int64{"mtu": 1500, "txqueuelen": 0},
			Qdiscs:  []Qdisc{{"mq", 7 << 16, rootParent, nil}, {"pfifo", 9 << 16, 7<<16 | 1, []byte{33, 0, 0, 0}}},
		},
	}
}

func TestJournalRoundTrip(t *testing.T) {
	j := sample()
	j.Path = filepath.Join(t.TempDir(), journalName(j.Boot, j.Cookie, j.Index))
	for range 2 { // also over one that is there
		if err := j.write(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := readJournal(j.Path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(j, got); diff != "" {
		t.Errorf("read back (-wrote +read):\n%s", diff)
	}
	if err := j.remove(); err != nil {
		t.Error(err)
	}
	if files, err := os.ReadDir(filepath.Dir(j.Path)); err != nil || len(files) != 0 {
		t.Errorf("left %v, %v", files, err)
	}
}

// TestJournalDamaged has files that Lease never writes: each is told of in one
// line, and keeps no other from being found.
func TestJournalDamaged(t *testing.T) {
	dir := t.TempDir()
	good := sample()
	good.Path = filepath.Join(dir, journalName(good.Boot, good.Cookie, good.Index))
	if err := good.write(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(good.Path)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, journalName(good.Boot, good.Cookie, 5))
	for _, tt := range []struct {
		what, says string
		make       func() error
	}{
		{"cut", "not as JSON should be", func() error { return os.WriteFile(name, text[:len(text)/2], 0o600) }},
		{"empty", "not as JSON should be", func() error { return os.WriteFile(name, nil, 0o600) }},
		{"another device's", "another device's than its file name says", func() error { return os.WriteFile(name, text, 0o600) }},
		{"long", "more than 1048576 bytes", func() error { return os.WriteFile(name, make([]byte, 2<<20), 0o600) }},
		{"directory", "is no file", func() error { return os.Mkdir(name, 0o700) }},
		{"pipe", "is no file", func() error { return unix.Mkfifo(name, 0o600) }},
		{"link", "too many levels of symbolic links", func() error { return os.Symlink(good.Path, name) }},
	} {
		if err := tt.make(); err != nil {
			t.Fatal(tt.what, err)
		}
		left, err := leftIn(dir)
		if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line with %q", tt.what, err, tt.says)
		}
		if len(left) != 1 || left[0].Path != good.Path {
			t.Errorf("%s: left %+v, want the good one", tt.what, left)
		}
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	// What isn't named as a journal is none: one that was being written, say.
	for _, other := range []string{name + freshSuffix, filepath.Join(dir, "other.json")} {
		if err := os.WriteFile(other, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := leftIn(dir); err != nil || len(left) != 1 {
		t.Errorf("left %+v, %v", left, err)
	}
}

func TestJournalRefused(t *testing.T) {
	for _, tt := range []struct {
		says string
		edit func(j *Journal)
	}{
		{"schema 2", func(j *Journal) { j.Schema = 2 }},
		{"no device has such a name", func(j *Journal) { j.Device = "../../etc" }},
		{"no device has such a name", func(j *Journal) { j.Device = "a\x1b[2J" }},
		{"no device has such a name", func(j *Journal) { j.Device = strings.Repeat("x", 16) }},
		{"ifindex 0", func(j *Journal) { j.Index = 0 }},
		{"ifindex 4294967300", func(j *Journal) { j.Index = 1<<32 + 4 }},
		{"it is a UUID", func(j *Journal) { j.Boot = "../../../../../../../../../../../etc/x" }},
		{"that is none", func(j *Journal) { j.Namespace = "net:\n" }},
		{"that is none", func(j *Journal) { j.Kind = "veth\x1b" }},
		{"that is none", func(j *Journal) { j.MAC = strings.Repeat("0", 129) }},
		{"pid -1", func(j *Journal) { j.PID = -1 }},
		{"NIC profile", func(j *Journal) { j.Profile = "mtu" }},
		{"setting \"mtu2\" is none", func(j *Journal) { j.Before.Numbers["mtu2"] = 3 }},
		{"from 0 to 4294967295", func(j *Journal) { j.Before.Numbers["mtu"] = -1 }},
		{"from 0 to 4294967295", func(j *Journal) { j.Before.Numbers["mtu"] = 1 << 32 }},
		{"not said to be active", func(j *Journal) { j.Before.Wanted["rx-gro"] = true }},
		{"feature", func(j *Journal) { j.Before.Active["rx-gro"] = true }},
		{"there is none like that", func(j *Journal) { j.Before.Qdiscs[0].Kind = "Mq/" }},
		{"there is none like that", func(j *Journal) { j.Before.Qdiscs[0].Parent = 3 }},
		{"there is none like that", func(j *Journal) { j.Before.Qdiscs[1].Handle = 0 }},
		{"they can't be put back", func(j *Journal) { j.Before.Qdiscs[1].Kind = "htb" }},
		{"more than 4096 settings", func(j *Journal) { j.Before.Qdiscs = make([]Qdisc, mostSettings+1) }},
	} {
		j := sample()
		tt.edit(&j)
		text, err := json.Marshal(j)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parseJournal(text); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("got %v, want %q", err, tt.says)
		}
	}
}

// TestRestoreHostile has journals that read well and ask for what the device
// hasn't: an error that names it, and no more.
func TestRestoreHostile(t *testing.T) {
	dev, _ := veth(t)
	l := lease(t, dev)
	if _, err := l.Apply(mustParse(t, "mtu=9000")); err != nil {
		t.Fatal(err)
	}
	j := l.journal
	if err := errors.Join(l.lock.release()); err != nil { // as a kill does
		t.Fatal(err)
	}
	for _, tt := range []struct {
		says string
		edit func(j *Journal)
	}{
		{"no-such-feature=off", func(j *Journal) {
			j.Before.Wanted = map[string]bool{"no-such-feature": false}
			j.Before.Active = map[string]bool{"no-such-feature": true}
		}},
		{"mtu=4294967295", func(j *Journal) { j.Before.Numbers = map[string]int64{"mtu": 1<<32 - 1} }},
		{"ring.tx=7", func(j *Journal) { j.Before.Numbers = map[string]int64{"ring.tx": 7} }},
		{"qdisc=pfifo", func(j *Journal) {
			j.Before.Qdiscs = []Qdisc{{"pfifo", 1 << 16, rootParent, []byte{1}}}
		}},
		{"hardware address", func(j *Journal) { j.Address = "02:00:00:00:00:09" }},
	} {
		hostile := j
		tt.edit(&hostile)
		if err := hostile.write(); err != nil {
			t.Fatal(err)
		}
		if err := hostile.Restore(); err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(tt.says, "=off")) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want one line with %q", err, tt.says)
		}
	}
	if err := j.write(); err != nil {
		t.Fatal(err)
	}
	if err := j.Restore(); err != nil {
		t.Error(err)
	}
}

func TestStateDir(t *testing.T) {
	for _, tt := range []struct{ xdg, home, want string }{
		{"/x", "/h", "/x/sendbench"},
		{"", "/h", "/h/.local/state/sendbench"},
		{"x", "/h", "/h/.local/state/sendbench"},
		{"", "", ""},
		{"", "h", ""},
	} {
		t.Setenv("XDG_STATE_HOME", tt.xdg)
		t.Setenv("HOME", tt.home)
		if got, err := StateDir(); got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("XDG_STATE_HOME=%s HOME=%s: %q, %v; want %q", tt.xdg, tt.home, got, err, tt.want)
		}
	}
}

// FuzzParseJournal holds that no text panics, and that what is read is written in
// a form that reads back the same.
func FuzzParseJournal(f *testing.F) {
	text, err := json.Marshal(sample())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("{}"))
	f.Add([]byte(fmt.Sprintf(`{"schema":1,"device":"x","ifindex":1,"boot_id":%q,"pid":1,"profile":"default","before":null}`, sample().Boot)))
	f.Add(append(text, '}'))
	f.Fuzz(func(t *testing.T, text []byte) {
		j, err := parseJournal(text)
		if err != nil {
			return
		}
		again, err := json.Marshal(j)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		back, err := parseJournal(again)
		if err != nil {
			t.Fatalf("%q writes %q: %v", text, again, err)
		}
		if third, err := json.Marshal(back); err != nil || string(third) != string(again) {
			t.Errorf("%q writes %q, then %q (%v)", text, again, third, err)
		}
		if name := journalName(j.Boot, j.Cookie, j.Index); filepath.Base(name) != name {
			t.Errorf("file name %q", name)
		}
	})
}
