//go:build linux

package main

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"sendbench/runner"
	"sendbench/runner/results"
)

// patience bounds the wait for what takes well under a second on an idle machine.
const patience = 20 * time.Second

// long is a run of a few seconds: two profiles, three ways and the baseline once
// more, ten rounds.
var long = strings.Fields("run --size 1400,64000 --strategy write,sendmmsg-zc,uring-sendzc --nic default --nic mtu=9000" +
	" --footprint 1M --fill stamp --rounds 10 --trial 5ms --warmup 1ms --seed 42 --quiet --out r.jsonl")

// TestInterrupt ends a run in the middle in every way: it ends at once, leaves a
// record that is readable and goes on with --resume, and nothing else.
func TestInterrupt(t *testing.T) {
	needNamespace(t)
	for _, c := range []struct {
		name   string
		signal unix.Signal
		target func(family) int // process, or group if negative
		code   int
		status string // of the record's end, "" for none
		says   string
	}{
		{"SIGINT", unix.SIGINT, family.outer, 130, results.StatusInterrupted, "interrupted; sendbench run --resume --out r.jsonl goes on"},
		{"Ctrl-C", unix.SIGINT, func(f family) int { return -f.outer() }, 130, results.StatusInterrupted, "interrupted; sendbench run --resume --out r.jsonl goes on"},
		{"SIGTERM", unix.SIGTERM, family.outer, 130, results.StatusInterrupted, "interrupted; sendbench run --resume --out r.jsonl goes on"},
		{"kill -9 outside", unix.SIGKILL, family.outer, -1, "", ""},
		{"kill -9 inside", unix.SIGKILL, family.inner, exitFailed, "", "the process that measures was ended by a signal (killed)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			devices := hostDevices(t)
			cmd := sendbench(t, long...)
			_, stderr := capture(cmd)
			f := startRun(t, cmd)
			begun := time.Now()
			if err := unix.Kill(c.target(f), c.signal); err != nil {
				t.Fatal(err)
			}
			err := cmd.Wait()
			t.Logf("ended %v after the signal", time.Since(begun).Round(time.Millisecond))
			if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != c.code {
				t.Errorf("ended with %v, want exit code %d", err, c.code)
			}
			if c.says != "" && stderr.String() != "sendbench: "+c.says+"\n" || c.says == "" && stderr.Len() != 0 {
				t.Errorf("says %q, want %q", stderr, c.says)
			}
			f.gone(t)
			if now := hostDevices(t); !slices.Equal(devices, now) {
				t.Errorf("network devices were %v, now %v", devices, now)
			}

			cut, err := runner.Salvage(cmd.Dir + "/r.jsonl")
			if err != nil {
				t.Fatal(err)
			}
			if c.status == "" && cut.End != nil || c.status != "" && (cut.End == nil || cut.End.Status != c.status) {
				t.Errorf("the record ends with %+v, want status %q", cut.End, c.status)
			}
			again := sendbench(t, "run", "--resume", "--quiet", "--out", "r.jsonl")
			again.Dir = cmd.Dir
			if out, err := again.CombinedOutput(); err != nil || len(out) != 0 {
				t.Fatalf("--resume: %v: %s", err, out)
			}
			rec := readRun(t, cmd)
			if diff := cmp.Diff(cut.Run, rec.Run); diff != "" {
				t.Errorf("the resumed run has another head (-before +after):\n%s", diff)
			}
			everyRoundOnce(t, rec)
			for _, trial := range rec.Trials {
				if trial.Error != "" {
					t.Errorf("round %d, %s at %d B: %s", trial.Round, trial.Cell.Strategy, trial.Cell.Size, trial.Error)
				}
			}
		})
	}
}

