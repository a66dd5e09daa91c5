//go:build linux

package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"sendbench/runner/link/linktest"
	"sendbench/runner/results"
)

// roleEnv makes the test program play another part than running tests, for tests
// that need a process prepared in some way.
const roleEnv = "SENDBENCH_TEST_ROLE"

var roles = map[string]func() error{
	"isolate":            isolate,
	"no-user-namespaces": func() error { return commandWithout("max_user_namespaces", dropCapabilities) },
	"no-net-namespaces":  func() error { return commandWithout("max_net_namespaces", nil) },
	"nic-left":           nicLeft,
	"nic-change-and-die": nicChangeAndDie,
}

// TestMain makes the test binary the sendbench command for tests that run it.
func TestMain(m *testing.M) {
	// Before anything else, since workers have to know them too.
	if err := addPlanted(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if isWorker() {
		os.Exit(serveWorker())
	}
	if role := roles[os.Getenv(roleEnv)]; role != nil {
		if err := role(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	testscript.Main(tests{m}, map[string]func(){"sendbench": main})
}

// tests runs benchmarks in a network namespace of their own, and tests outside,
// where a user starts the command.
type tests struct{ m *testing.M }

func (t tests) Run() int {
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() != "" {
		return linktest.RunTests(t.m)
	}
	return t.m.Run()
}

// sendbench prepares the command in an empty directory. As in a shell, it knows
// nothing of a namespace that the tests may run in.
func sendbench(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sendbench", args...)
	cmd.Dir = t.TempDir()
	cmd.Env = outsideEnviron()
	return cmd
}

func outsideEnviron() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "SENDBENCH_NAMESPACE=") })
	return append(env, "GORACE=atexit_sleep_ms=0") // the race detector's second at each exit adds up
}

// short are the flags of a run that takes no time, in a sweep of one group.
var short = strings.Fields("run --size 1400 --rounds 2 --trial 2ms --warmup 1ms --nic default --footprint 1M --fill stamp")

// needNamespace skips a test where the command can't have a namespace, which
// TestFallback is about.
func needNamespace(t *testing.T) {
	t.Helper()
	if err := namespaceRefusal(); err != nil {
		t.Skip(err)
	}
}

// capture keeps what a command prints.
func capture(cmd *exec.Cmd) (stdout, stderr *bytes.Buffer) {
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return stdout, stderr
}

// readRun reads the record r.jsonl of a command.
func readRun(t *testing.T, cmd *exec.Cmd) *results.Record {
	t.Helper()
	rec, err := results.ReadFile(filepath.Join(cmd.Dir, "r.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return rec
}
