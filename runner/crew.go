//go:build linux

package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"sendbench/runner/link"
)

// patience is how long a worker may be silent, on top of its job's own stretches,
// before it counts as hung: for its start, a drain, and what is counted after.
const patience = 20 * time.Second

// paintRate is how many bytes of an arena are painted in a second on a slow
// machine.
const paintRate = 200e6

// patience is how long the job's worker may be silent: until its first word it
// paints the arena, and between two trials it warms up and makes one.
func (j job) patience() time.Duration {
	paint := time.Duration(min((j.sizes().small+j.sizes().huge)/paintRate, 3600)) * time.Second // an hour, or it would overflow
	return patience + paint + j.Limits.Warmup + j.Limits.Length
}

// work runs a job in a fresh worker process and calls heard for each of its
// lines. It returns when the process has ended. An error says that the round is
// not whole; it is a *link.GoneError if the receiver is gone, which ends the worker.
//
// The caller is locked to a thread that lives as long as the process, or the
// parent-death signal (prctl(2), PR_SET_PDEATHSIG) would come early.
func work(ctx context.Context, l *link.Link, j job, heard func(reply) error) error {
	if err := l.Reach(ctx); err != nil {
		return err
	}
	ctx, stop := l.Watch(ctx)
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var files []*os.File
	j.Link, files = l.Spec(3)
	input, err := json.Marshal(j)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	cmd.Env = append(os.Environ(), workerEnv+"=1")
	cmd.ExtraFiles = files
	// A terminal's Ctrl-C is the controller's to answer, hence the group.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	var stderr lastWords
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start a worker: %w", err)
	}
	limit := j.patience()
	hung := fmt.Errorf("worker was silent for %v and was ended", limit)
	silence := time.AfterFunc(limit, func() { cancel(hung) })
	defer silence.Stop()
	_, sendErr := stdin.Write(input)

	done, heardErr := false, error(nil)
	for lines := json.NewDecoder(stdout); ; silence.Reset(limit) {
		var r reply
		if lines.Decode(&r) != nil {
			break
		}
		if r.Gone != nil {
			heardErr = r.Gone.error()
			break
		}
		if r.Error != "" {
			heardErr = errors.New(r.Error)
			break
		}
		if done = r.Done; done {
			break
		}
		if heardErr = heard(r); heardErr != nil {
			break
		}
	}
	if !done {
		cancel(heardErr)
	}
	stdin.Close()
	waitErr := cmd.Wait()
	switch gone := (*link.GoneError)(nil); {
	case errors.As(context.Cause(ctx), &gone):
		return gone
	case heardErr != nil:
		return heardErr
	case done:
		return nil
	case context.Cause(ctx) == hung:
		return hung
	case waitErr != nil:
		return fmt.Errorf("worker ended early: %w%s", waitErr, lastLine(string(stderr)))
	case sendErr != nil:
		return fmt.Errorf("give a worker its job: %w", sendErr)
	}
	return fmt.Errorf("worker ended early%s", lastLine(string(stderr)))
}

// lastWords keeps what a worker says on standard error, up to some pages of it. It is
// written to from a goroutine in which a panic, as that of a buffer that has no end,
// would end the controller with its device changed.
type lastWords []byte

const mostLastWords = 64 << 10 // bytes

func (w *lastWords) Write(b []byte) (int, error) {
	*w = append(*w, b[:min(len(b), mostLastWords-len(*w))]...)
	return len(b), nil
}

// lastLine is what a process had to say in the end, for an error in one line. Of
// a Go panic it is the first line that counts.
func lastLine(stderr string) string {
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	if lines[0] == "" {
		return ""
	}
	for _, l := range lines {
		if strings.HasPrefix(l, "panic:") || strings.HasPrefix(l, "fatal error:") {
			return ": " + l
		}
	}
	return ": " + lines[len(lines)-1]
}
