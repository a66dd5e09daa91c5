//go:build linux

package uringzc

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// SQThread is the thread id of the kernel thread that polls the submission
// queue, 0 for a ring without SQPoll or where /proc doesn't tell. It is a
// thread of this process: its CPU time is in /proc/self/task/<tid>/stat. The
// kernel numbers it as the initial PID namespace does, so that it can't be told
// in another one.
func (r *Ring) SQThread() int { return r.sqThread }

// findSQThread reads the polling thread's id from the ring's fdinfo. Until that
// thread runs for the first time the kernel shows the id of the thread that
// opened the ring (io_sq_thread in io_uring/sqpoll.c), and it shows none while
// someone holds the ring's lock (io_uring/fdinfo.c): we ask again for a while.
func findSQThread(fd, opener int) int {
	for range 100 {
		info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", fd))
		if err != nil {
			return 0
		}
		if tid := parseSQThread(info); tid > 0 && tid != opener {
			if _, err := os.Stat(fmt.Sprintf("/proc/self/task/%d", tid)); err != nil {
				return 0 // the number is another namespace's
			}
			return tid
		}
		time.Sleep(100 * time.Microsecond)
	}
	return 0
}

// parseSQThread finds the line "SqThread:\t<tid>". The id is -1, or the line is
// missing, where there is no thread or it couldn't be looked at; that gives 0.
func parseSQThread(fdinfo []byte) int {
	for line := range bytes.Lines(fdinfo) {
		value, ok := bytes.CutPrefix(line, []byte("SqThread:"))
		if !ok {
			continue
		}
		tid, err := strconv.Atoi(string(bytes.TrimSpace(value)))
		if err != nil || tid < 0 {
			return 0
		}
		return tid
	}
	return 0
}
