//go:build linux

package runner

import (
	"os"
	"testing"

	"sendbench/runner/link/linktest"
)

// TestMain runs the tests in a namespace, and lets the test binary be a worker.
func TestMain(m *testing.M) {
	if IsWorker() {
		os.Exit(Serve())
	}
	os.Exit(linktest.RunTests(m))
}
