//go:build linux

package strategytest

import (
	"os"
	"testing"
)

// Skip skips a test for what the machine lacks. Where the machine is known to
// have everything, which the variable SENDBENCH_STRICT in the environment says,
// the test fails instead.
func Skip(t testing.TB, lacks string) {
	t.Helper()
	if os.Getenv("SENDBENCH_STRICT") != "" {
		t.Fatalf("SENDBENCH_STRICT is set and this machine lacks something: %s", lacks)
	}
	t.Skip(lacks)
}
