package probe

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var planted = map[string]func() *Report{"normal": normal, "missing": missing, "hostile": hostile}

func TestWriteText(t *testing.T) {
	for name, report := range planted {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := report().WriteText(&b, false); err != nil {
				t.Fatal(err)
			}
			file := "testdata/" + name + ".golden"
			if *update {
				if err := os.WriteFile(file, b.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
				t.Error(diff)
			}
			for line := range strings.Lines(b.String()) {
				line = strings.TrimSuffix(line, "\n")
				if n := utf8.RuneCountInString(line); n > textWidth {
					t.Errorf("%d columns: %q", n, line)
				}
				if strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) || strings.HasSuffix(line, " ") {
					t.Errorf("a line of %q", line)
				}
			}
		})
	}
}

// TestColor: colours mark what is there anyway.
func TestColor(t *testing.T) {
	escape := regexp.MustCompile("\x1b\\[[0-9]+m")
	for name, report := range planted {
		var plain, colored bytes.Buffer
		if err := errors.Join(report().WriteText(&plain, false), report().WriteText(&colored, true)); err != nil {
			t.Fatal(err)
		}
		if !escape.Match(colored.Bytes()) {
			t.Errorf("%s: no colour", name)
		}
		if diff := cmp.Diff(plain.String(), escape.ReplaceAllString(colored.String(), "")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteTextError(t *testing.T) {
	if err := normal().WriteText(fullDisk{}, false); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v, want the writer's error", err)
	}
}

// TestEmptyReport: what a report lacks is no reason to fail.
func TestEmptyReport(t *testing.T) {
	var b bytes.Buffer
	r := &Report{Surroundings: Surroundings{Device: &Device{}}}
	if err := r.WriteText(&b, true); err != nil || b.Len() == 0 {
		t.Errorf("%v, %d bytes", err, b.Len())
	}
}
