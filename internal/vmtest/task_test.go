//go:build linux

package vmtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sendbench/internal/vmtest/guest"
)

// task is a step and how to judge what came of it, and of all others by name.
type task struct {
	step  guest.Step
	judge func(t *testing.T, o result, all map[string]result)
}

// result is what came of a step.
type result struct {
	ended  bool // it was begun and ended
	exit   int
	late   bool
	took   time.Duration
	output []string // lines, with their ends
	files  map[string][]byte
}

// take takes in what an event says, and returns false if it says nothing of a step.
func (o *result) take(t *testing.T, e guest.Event) bool {
	switch e.Kind {
	case guest.Start:
	case guest.Output:
		o.output = append(o.output, e.Text)
	case guest.End:
		o.ended, o.exit, o.late, o.took = true, e.Exit, e.Late, e.Took
	case guest.File:
		data, err := unpacked(e)
		if err != nil {
			t.Error(err)
		}
		if o.files == nil {
			o.files = map[string][]byte{}
		}
		o.files[e.Name] = data
	default:
		return false
	}
	return true
}

// keep writes output and files to files that are named so.
func (o result) keep(t *testing.T, name string) {
	if err := os.WriteFile(name+".log", []byte(o.text()), 0o644); err != nil {
		t.Error(err)
	}
	for path, data := range o.files {
		if err := os.WriteFile(name+filepath.Ext(path), data, 0o644); err != nil {
			t.Error(err)
		}
	}
}

func (o result) text() string { return strings.Join(o.output, "") }

// runSuite runs the tests of a package, in a host's namespace and with further
// arguments.
func runSuite(p Suite, host string, args ...string) task {
	return task{
		guest.Step{
			Name: p.Package, Host: host, Dir: suiteDir(p.Package), Within: suiteWithin + 10*time.Second,
			Args: append([]string{"/bin/" + suiteName(p.Package), "-test.v=test2json", "-test.short", "-test.skip=" + p.Skip, "-test.timeout=" + suiteWithin.String()}, args...),
		},
		judgeTests,
	}
}

// suiteWithin bounds the tests of a package: those of strategies take a minute where
// nothing else goes on.
const suiteWithin = 6 * time.Minute
