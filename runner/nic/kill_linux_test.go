package nic

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// TestKill kills a sweep over a device at random moments. What it left is put
// back as it was, each time, also if the first one who tries is killed as well.
func TestKill(t *testing.T) {
	times := 50
	if testing.Short() {
		times = 5
	}
	dev := configured(t)
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	before, left := fullState(t, dev), 0
	for i := range times {
		state := t.TempDir()
		t.Setenv("XDG_STATE_HOME", state)
		begin(t, role(t, "walk", state, dev.Name()), "walking", func(process *os.Process) {
			pause(time.Duration(random.Int64N(int64(30 * time.Millisecond))))
			kill(t, process, syscall.SIGKILL)
		})
		journals, err := Left()
		if err != nil {
			t.Fatalf("kill %d: %v", i, err)
		}
		if len(journals) != 1 || journals[0].Running != nil || journals[0].Stale != nil || journals[0].Device != dev.Name() {
			t.Fatalf("kill %d: left %+v, want one journal that can be restored", i, journals)
		}
		if diff := cmp.Diff(before, fullState(t, dev)); diff != "" {
			left++
		}
		if i%2 == 1 {
			begin(t, role(t, "restore", state), "restoring", func(process *os.Process) {
				pause(time.Duration(random.Int64N(int64(3 * time.Millisecond))))
				kill(t, process, syscall.SIGKILL)
			})
			if journals, err = Left(); err != nil || len(journals) > 1 {
				t.Fatalf("kill %d, of who restored: left %+v, %v", i, journals, err)
			}
		}
		for _, j := range journals {
			if err := j.Restore(); err != nil {
				t.Fatalf("kill %d: %v", i, err)
			}
		}
		if diff := cmp.Diff(before, fullState(t, dev)); diff != "" {
			t.Fatalf("kill %d: restored (-before +after):\n%s", i, diff)
		}
		if journals, err := Left(); err != nil || len(journals) != 0 {
			t.Fatalf("kill %d: after restoring there are %+v, %v", i, journals, err)
		}
	}
	t.Logf("%d of %d kills left the device changed", left, times)
	if left == 0 && !testing.Short() { // five may all fall between two profiles
		t.Error("no kill left the device changed: there was nothing to restore")
	}
}

// TestEnded ends a sweep in the ways that it hears of: it puts the device back by
// itself.
func TestEnded(t *testing.T) {
	dev := configured(t)
	before := fullState(t, dev)
	for _, tt := range []struct {
		name, role string
		signal     syscall.Signal // 0 for none
		fails      bool
	}{
		{"SIGINT", "walk", syscall.SIGINT, false},
		{"SIGTERM", "walk", syscall.SIGTERM, false},
		{"panic", "panic", 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			state := t.TempDir()
			cmd := role(t, tt.role, state, dev.Name())
			var err error
			if tt.signal == 0 {
				cmd.Stderr = nil // a panic is no news here
				err = cmd.Run()
			} else {
				err = begin(t, cmd, "walking", func(process *os.Process) {
					pause(5 * time.Millisecond)
					kill(t, process, tt.signal)
				})
			}
			if exit := new(exec.ExitError); tt.fails != errors.As(err, &exit) || !tt.fails && err != nil {
				t.Errorf("ended with %v", err)
			}
			if diff := cmp.Diff(before, fullState(t, dev)); diff != "" {
				t.Errorf("left (-before +after):\n%s", diff)
			}
			if files, _ := filepath.Glob(filepath.Join(state, "sendbench", "*")); len(files) != 0 {
				t.Errorf("left %v", files)
			}
		})
	}
}

// configured is a device of two queues that its owner has configured by hand: its
// mq root comes back with a child, features that were off stay off, and it keeps its
// addresses and routes.
func configured(t *testing.T) *Device {
	t.Helper()
	dev := vethOf(t, 2)
	skipWithout(t, dev, "channels.tx")
	up(t, dev)
	qdiscs := []Qdisc{
		{Kind: "mq", Handle: 7 << 16, Parent: rootParent},
		{Kind: "pfifo", Handle: 9 << 16, Parent: 7<<16 | 1, Options: nl.Uint32Attr(33)},
	}
	if err := dev.restoreQdiscs(nil, qdiscs); err != nil {
		t.Fatal(err)
	}
	if _, err := dev.Apply(mustParse(t, "tx-gre-segmentation=off,txqueuelen=500,channels.tx=2,channels.rx=2")); err != nil {
		t.Fatal(err)
	}
	routed(t, dev.Name(), "192.0.2.1/24", "198.51.100.0/24", unix.RT_TABLE_MAIN)
	routed(t, dev.Name(), "2001:db8:1::1/64", "2001:db8:9::/64", unix.RT_TABLE_MAIN)
	return dev
}

// everything is a device's state, its qdiscs to the byte, and what IP knows of it.
type everything struct {
	State             State
	Qdiscs            []string
	Addresses, Routes []string
}

func fullState(t *testing.T, dev *Device) everything {
	t.Helper()
	e := everything{State: stateOf(t, dev), Qdiscs: rawQdiscs(t, dev)}
	addresses, err := netlink.AddrList(linkOf(t, dev), netlink.FAMILY_ALL)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		e.Addresses = append(e.Addresses, a.IPNet.String())
	}
	for _, family := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
		routes, err := netlink.RouteListFiltered(family, &netlink.Route{LinkIndex: dev.index}, netlink.RT_FILTER_OIF)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range routes {
			e.Routes = append(e.Routes, r.Dst.String())
		}
	}
	slices.Sort(e.Addresses)
	slices.Sort(e.Routes)
	return e
}

// rawQdiscs dumps the qdiscs of a device, a line each, without what they have
// counted.
func rawQdiscs(t *testing.T, dev *Device) []string {
	t.Helper()
	request := nl.NewNetlinkRequest(unix.RTM_GETQDISC, unix.NLM_F_DUMP)
	request.AddData(&nl.TcMsg{})
	messages, err := request.Execute(unix.NETLINK_ROUTE, unix.RTM_NEWQDISC)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, message := range messages {
		header := nl.DeserializeTcMsg(message)
		if int(header.Ifindex) != dev.index {
			continue
		}
		attrs, err := nl.ParseRouteAttr(message[nl.SizeofTcMsg:])
		if err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("%08x below %08x", header.Handle, header.Parent)
		for _, a := range attrs {
			switch a.Attr.Type {
			case nl.TCA_STATS, nl.TCA_XSTATS, nl.TCA_STATS2: // fq's say when the next packet is due
			default:
				line += fmt.Sprintf(" %d:%x", a.Attr.Type, a.Value)
			}
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

// begin starts a process, waits for its word, and has it ended. It returns how.
func begin(t *testing.T, cmd *exec.Cmd, word string, end func(*os.Process)) error {
	t.Helper()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	if !lines.Scan() || lines.Text() != word {
		t.Errorf("the process says %q, want %q", lines.Text(), word)
	}
	end(cmd.Process)
	for lines.Scan() { // to the end, before Wait closes it
	}
	return cmd.Wait()
}

func kill(t *testing.T, process *os.Process, signal syscall.Signal) {
	t.Helper()
	// One that restores may be done.
	if err := process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
}

// pause lets a process come to some point or other.
func pause(d time.Duration) { <-time.After(d) }
