package nic

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"testing"
)

// roleVariable makes the test program play another process than the tests.
const roleVariable = "NIC_TEST_ROLE"

var roles = map[string]func(args []string) error{
	"walk":    walk,
	"panic":   walkAndPanic,
	"hold":    hold,
	"restore": restoreAll,
	"squat":   squat,
}

// role prepares the test program in a role, with its state in a directory.
func role(t *testing.T, name, state string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), roleVariable+"="+name, "XDG_STATE_HOME="+state, "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = os.Stderr
	return cmd
}

// walked are the profiles of a sweep that touches every kind of setting that a
// veth has.
var walked = []string{
	"mtu=9000", "tx-scatter-gather=off", "gso_max_size=16384,txqueuelen=77", "qdisc=pfifo",
	"channels.rx=1,channels.tx=1", "tx-checksum-ip-generic=off,mtu=1400,qdisc=bfifo",
	"tx-udp-segmentation=off,gso_max_segs=8,rx-gro=on", "qdisc=mq,tx-tcp-segmentation=off",
}

// walk leases a device and goes round the profiles, without end, until a signal
// comes. Before the first it says that it has begun.
func walk(args []string) error {
	return sweep(args[0], func(round int) {
		if round == 0 {
			fmt.Println("walking")
		}
	})
}

// walkAndPanic panics in the middle of the second round.
func walkAndPanic(args []string) error {
	return sweep(args[0], func(round int) {
		if round == len(walked)+2 {
			panic("as the test wants it")
		}
	})
}

// sweep calls applied under each profile.
func sweep(device string, applied func(round int)) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	d, err := Open(device)
	if err != nil {
		return err
	}
	defer d.Close()
	lease, err := d.Lease(LeaseOptions{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lease.Close()) }()
	for round := 0; ctx.Err() == nil; round++ {
		p, err := ParseProfile(walked[round%len(walked)])
		if err != nil {
			return err
		}
		undo, err := lease.Apply(p)
		if err != nil {
			return err
		}
		applied(round)
		if round%3 == 2 {
			continue // some profiles come upon another, and Close has all to put back
		}
		if err := undo(); err != nil {
			return err
		}
	}
	return nil
}

// hold leases a device, applies a profile, and holds on until its standard input
// ends.
func hold(args []string) error {
	d, err := Open(args[0])
	if err != nil {
		return err
	}
	lease, err := d.Lease(LeaseOptions{})
	if err != nil {
		return err
	}
	p, err := ParseProfile(args[1])
	if err != nil {
		return err
	}
	if _, err := lease.Apply(p); err != nil {
		return err
	}
	fmt.Println("holding")
	_, _ = os.Stdin.Read(make([]byte, 1))
	return lease.Close()
}

// squat takes a device's lock, and changes nothing, until its standard input ends.
func squat(args []string) error {
	index, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	lock, err := takeLock("a device", index)
	if err != nil {
		return err
	}
	fmt.Println("squatting")
	_, _ = os.Stdin.Read(make([]byte, 1))
	return lock.release()
}

// restoreAll puts back what was left.
func restoreAll([]string) error {
	left, err := Left()
	if err != nil {
		return err
	}
	fmt.Println("restoring")
	for _, j := range left {
		if err := j.Restore(); err != nil {
			return err
		}
	}
	return nil
}
