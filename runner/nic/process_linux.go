package nic

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// process names a process until the machine is restarted: a number is given again
// to a later one, and means something in its PID namespace alone.
type process struct {
	namespace uint64 // inode number of the PID namespace that the number is of
	pid       int
	started   uint64 // in clock ticks since the machine was started (proc_pid_stat(5))
}

// thisProcess is the calling process.
func thisProcess() (process, error) {
	namespace, err := pidNamespace()
	if err != nil {
		return process{}, fmt.Errorf("nic: %w", err)
	}
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return process{}, fmt.Errorf("nic: %w", err)
	}
	_, started, err := lifeOf(stat)
	if err != nil {
		return process{}, fmt.Errorf("nic: /proc/self/stat: %w", err)
	}
	return process{namespace, os.Getpid(), started}, nil
}

// pidNamespace is the inode number of the caller's PID namespace, as lsns(8) shows
// it.
func pidNamespace() (uint64, error) {
	info, err := os.Stat("/proc/self/ns/pid")
	if err != nil {
		return 0, err
	}
	return info.Sys().(*syscall.Stat_t).Ino, nil
}

// errUnknownProcess is a process of which it can't be told whether it lives.
var errUnknownProcess = errors.New("it belongs to another PID namespace")

// lives says whether the process is there yet, and returns errUnknownProcess where
// that can't be told from here.
func (p process) lives() (bool, error) {
	here, err := pidNamespace()
	if err != nil {
		return false, fmt.Errorf("nic: %w", err)
	}
	if p.namespace != here || p.pid <= 0 {
		return false, errUnknownProcess
	}
	if errors.Is(unix.Kill(p.pid, 0), unix.ESRCH) {
		return false, nil
	}
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.pid), "stat"))
	if err != nil {
		return true, nil // proc(5) may hide it (hidepid)
	}
	dead, started, err := lifeOf(stat)
	return err != nil || !dead && started == p.started, nil
}

// String gives the process as a word for a file name, which parseProcess reads.
func (p process) String() string { return fmt.Sprintf("%d-%d-%d", p.namespace, p.pid, p.started) }

func parseProcess(s string) (process, bool) {
	var p process
	_, err := fmt.Sscanf(s, "%d-%d-%d", &p.namespace, &p.pid, &p.started)
	return p, err == nil && p.String() == s
}

// lifeOf reads from a process's stat when it was started, and whether it is dead
// and waits for its parent to hear of it.
func lifeOf(stat []byte) (dead bool, started uint64, err error) {
	const state, starttime = 3 - 3, 22 - 3 // counted in proc_pid_stat(5) from 1
	words := statWords(stat)
	if len(words) <= starttime {
		return false, 0, errors.New("too short")
	}
	started, err = strconv.ParseUint(words[starttime], 10, 64)
	return words[state] == "Z" || words[state] == "X", started, err
}

// statWords are the fields of a process's stat from its state on, the third: the
// name before may have anything in it.
func statWords(stat []byte) []string {
	return strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
}

// commandOf is a process's name, "" where it can't be told.
func commandOf(pid int) string {
	name, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "comm"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(name))
}
