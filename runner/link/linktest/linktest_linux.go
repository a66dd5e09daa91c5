// Package linktest runs a package's tests in a network namespace of their own.
package linktest

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"sendbench/runner/link"
)

// refusal is why the tests don't run in a namespace; it is set before any runs.
var refusal error

// RunTests is for TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(linktest.RunTests(m)) }
//
// It runs the tests inside a namespace that link.Isolate makes. Where the
// machine doesn't allow one it runs them outside, and those that call Need are
// skipped. It returns the exit code.
func RunTests(m *testing.M) int {
	if link.Inside() {
		return m.Run()
	}
	code, err := link.Isolate()
	if err == nil {
		return code
	}
	if !errors.As(err, new(*link.NamespaceError)) {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	refusal = err
	return m.Run()
}

// Need skips a test that can't do without a namespace of its own, and says why
// there is none. A package whose TestMain doesn't call RunTests fails here.
func Need(t testing.TB) {
	t.Helper()
	if refusal != nil {
		t.Skip(refusal)
	}
	if !link.Inside() {
		t.Fatal("linktest.Need without linktest.RunTests in TestMain")
	}
}
