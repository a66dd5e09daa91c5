package nic

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// TestProcessLives asks of this process, of one that is dead and not yet waited for, of
// one that is gone, and of processes that have only a number in common with this.
func TestProcessLives(t *testing.T) {
	me, err := thisProcess()
	if err != nil {
		t.Fatal(err)
	}
	if me.pid != os.Getpid() || me.namespace == 0 {
		t.Errorf("this is %v", me)
	}
	later, foreign := me, me
	later.started++
	foreign.namespace++
	for _, tt := range []struct {
		p     process
		alive bool
		err   error
	}{{me, true, nil}, {later, false, nil}, {foreign, false, errUnknownProcess}, {process{}, false, errUnknownProcess}} {
		if alive, err := tt.p.lives(); alive != tt.alive || !errors.Is(err, tt.err) {
			t.Errorf("%v: %t, %v; want %t, %v", tt.p, alive, err, tt.alive, tt.err)
		}
	}

	cmd := role(t, "restore", t.TempDir()) // which has nothing to do, and ends
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := unix.Waitid(unix.P_PID, cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
		t.Error(os.NewSyscallError("waitid", err))
	}
	child := process{me.namespace, cmd.Process.Pid, me.started}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", child.pid))
	if err == nil {
		_, child.started, err = lifeOf(stat)
	}
	if err != nil {
		t.Error(err)
	}
	if alive, err := child.lives(); alive || err != nil {
		t.Errorf("one that is dead and not waited for: %t, %v", alive, err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if alive, err := child.lives(); alive || err != nil {
		t.Errorf("one that is gone: %t, %v", alive, err)
	}
}

func TestLifeOf(t *testing.T) {
	const tail = " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 777 20"
	for _, tt := range []struct {
		stat    string
		dead    bool
		started uint64
		fails   bool
	}{
		{"12 (a) b) Z 7) S" + tail, false, 777, false},
		{"12 (x) Z" + tail, true, 777, false},
		{"12 (x) X" + tail, true, 777, false},
		{"12 (x) S 1 2", false, 0, true},
		{"", false, 0, true},
	} {
		dead, started, err := lifeOf([]byte(tt.stat))
		if dead != tt.dead || started != tt.started || (err != nil) != tt.fails {
			t.Errorf("%q: %t, %d, %v", tt.stat, dead, started, err)
		}
	}
}

func TestParseProcess(t *testing.T) {
	p := process{4026531836, 12, 345}
	if got, ok := parseProcess(p.String()); !ok || got != p {
		t.Errorf("%s: %v, %t", p, got, ok)
	}
	for _, s := range []string{"", "1", "1-2", "1-2-3-4", "1-2-3 ", "01-2-3", "1-2--3", "a-b-c", "1-99999999999999999999-3"} {
		if got, ok := parseProcess(s); ok {
			t.Errorf("%q is read as %v", s, got)
		}
	}
}
