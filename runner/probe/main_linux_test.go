package probe

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"sendbench/runner/link/linktest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// roleEnv makes the test program play another part than running tests, for what
// can't be undone in a process.
const roleEnv = "PROBE_TEST_ROLE"

var roles = map[string]func() error{"without-rings": examineWithoutRings}

func TestMain(m *testing.M) {
	if role := roles[os.Getenv(roleEnv)]; role != nil {
		if err := role(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(linktest.RunTests(m))
}
