//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// family is a process and its descendants, each after its parent.
type family []member

// member is a process as proc(5) shows it.
type member struct {
	pid       int
	started   string // since boot, in ticks: tells it from a later process of the same number
	namespace string // of the network
}

// outer is the process that was started, inner the one in the namespace.
func (f family) outer() int { return f[0].pid }
func (f family) inner() int { return f[1].pid }

func familyOf(pid int) (f family) {
	for pids := []int{pid}; len(pids) > 0; pids = pids[1:] {
		s, ok := statOf(pids[0])
		if !ok {
			continue
		}
		namespace, _ := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", pids[0]))
		f = append(f, member{pids[0], s.started, namespace})
		pids = append(pids, childrenOf(pids[0])...)
	}
	return f
}

// gone waits until no process of the family is left, nor any in a namespace that
// one of them had to itself.
func (f family) gone(t *testing.T) {
	t.Helper()
	own := map[string]bool{}
	for _, m := range f {
		if m.namespace != f[0].namespace && m.namespace != "" {
			own[m.namespace] = true
		}
	}
	if len(own) == 0 {
		t.Error("the run had no network namespace to itself")
	}
	poll(t, "end of all processes and namespaces of the run", func() bool {
		for _, m := range f {
			if s, ok := statOf(m.pid); ok && s.started == m.started {
				return false
			}
		}
		links, _ := filepath.Glob("/proc/[0-9]*/ns/net") // fails only for a bad pattern
		for _, link := range links {
			if namespace, err := os.Readlink(link); err == nil && own[namespace] {
				return false
			}
		}
		return true
	})
}

func childrenOf(pid int) (pids []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // fails only for a bad pattern
	for _, name := range stats {
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		if err != nil {
			continue
		}
		if s, ok := statOf(child); ok && s.parent == pid {
			pids = append(pids, child)
		}
	}
	return pids
}

type stat struct {
	parent  int
	started string
}

// statOf reads /proc/PID/stat (proc_pid_stat(5)). ok is false for a process that
// has ended, be it that its parent has not heard of it yet.
func statOf(pid int) (s stat, ok bool) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return s, false
	}
	_, after, _ := strings.Cut(string(content), ") ") // the name may hold spaces
	fields := strings.Fields(after)                   // from field 3 on
	const state, ppid, starttime = 3 - 3, 4 - 3, 22 - 3
	if len(fields) <= starttime || fields[state] == "Z" || fields[state] == "X" {
		return s, false
	}
	s.parent, err = strconv.Atoi(fields[ppid])
	s.started = fields[starttime]
	return s, err == nil
}
