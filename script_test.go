//go:build linux

package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs the command as a user does. Beside testscript's own words the
// scripts know
//
//	refused CODE ARGUMENT…   sendbench fails as a command should, see refused
//	[root]                   the user is root
//	[isolated]               the machine allows a network namespace
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"refused": refused},
		Condition: func(condition string) (bool, error) {
			switch condition {
			case "root":
				return os.Geteuid() == 0, nil
			case "isolated":
				return namespaceRefusal() == nil, nil
			}
			return false, fmt.Errorf("unknown condition %q", condition)
		},
	})
}

// insider is what a user can't make sense of: names of packages and functions of
// this program, and what Go prints when it goes wrong.
var insider = regexp.MustCompile(`^sendbench: (link|nic|runner|uringzc|worker): |strconv\.|json: |goroutine|panic|%!|0x[0-9a-f]{8}`)

// refused runs sendbench and checks that it ends with an exit code, has nothing
// to say but one line on standard error, and leaves every file as it was. The
// script goes on with stderr to check the words.
func refused(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: refused exit-code argument…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	before := tree(ts)
	err = ts.Exec("sendbench", args[1:]...)
	var exit *exec.ExitError
	switch {
	case err == nil:
		ts.Fatalf("succeeded")
	case !errors.As(err, &exit):
		ts.Fatalf("%v", err)
	case exit.ExitCode() != want:
		ts.Fatalf("exit code %d, want %d", exit.ExitCode(), want)
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("prints %q", out)
	}
	line, rest, ended := strings.Cut(ts.ReadFile("stderr"), "\n")
	if !ended || rest != "" || !strings.HasPrefix(line, "sendbench: ") {
		ts.Fatalf("says %q\n%s, want one line from sendbench", line, rest)
	}
	if found := insider.FindString(line); found != "" {
		ts.Fatalf("says %q to a user", found)
	}
	if after := tree(ts); !maps.Equal(before, after) {
		ts.Fatalf("files were %v, now %v", before, after)
	}
}

// tree is what is below the script's directory, by name: mode, and content.
func tree(ts *testscript.TestScript) map[string]string {
	files := map[string]string{}
	ts.Check(filepath.WalkDir(ts.Getenv("WORK"), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		files[path] = info.Mode().String()
		if !info.Mode().IsRegular() {
			return nil
		}
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrPermission) {
			return nil
		}
		files[path] += fmt.Sprintf(" %x", sha256.Sum256(content))
		return err
	}))
	return files
}
