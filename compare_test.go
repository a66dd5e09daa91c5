//go:build linux

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// writeRecords writes two records of one sweep, old.jsonl and new.jsonl, into a
// new directory. The second is the first with each trial as edit leaves it, or
// without it where that returns false.
func writeRecords(t *testing.T, edit func(*results.Trial) bool) (dir string) {
	t.Helper()
	o := resultstest.Options{
		Profiles: []string{results.ProfileDefault}, Strategies: []string{"write", "sendmmsg", "uring-sendzc", "uring-sendzc-fixed"},
		Sizes: []int{1400, 64000}, HotOnly: true, Rounds: 10, Noise: 0.01,
	}
	old, new := resultstest.Planted(o), resultstest.Planted(o)
	new.Run.ID = "20260102T030406-planted"
	new.Run.Environment.Kernel, new.Run.Environment.Commit = "6.19.0\x1b[31m", "0123456789ab"
	var kept []results.Trial
	for _, trial := range new.Trials {
		if edit(&trial) {
			kept = append(kept, trial)
		}
	}
	new.Trials = kept
	dir = t.TempDir()
	for name, rec := range map[string]*results.Record{"old.jsonl": old, "new.jsonl": new} {
		var b bytes.Buffer
		if err := results.Write(&b, rec); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// slowed takes a tenth off one way of sending, makes another cheaper by half, all
// trials of a third at one size invalid, and leaves a cell out.
func slowed(trial *results.Trial) bool {
	switch c := trial.Cell; {
	case c.Strategy == "sendmmsg":
		trial.ElapsedNS += trial.ElapsedNS / 9
		trial.CPUThreadNS += trial.CPUThreadNS / 9
	case c.Strategy == "uring-sendzc-fixed" && c.Size == 64000:
		trial.CPUThreadNS /= 2
	case c.Strategy == "uring-sendzc-fixed":
		return false
	case c.Strategy == "uring-sendzc" && c.Size == 1400:
		trial.Error = "planted"
	}
	return true
}

func TestCompareText(t *testing.T) {
	golden, err := filepath.Abs("testdata/compare.golden")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(writeRecords(t, slowed)) // so that the names in the text are short
	var out bytes.Buffer
	const fails = "--fail-on slower: a verdict in 6 of 19 figures"
	if err := (&compareFlags{format: compareText, failOn: "slower"}).compare(&out, "old.jsonl", "new.jsonl"); err == nil || !strings.HasPrefix(err.Error(), fails) {
		t.Fatalf("%v, want %s", err, fails)
	}
	if strings.ContainsRune(out.String(), '\x1b') {
		t.Error("what a record says reaches the terminal as it is")
	}
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("differs from %s (-update writes it anew), -want +got:\n%s", golden, diff)
	}
}

// TestCompareFailOn checks what the gate says, whatever the format.
func TestCompareFailOn(t *testing.T) {
	noChange := func(*results.Trial) bool { return true }
	twiceAsFast := func(trial *results.Trial) bool {
		if trial.Cell.Strategy == "sendmmsg" {
			trial.ElapsedNS /= 2
			trial.CPUThreadNS /= 2
		}
		return true
	}
	broken := func(trial *results.Trial) bool {
		if trial.Cell.Strategy == "sendmmsg" {
			trial.Error = "planted"
		}
		return true
	}
	fewRounds := func(trial *results.Trial) bool { return trial.Round < 3 }
	for _, tt := range []struct {
		name   string
		edit   func(*results.Trial) bool
		failOn string
		want   string // part of the error, "" for none
	}{
		{"slower, not asked for", slowed, "", ""},
		{"slower", slowed, "slower", "a verdict in 6 of 19 figures, the first link=sink"},
		{"slower, and a cell is gone", slowed, "slower", "the new record has no valid round of 2 cells that the old one has, the first link=sink"},
		{"slower, and something cheaper", slowed, "faster", "strategy=uring-sendzc-fixed: faster (cheaper) by cpu-ns/B"},
		{"any", slowed, "any", "a verdict in 7 of 19 figures"},
		{"faster isn't slower", twiceAsFast, "slower", ""},
		{"faster", twiceAsFast, "faster", "--fail-on faster: a verdict in "},
		{"nothing", noChange, "any", ""},
		{"broken", broken, "slower", "no valid round of 2 cells that the old one has, the first link=sink/nic=default/footprint=1Mi/fill=stamp/segment=1472/size=1400/strategy=sendmmsg (planted)"},
		{"too few rounds", fewRounds, "any", "nothing could be decided: of 22 figures none has rounds and A/A enough for a verdict; measure more rounds"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := writeRecords(t, tt.edit)
			for _, format := range compareFormats {
				var out bytes.Buffer
				f := compareFlags{format: format, failOn: tt.failOn}
				err := f.compare(&out, filepath.Join(dir, "old.jsonl"), filepath.Join(dir, "new.jsonl"))
				if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%s: %v, want %q", format, err, tt.want)
				}
				if out.Len() == 0 {
					t.Errorf("%s: nothing is said", format)
				}
			}
		})
	}
}
