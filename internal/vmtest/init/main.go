//go:build linux

// Init is the first program of a virtual machine: it loads kernel modules, makes
// network namespaces, runs the steps of a guest.Script, tells the host of all of
// it over a serial line, and powers the machine off.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
	"sendbench/internal/vmtest/guest"
)

func main() {
	switch {
	case os.Getpid() == 1:
		reap()
	case len(os.Args) > 2 && os.Args[1] == enterCommand:
		fmt.Fprintln(os.Stderr, enter(os.Args[2:]))
		os.Exit(127) // as of a shell that can't run a command
	default:
		if err := serve(); err != nil {
			fmt.Fprintln(os.Stderr, "init:", err)
			os.Exit(1)
		}
	}
}

// reap does what a first process is for: it waits for every process that has lost
// its parent. The script is a child's, which may then wait for its own children
// alone, as os/exec does. When that is over, it powers the machine off.
func reap() {
	if err := await(); err != nil {
		fmt.Fprintln(os.Stderr, "init:", err)
	}
	unix.Sync()
	if err := unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF); err != nil {
		fmt.Fprintln(os.Stderr, "init:", os.NewSyscallError("reboot", err))
	}
}

// await runs the script's process and waits for all others until it has ended.
func await() error {
	if err := mount(); err != nil {
		return err
	}
	child, err := os.StartProcess("/proc/self/exe", []string{"init"}, &os.ProcAttr{
		Env: []string{"HOME=/root", "PATH=/bin", "TMPDIR=/tmp"}, Files: []*os.File{os.Stdin, os.Stdout, os.Stderr},
	})
	if err != nil {
		return err
	}
	for {
		pid, err := unix.Wait4(-1, nil, 0, nil)
		switch {
		case pid == child.Pid:
			return nil
		case err != nil && err != unix.EINTR:
			return os.NewSyscallError("wait4", err)
		}
	}
}

// serve carries out the script.
func serve() error {
	port, err := os.OpenFile(guest.Port, os.O_WRONLY|unix.O_NOCTTY, 0)
	if err != nil {
		return err
	}
	events := guest.NewWriter(port)
	if err := carryOut(events); err != nil {
		return events.Write(guest.Event{Kind: guest.Fault, Text: err.Error()})
	}
	return events.Write(guest.Event{Kind: guest.Done})
}

func carryOut(events *guest.Writer) error {
	var uts unix.Utsname
	if err := unix.Uname(&uts); err != nil {
		return os.NewSyscallError("uname", err)
	}
	if err := events.Write(guest.Event{Kind: guest.Boot, Text: unix.ByteSliceToString(uts.Release[:])}); err != nil {
		return err
	}
	text, err := os.ReadFile(guest.ScriptPath)
	if err != nil {
		return err
	}
	var script guest.Script
	if err := json.Unmarshal(text, &script); err != nil {
		return fmt.Errorf("%s: %w", guest.ScriptPath, err)
	}
	for _, path := range script.Modules {
		if err := load(path); err != nil {
			return err
		}
	}
	if err := bringUpLoopback(); err != nil {
		return err
	}
	namespaces, err := makeHosts(script.Hosts)
	if err != nil {
		return err
	}
	if err := run(script.Steps, namespaces, events); err != nil {
		return err
	}
	return setDown(script.Hosts, namespaces)
}