// TestInterruptBeforeFirstTrial: while a run looks at its cells there is no record
// to keep.
func TestInterruptBeforeFirstTrial(t *testing.T) {
	needNamespace(t)
	cmd := sendbench(t, "run", "--out", "new/r.jsonl")
	stdout, stderr := capture(cmd)
	f := start(t, cmd)
	if err := unix.Kill(cmd.Process.Pid, unix.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // the exit code says it
	const want = "sendbench: interrupted before the first trial, no record was written\n"
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted || stderr.String() != want || stdout.Len() != 0 {
		t.Errorf("exit code %d, says %q, prints %q; want %d and %q", code, stderr, stdout, exitInterrupted, want)
	}
	f.gone(t)
	if left, err := os.ReadDir(cmd.Dir); len(left) != 0 || err != nil {
		t.Errorf("left %v (%v)", left, err)
	}
}

// TestKilledWorker: what a worker didn't live to measure are rows that say so,
// and the run goes on.
func TestKilledWorker(t *testing.T) {
	needNamespace(t)
	cmd := sendbench(t, long...)
	_, stderr := capture(cmd)
	f := startRun(t, cmd)
	poll(t, "a trial that a killed worker failed", func() bool {
		for _, worker := range childrenOf(f.inner()) {
			_ = unix.Kill(worker, unix.SIGKILL) // it may have ended by itself
		}
		content, err := os.ReadFile(cmd.Dir + "/r.jsonl")
		return err == nil && strings.Contains(string(content), "worker ended early")
	})
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	rec := readRun(t, cmd)
	everyRoundOnce(t, rec)
	failed, good := 0, 0
	for _, trial := range rec.Trials {
		switch trial.Error {
		case "":
			good++
		case "worker ended early: signal: killed":
			failed++
		default:
			t.Errorf("round %d, %s: %s", trial.Round, trial.Cell.Strategy, trial.Error)
		}
	}
	if failed == 0 || good == 0 {
		t.Errorf("%d trials failed and %d are good, want some of each", failed, good)
	}
}

// everyRoundOnce checks that a record is complete, with each cell of its plan once
// a round.
func everyRoundOnce(t *testing.T, rec *results.Record) {
	t.Helper()
	without := map[results.Cell]bool{}
	for _, u := range rec.Unsupported {
		without[u.Cell] = true
	}
	type visit struct {
		round int
		cell  results.Cell
	}
	times := map[visit]int{}
	for _, trial := range rec.Trials {
		times[visit{trial.Round, trial.Cell}]++
	}
	planned := 0
	for r := range runner.Rounds(rec.Run.Plan, rec.Run.Seed, without) {
		for _, c := range r.Cells {
			planned++
			if n := times[visit{r.Round, c}]; n != 1 {
				t.Errorf("round %d, %+v is there %d times", r.Round, c, n)
			}
		}
	}
	if planned == 0 || len(rec.Trials) != planned {
		t.Errorf("%d trials were planned and %d recorded", planned, len(rec.Trials))
	}
	if rec.End == nil || rec.End.Status != results.StatusComplete {
		t.Errorf("the record ends with %+v", rec.End)
	}
}

// startRun starts a run and waits until its record has a round and a half.
func startRun(t *testing.T, cmd *exec.Cmd) family {
	t.Helper()
	start(t, cmd)
	poll(t, "some trials", func() bool {
		content, err := os.ReadFile(cmd.Dir + "/r.jsonl")
		return err == nil && strings.Count(string(content), `{"record":"trial"`) >= 12
	})
	return workingFamily(t, cmd)
}

// start starts a run in a process group of its own and waits until it has a worker.
func start(t *testing.T, cmd *exec.Cmd) family {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }) // where the test failed
	return workingFamily(t, cmd)
}

func workingFamily(t *testing.T, cmd *exec.Cmd) (f family) {
	t.Helper()
	poll(t, "worker at work", func() bool {
		f = familyOf(cmd.Process.Pid)
		return len(f) >= 3
	})
	return f
}

// poll waits until something is so.
func poll(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !so(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("no %s within %v", what, patience)
		}
	}
}

func hostDevices(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir("/sys/class/net")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
