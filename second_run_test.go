//go:build linux

package main

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSecondRun: a record that a run writes is not for another one, be it to begin
// anew or to go on, and the first run doesn't notice.
func TestSecondRun(t *testing.T) {
	needNamespace(t)
	first := sendbench(t, long...)
	_, said := capture(first)
	startRun(t, first)
	for _, args := range [][]string{append(short, "--out", "r.jsonl"), {"run", "--resume", "--out", "r.jsonl"}} {
		second := sendbench(t, args...)
		second.Dir = first.Dir
		stdout, stderr := capture(second)
		_ = second.Run() // the exit code says it
		const want = "sendbench: another run is writing r.jsonl; wait for it or name another file with --out\n"
		if code := second.ProcessState.ExitCode(); code != exitFailed || stderr.String() != want || stdout.Len() != 0 {
			t.Errorf("%s: exit code %d, says %q, prints %q; want %d and %q", strings.Join(args, " "), code, stderr, stdout, exitFailed, want)
		}
	}
	if err := first.Wait(); err != nil || said.Len() != 0 {
		t.Errorf("the first run ended with %v: %s", err, said)
	}
	everyRoundOnce(t, readRun(t, first))
}

// TestKillBeforeFirstTrial: a run that was killed while it looked at its cells
// leaves no record, and what it leaves beside is in nobody's way.
func TestKillBeforeFirstTrial(t *testing.T) {
	needNamespace(t)
	cmd := sendbench(t, "run", "--out", "r.jsonl")
	f := start(t, cmd)
	if err := unix.Kill(cmd.Process.Pid, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // that it was killed
	f.gone(t)
	if _, err := os.Stat(cmd.Dir + "/r.jsonl"); !os.IsNotExist(err) {
		t.Errorf("there is a record: %v", err)
	}
	again := sendbench(t, append(short, "--quiet", "--out", "r.jsonl")...)
	again.Dir = cmd.Dir
	if out, err := again.CombinedOutput(); err != nil || len(out) != 0 {
		t.Errorf("the next run: %v: %s", err, out)
	}
	if left, err := os.ReadDir(cmd.Dir); len(left) != 1 || err != nil {
		t.Errorf("there are %v, want the record alone (%v)", left, err)
	}
}
