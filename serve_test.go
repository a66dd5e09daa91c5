//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
	"sendbench/runner/results"
)

// watched is a run with --serve, and what a browser sees of it.
type watched struct {
	t    *testing.T
	cmd  *exec.Cmd
	url  string
	said chan string // the rest of standard error
}

var pageAt = regexp.MustCompile(`^sendbench: the run's page is (http://127\.0\.0\.1:[0-9]+/) while it goes on; drawing it takes CPU time beside what is measured$`)

// watchedRun are the flags of a run of the baseline alone, of so many rounds, to be watched.
func watchedRun(rounds string) []string {
	return append(short[:len(short):len(short)], "--strategy", "write", "--rounds", rounds, "--trial", "10ms", "--quiet", "--serve", "127.0.0.1:0", "--out", "r.jsonl")
}

// watch starts a run, which says first where its page is.
func watch(t *testing.T, cmd *exec.Cmd) *watched {
	t.Helper()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stderr)
	first, err := lines.ReadString('\n')
	at := pageAt.FindStringSubmatch(strings.TrimSuffix(first, "\n"))
	if at == nil {
		t.Fatalf("says %q first (%v), want the page's address", first, err)
	}
	w := &watched{t: t, cmd: cmd, url: at[1], said: make(chan string, 1)}
	go func() {
		rest, _ := io.ReadAll(lines)
		w.said <- string(rest)
	}()
	return w
}

// follow asks for page after page, as the script on it does, until see says that it
// has seen enough or the page is the last.
func (w *watched) follow(see func(text string) (enough bool)) (last string) {
	w.t.Helper()
	after := ""
	for {
		reply, err := http.Get(w.url + after)
		if err != nil {
			w.t.Fatal(err)
		}
		body, err := io.ReadAll(reply.Body)
		reply.Body.Close()
		if err != nil {
			w.t.Fatal(err)
		}
		if reply.StatusCode == http.StatusOK && see(string(body)) || reply.Header.Get("Sendbench-Run") == "ended" {
			return string(body)
		}
		after = "?after=" + strings.Trim(reply.Header.Get("ETag"), `"`)
	}
}

// wait waits for the command's end, and returns what else it said.
func (w *watched) wait() (said string, code int) {
	said = <-w.said
	if err := w.cmd.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		w.t.Fatal(err)
	}
	return said, w.cmd.ProcessState.ExitCode()
}

var underWay = regexp.MustCompile(`The run goes on: ([0-9]+) of [0-9]+ trials`)

// TestServe watches a run from its start to its end: from outside of its namespace, and
// where it has none.
func TestServe(t *testing.T) {
	t.Run("sink", func(t *testing.T) {
		needNamespace(t)
		serveToTheEnd(t, watch(t, sendbench(t, watchedRun("100")...)))
	})
	t.Run("without a namespace", func(t *testing.T) {
		cmd := forbidden(t, "no-user-namespaces", watchedRun("50")...)
		probe := forbidden(t, "no-user-namespaces", "--version")
		if err := probe.Run(); errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSPC) {
			t.Skipf("no user namespace here to forbid things in: %v", err)
		}
		serveToTheEnd(t, watch(t, cmd))
	})
}

func serveToTheEnd(t *testing.T, w *watched) {
	t.Helper()
	var seen []string
	last := w.follow(func(text string) bool {
		if m := underWay.FindStringSubmatch(text); m != nil {
			seen = append(seen, m[1])
		}
		return false
	})
	if !strings.Contains(last, "The run is complete: ") {
		t.Errorf("the last page doesn't say that the run is complete:\n%.2000s", last)
	}
	if len(seen) == 0 {
		t.Error("no page was drawn while the run went on")
	}
	if said, code := w.wait(); strings.Contains(said, "page") || code != 0 {
		t.Errorf("exit code %d, says %q", code, said)
	}
	if c, err := net.Dial("tcp", strings.Trim(w.url, "htp:/")); err == nil {
		c.Close()
		t.Error("the page is served after its run")
	}
	if rec := readRun(t, w.cmd); !strings.Contains(fmt.Sprint(rec.Run.Environment.Warnings), watchedWarning) {
		t.Errorf("the record doesn't say that it was watched: %q", rec.Run.Environment.Warnings)
	}
}

// TestServeInterrupted shows the last page of a run that a signal ends.
func TestServeInterrupted(t *testing.T) {
	needNamespace(t)
	w := watch(t, sendbench(t, watchedRun("10000")...))
	w.follow(underWay.MatchString)
	if err := w.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	last := w.follow(func(string) bool { return false })
	if !strings.Contains(last, "The run was interrupted: ") {
		t.Errorf("the last page doesn't say that the run was interrupted:\n%.2000s", last)
	}
	if said, code := w.wait(); code != exitInterrupted || !strings.Contains(said, "interrupted; sendbench run --resume") {
		t.Errorf("exit code %d, says %q", code, said)
	}
}

// TestServeKilled leaves no server behind, whatever becomes of the run.
func TestServeKilled(t *testing.T) {
	needNamespace(t)
	w := watch(t, sendbench(t, watchedRun("10000")...))
	w.follow(underWay.MatchString)
	if err := w.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	last := w.follow(func(string) bool { return false })
	if !strings.Contains(last, "The run was ended without a word: ") {
		t.Errorf("the last page doesn't say that the run was killed:\n%.2000s", last)
	}
	<-w.said // which the server has open, too, as long as it lives
	_ = w.cmd.Wait()
}

// TestServeResumed watches the rest of a run: what was there before isn't its own.
func TestServeResumed(t *testing.T) {
	needNamespace(t)
	w := watch(t, sendbench(t, append(watchedRun("10000"), "--budget", "1500ms")...))
	if _, code := w.wait(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	before := readRun(t, w.cmd)
	again := sendbench(t, "run", "--resume", "--quiet", "--serve", "127.0.0.1:0", "--out", "r.jsonl")
	again.Dir = w.cmd.Dir
	if out, err := again.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	rec := readRun(t, w.cmd)
	if len(rec.Trials) <= len(before.Trials) || rec.End == nil || rec.End.Status != results.StatusInterrupted {
		t.Errorf("%d trials, then %d, end %+v", len(before.Trials), len(rec.Trials), rec.End)
	}
}

// TestServeOnLoopback takes localhost for an address.
func TestServeOnLoopback(t *testing.T) {
	cmd := sendbench(t, append(short[:len(short):len(short)], "--strategy", "write", "--link", "loopback", "--quiet", "--serve", "localhost:0", "--out", "r.jsonl")...)
	out, err := cmd.CombinedOutput()
	if err != nil || !pageAt.MatchString(strings.TrimSpace(string(out))) {
		t.Errorf("%v: %s", err, out)
	}
}

// TestServePortTaken says so before anything is measured.
func TestServePortTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cmd := sendbench(t, "run", "--serve", l.Addr().String(), "--out", "r.jsonl")
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); err == nil || code != exitFailed || !strings.Contains(string(out), "address already in use; port 0 is one that is free") || strings.Count(string(out), "\n") != 1 {
		t.Errorf("exit code %d, says %s", code, out)
	}
}
