package nic

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// elsewhere does something in another network namespace, on another goroutine than the
// test's.
func elsewhere(t *testing.T, do func() error) {
	t.Helper()
	err := onLostThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return err
		}
		return do()
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestForgetElsewhere tries from another namespace to forget the journal of a run that
// lives, and then of one whose namespace does: it stays, with what would be right.
func TestForgetElsewhere(t *testing.T) {
	dev, _ := veth(t)
	before := stateOf(t, dev)
	state := t.TempDir()
	dir := filepath.Join(state, "sendbench")
	forget := func() (j Journal, forgotten error) {
		elsewhere(t, func() error {
			left, err := leftIn(dir)
			if err != nil || len(left) != 1 || !errors.Is(left[0].Stale, ErrElsewhere) {
				return fmt.Errorf("left %+v, %w; want one journal of elsewhere", left, err)
			}
			j, forgotten = left[0], left[0].Forget()
			return nil
		})
		return j, forgotten
	}
	cmd, _ := holder(t, state, dev.Name(), "mtu=9000")
	begin(t, cmd, "holding", func(process *os.Process) {
		defer kill(t, process, unix.SIGKILL)
		j, err := forget()
		busy := new(BusyError)
		if !errors.As(err, &busy) || busy.PID != process.Pid || busy.Command == "" || !strings.Contains(err.Error(), namespaceLabel()) {
			t.Errorf("of a run that lives: %v, want a BusyError of process %d in %s", err, process.Pid, namespaceLabel())
		}
		// Also where it seemed to be dead a moment ago.
		j.Running = nil
		elsewhere(t, func() error {
			if err := j.Forget(); err == nil || !strings.Contains(err.Error(), "has not ended") {
				t.Errorf("of a run that lives: %v", err)
			}
			return nil
		})
	})
	j, err := forget()
	if err == nil || !strings.Contains(err.Error(), "nsenter --net=/") || strings.Contains(err.Error(), "\n") {
		t.Errorf("of a namespace that is there: %v, want one line with the way into it", err)
	}
	if j.Running != nil {
		t.Errorf("the run is %v, want it dead", j.Running)
	}
	left, err := leftIn(dir)
	if err != nil || len(left) != 1 {
		t.Fatalf("left %+v, %v; want the journal", left, err)
	}
	if err := left[0].Forget(); err == nil || !strings.Contains(err.Error(), "can be put back") {
		t.Errorf("of a device that can be put back: %v", err)
	}
	if err := left[0].Restore(); err != nil {
		t.Fatal(err)
	}
	if after := stateOf(t, dev); len(after.differences(before)) > 0 {
		t.Errorf("restored: %v differ", after.differences(before))
	}
}

// TestForget has journals of runs that are dead, in namespaces that are gone and in
// one that can't be looked for.
func TestForget(t *testing.T) {
	dev, _ := veth(t)
	l := lease(t, dev)
	dead := l.journal
	dead.Started++ // a later process has the number
	dead.Profile = Profile{}.String()
	for _, tt := range []struct {
		name, says string // "" for forgotten
		edit       func(j *Journal)
	}{
		{"namespace gone", "", func(j *Journal) { j.Namespace = "net:[1]" }},
		{"namespace gone, and its number given again", "", func(*Journal) {}},
		{"namespace of another PID namespace", "can't be told", func(j *Journal) { j.PIDSpace++ }},
		{"without a start", "can't be told", func(j *Journal) { j.PIDSpace, j.Started = 0, 0 }},
		{"before a restart", "", func(j *Journal) { j.Boot = "00000000-0000-4000-8000-000000000000" }},
		{"of another machine", "another machine's", func(j *Journal) { j.Boot, j.Host = "00000000-0000-4000-8000-000000000000", j.Host+"-b" }},
		{"device gone, and a run has its index", "in use by", func(j *Journal) { j.Cookie, j.Device = l.lock.cookie, "veth-c" }},
	} {
		j := dead
		j.Cookie = 1 << 62
		tt.edit(&j)
		dir := t.TempDir()
		j.Path = filepath.Join(dir, journalName(j.Boot, j.Cookie, j.Index))
		if err := j.write(); err != nil {
			t.Fatal(err)
		}
		left, err := leftIn(dir)
		if err != nil || len(left) != 1 || left[0].Stale == nil {
			t.Fatalf("%s: left %+v, %v; want one that is stale", tt.name, left, err)
		}
		err = left[0].Forget()
		if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.says)
		}
		if _, err := os.Stat(j.Path); errors.Is(err, os.ErrNotExist) != (tt.says == "") {
			t.Errorf("%s: the journal: %v", tt.name, err)
		}
	}
}

// TestForgetAnother holds that what was found stale isn't a licence for the journal
// that a later run has put in its place.
func TestForgetAnother(t *testing.T) {
	dev, _ := veth(t)
	l := lease(t, dev)
	if err := l.lock.release(); err != nil {
		t.Fatal(err)
	}
	j := l.journal
	j.Profile, j.Device = Profile{}.String(), "veth-c"
	j.Path = filepath.Join(t.TempDir(), filepath.Base(j.Path))
	if err := j.write(); err != nil {
		t.Fatal(err)
	}
	left, err := leftIn(filepath.Dir(j.Path))
	if err != nil || len(left) != 1 || !errors.Is(left[0].Stale, ErrGone) {
		t.Fatalf("left %+v, %v; want one of a device that is gone", left, err)
	}
	j.Device, j.Started = dev.Name(), j.Started+1
	if err := j.write(); err != nil {
		t.Fatal(err)
	}
	if err := left[0].Forget(); err == nil || !strings.Contains(err.Error(), "another run's") {
		t.Errorf("got %v", err)
	}
}

func TestMountedAs(t *testing.T) {
	const mounts = `24 1 0:22 / / rw - ext4 /dev/vda rw
361 357 0:4 net:[4026532201] /run/netns/a rw shared:190 - nsfs nsfs rw
362 357 0:4 net:[4026532201] /run/netns/with\040a\134blank rw - nsfs nsfs rw
363 357 0:4 net:[40265322019] /run/netns/c rw - nsfs nsfs rw
364 357
`
	got := strings.Join(mountedAs("net:[4026532201]", mounts), "|")
	if want := `/run/netns/a|/run/netns/with a\blank`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for s, want := range map[string]string{`\`: `\`, `\04`: `\04`, `\400x`: `\400x`, `\0409`: ` 9`, `a\n`: `a\n`} {
		if got := unescapeMount(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
