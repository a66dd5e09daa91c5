//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
	"sendbench/runner/nic"
)

// TestNICLeft kills who has changed a device: the next command says so, nic restore
// puts it back, and then there is nothing to say.
func TestNICLeft(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe")
	cmd.Dir = t.TempDir()
	cmd.Env = append(outsideEnviron(), roleEnv+"=nic-left", "XDG_STATE_HOME="+cmd.Dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSPC) {
		t.Skipf("no network namespace here to change a device in: %v", err)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := regexp.MustCompile(`^\$ nic show
sendbench: a run has ended and left veth-a changed; sendbench nic restore puts it back
device .*
lo .*
veth-a .* 9000 .*
veth-b .*
\$ nic restore veth-b
nothing to put back of veth-b in /.*
\$ nic restore
veth-a: put back as it was before process [0-9]+ changed it, last on [-0-9]+ [:0-9]+ to mtu=9000,qdisc=pfifo,tx-scatter-gather=off
\$ nic show
device .*
lo .*
veth-a .* 1500 .*
veth-b .*
\$ nic restore
nothing to put back in /.*
$`)
	if !want.Match(out) {
		t.Errorf("says\n%s\nwant\n%v", out, want)
	}
	if files, err := filepath.Glob(filepath.Join(cmd.Dir, "sendbench", "*")); err != nil || len(files) != 0 {
		t.Errorf("left %v, %v", files, err)
	}
}

// nicLeft, in a namespace of its own, has a device changed by a process that is
// killed, and then runs commands.
func nicLeft() error {
	pair := &netlink.Veth{LinkAttrs: netlink.NewLinkAttrs(), PeerName: "veth-b"}
	pair.Name = "veth-a"
	if err := netlink.LinkAdd(pair); err != nil {
		return err
	}
	killed := exec.Command("/proc/self/exe")
	killed.Env = append(os.Environ(), roleEnv+"=nic-change-and-die")
	if out, err := killed.CombinedOutput(); killed.ProcessState == nil || killed.ProcessState.ExitCode() != -1 {
		return fmt.Errorf("who should have been killed ended with %w: %s", err, out)
	}
	for _, line := range []string{"nic show", "nic restore veth-b", "nic restore", "nic show", "nic restore"} {
		fmt.Println("$", line)
		cmd := exec.Command("sendbench", strings.Fields(line)...)
		cmd.Env = append(os.Environ(), roleEnv+"=")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stdout
		if err := cmd.Run(); err != nil {
			return err
		}
	}
	return nil
}

// nicChangeAndDie changes a device and is killed.
func nicChangeAndDie() error {
	device, err := nic.Open("veth-a")
	if err != nil {
		return err
	}
	lease, err := device.Lease(nic.LeaseOptions{})
	if err != nil {
		return err
	}
	p, err := nic.ParseProfile("mtu=9000,tx-scatter-gather=off,qdisc=pfifo")
	if err != nil {
		return err
	}
	if _, err := lease.Apply(p); err != nil {
		return err
	}
	return unix.Kill(os.Getpid(), unix.SIGKILL)
}
