package meter

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// task is what /proc/PID/stat tells of a process, as far as it is of use here.
type task struct {
	pid    int
	name   string // at most 15 bytes of it; of a program that is its own choice
	kernel bool   // a thread of the kernel
}

// tasks returns the processes that can be seen: all of them, or those of a pid
// namespace, or one user's where /proc is mounted with hidepid (proc(5)).
func (r root) tasks() []task {
	var found []task
	entries, _ := fs.ReadDir(r.fsys, "proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid <= 0 || pid > maxTID {
			continue
		}
		if t, ok := parseTask(r.text("proc/" + e.Name() + "/stat")); ok {
			t.pid = pid
			found = append(found, t)
		}
	}
	return found
}

// parseTask reads "14 (ksoftirqd/0) S 2 0 0 0 -1 69238848 …", where the name may
// have spaces and parentheses in it (do_task_stat, fs/proc/array.c). The pid is
// left to the caller.
func parseTask(stat string) (t task, ok bool) {
	begin, end := strings.Index(stat, "("), strings.LastIndex(stat, ")")
	if begin < 0 || end < begin {
		return task{}, false
	}
	const flags, kernelThread = 6, 0x00200000 // PF_KTHREAD, include/linux/sched.h
	fields := strings.Fields(stat[end+1:])
	if len(fields) <= flags {
		return task{}, false
	}
	bits, err := strconv.ParseUint(fields[flags], 10, 32)
	if err != nil {
		return task{}, false
	}
	return task{name: stat[begin+1 : end], kernel: bits&kernelThread != 0}, true
}

// seesKernel says whether threads of the kernel are among the tasks. Only then
// are tasks that aren't there known not to be.
func seesKernel(all []task) bool {
	return slices.ContainsFunc(all, func(t task) bool { return t.kernel })
}
