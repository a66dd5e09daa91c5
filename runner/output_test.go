//go:build linux

package runner

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

func mustOpen(t *testing.T, path string) *output {
	t.Helper()
	o, err := openOutput(path, cureNew)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func mustClose(t *testing.T, o *output) {
	t.Helper()
	if err := o.close(); err != nil {
		t.Error(err)
	}
}

// entries are the names in a directory, nil if there is none.
func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// TestOutputIsOneRuns: from the look at the cells to the last trial nobody else
// gets at the record, under whatever name.
func TestOutputIsOneRuns(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "r.jsonl"), filepath.Join(dir, "link.jsonl")
	if err := os.Symlink("r.jsonl", link); err != nil {
		t.Fatal(err)
	}
	refused := func(when string, paths ...string) {
		t.Helper()
		for _, path := range paths {
			for _, check := range []func(string) error{CheckOutput, CheckResume} {
				err := check(path)
				if err == nil || !strings.HasPrefix(err.Error(), "another run is writing ") || strings.Contains(err.Error(), "\n") {
					t.Errorf("%s, %s: %v; want that another run has it", when, path, err)
				}
			}
		}
	}
	rec := resultstest.Planted(resultstest.OneCell())
	rec.End = nil
	for _, there := range []string{"no record yet", "an older record"} {
		first := mustOpen(t, path)
		refused(there+", before the head", path)
		if err := first.begin(rec); err != nil {
			t.Fatal(err)
		}
		refused(there+", after the head", path, link)
		if err := results.NewWriter(first.file).WriteTrial(rec.Trials[0]); err != nil {
			t.Fatal(err)
		}
		mustClose(t, first)
		if err := CheckOutput(link); err != nil {
			t.Errorf("after the run: %v", err)
		}
		if got := read(t, path); len(got.Trials) != len(rec.Trials)+1 {
			t.Errorf("%s: the record has %d trials, want %d", there, len(got.Trials), len(rec.Trials)+1)
		}
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the symbolic link is %v now (%v)", info.Mode(), err)
	}
}

// TestOutputBeforeItsHead: until a record has its head there is none, and what was
// there before is there still.
func TestOutputBeforeItsHead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "deep")
	path := filepath.Join(dir, "r.jsonl")
	o := mustOpen(t, path)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file before the head: %v", err)
	}
	mustClose(t, o)
	if left := entries(t, filepath.Dir(filepath.Dir(dir))); len(left) != 0 {
		t.Errorf("left %v", left)
	}

	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	older := `{"record":"run"} and what goes on from there`
	// A run that was killed while it looked at its cells leaves the file beside.
	for name, content := range map[string]string{path: older, path + beside: "half a head, longer than nothing"} {
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	o = mustOpen(t, path)
	if b, err := os.ReadFile(path); string(b) != older {
		t.Errorf("an older record became %q before the head (%v)", b, err)
	}
	rec := resultstest.Planted(resultstest.OneCell())
	if err := o.begin(rec); err != nil {
		t.Fatal(err)
	}
	mustClose(t, o)
	if got := read(t, path); len(got.Trials) != len(rec.Trials) {
		t.Errorf("%d trials, want %d", len(got.Trials), len(rec.Trials))
	}
	if left := entries(t, dir); len(left) != 1 {
		t.Errorf("there are %v, want the record alone", left)
	}
}

// TestOutputIsARecord: what a run didn't write it doesn't replace.
func TestOutputIsARecord(t *testing.T) {
	for _, test := range []struct {
		name, there string
		refused     bool
	}{
		{"a record", `{"record":"run","id":"x"}` + "\n" + `{"record":"trial"}`, false},
		{"nothing", "", false},
		{"a document", "# sendbench\n", true},
		{"other JSON", `{"record":"trial"}`, true},
		{"a number", "7", true},
		{"half a line", `{"record":"ru`, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "r.jsonl")
			if err := os.WriteFile(path, []byte(test.there), 0o666); err != nil {
				t.Fatal(err)
			}
			err := CheckOutput(path)
			if refused := err != nil && strings.Contains(err.Error(), "is no record, and would be replaced by one; name another file"); refused != test.refused || !refused && err != nil {
				t.Errorf("got %v", err)
			}
			if b, err := os.ReadFile(path); err != nil || string(b) != test.there {
				t.Errorf("it is %q now (%v)", b, err)
			}
			if left := entries(t, filepath.Dir(path)); len(left) != 1 {
				t.Errorf("left %v", left)
			}
		})
	}
}
