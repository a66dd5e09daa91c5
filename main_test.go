//go:build linux

package main

import (
	"flag"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"sendbench/runner/link/linktest"
)

// TestMain makes the test binary a sendbench command for the scripts, and runs
// benchmarks in a network namespace of their own.
func TestMain(m *testing.M) {
	if isWorker() {
		os.Exit(serveWorker())
	}
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() != "" {
		os.Exit(linktest.RunTests(m))
	}
	testscript.Main(m, map[string]func(){"sendbench": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}
