//go:build linux

package vmtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sendbench/internal/vmtest/guest"
	"sendbench/strategies"
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
		o.ended, o.exit, o.late = true, e.Exit, e.Late
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
const suiteWithin = 4 * time.Minute

// sweep is the command of a short sweep of all strategies.
func sweep(link, file, flags string) []string {
	return strings.Fields(fmt.Sprintf("%s run --link %s --strategy %s --size 1400,64000 --fill stamp --footprint 1M --rounds 1 --trial 20ms --warmup 2ms --budget 60s --quiet --out %s %s",
		sendbenchPath, link, strings.Join(strategies.Names(), ","), file, flags))
}

// recordOf is where a machine writes the record of a link.
func recordOf(link string) string { return "/tmp/" + link + ".jsonl" }

// measured is the name of the step that brings a link's record.
func measured(link string) string { return "run over " + link }

// measure runs a short sweep over a link and judges its record.
func measure(link string, judge judgeRecord) task {
	file := recordOf(link)
	return task{
		guest.Step{Name: measured(link), Args: sweep(link, file, "--nic default"), Within: 80 * time.Second, Files: []string{file}},
		recorded(file, judge),
	}
}
