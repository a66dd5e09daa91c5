//go:build linux && (amd64 || arm64)

package uringzc

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// abiFacts are what abi.c prints: sizes and offsets in bytes, and constants.
type abiFacts map[string]int64

// hold checks a figure against the fact of that name.
func (f abiFacts) hold(t *testing.T, name string, got int64) {
	t.Helper()
	want, ok := f[name]
	switch {
	case !ok:
		t.Errorf("%s: no such fact in abi.txt; want it printed by abi.c, and make abi with headers that have it", name)
	case got != want:
		t.Errorf("%s = %d, want %d", name, got, want)
	}
}

func recordedFacts(t *testing.T) abiFacts {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "abi.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return parseFacts(t, string(text))
}

// parseFacts reads the output of abi.c: comments, then a name and a number a
// line, in order of the names.
func parseFacts(t *testing.T, text string) abiFacts {
	t.Helper()
	f := abiFacts{}
	last := ""
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, number, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		value, err := strconv.ParseInt(number, 10, 64)
		if err != nil || name <= last {
			t.Fatalf("fact %q after %q: want a name and a number, and names in order", line, last)
		}
		f[name], last = value, name
	}
	if len(f) == 0 {
		t.Fatal("there are no facts; want a name and a number a line")
	}
	return f
}
