//go:build linux && (amd64 || arm64)

package uringzc

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestABIHeaders holds the recorded facts to the headers of this machine, which
// may be older and have fewer.
func TestABIHeaders(t *testing.T) {
	recorded := recordedFacts(t)
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skipf("needs gcc: %v", err)
	}
	// Of what abi.c can't do without, these came last.
	const needed = "#include <sys/socket.h>\n#include <linux/io_uring.h>\nint op = IORING_OP_SENDMSG_ZC;\n"
	if out, err := commandOutput(t, needed, gcc, "-x", "c", "-fsyntax-only", "-"); err != nil {
		t.Skipf("needs the C library's headers and linux/io_uring.h of Linux 6.1 or later: %v\n%s", err, out)
	}
	program := filepath.Join(t.TempDir(), "abi")
	if out, err := commandOutput(t, "", gcc, "-Wall", "-Wextra", "-o", program, filepath.Join("testdata", "abi.c")); err != nil {
		t.Fatalf("compile abi.c: %v\n%s", err, out)
	}
	out, err := commandOutput(t, "", program)
	if err != nil {
		t.Fatalf("run abi: %v\n%s", err, out)
	}
	for name, value := range parseFacts(t, out) {
		recorded.hold(t, name, value)
	}
}

// commandOutput runs a command for at most a minute and returns all that it printed.
func commandOutput(t *testing.T, stdin, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
