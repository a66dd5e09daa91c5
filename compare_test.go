//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io"
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
	if err := (&compareFlags{format: compareText, failOn: "slower"}).compare(&out, io.Discard, "old.jsonl", "new.jsonl"); err == nil || !strings.HasPrefix(err.Error(), fails) {
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

// TestCompareTextIsBounded: text of a record goes to the terminal without what steers
// one, and no name widens a table for all rows.
func TestCompareTextIsBounded(t *testing.T) {
	const honest = 20_000
	long := strings.Repeat("x", 4000)
	dir := writeRecords(t, func(trial *results.Trial) bool {
		trial.Error = "planted"
		return true
	})
	for _, file := range []string{"old.jsonl", "new.jsonl"} {
		path := filepath.Join(dir, file)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var settings strings.Builder
		for i := range 5000 {
			fmt.Fprintf(&settings, `"%s%d":"on",`, file, i)
		}
		hostile := strings.NewReplacer(`"sendmmsg"`, `"\u001b[31m\u202e`+long+`"`, `"hostname":"planted"`, `"hostname":"`+long+long+`"`,
			`"mitigations":{`, `"mitigations":{`+settings.String(), `"error":"planted"`, `"error":"`+long+`"`).Replace(string(text))
		if err := os.WriteFile(path, []byte(hostile), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	var out bytes.Buffer
	err := (&compareFlags{format: compareText, failOn: "any"}).compare(&out, io.Discard, "old.jsonl", "new.jsonl")
	if err == nil || len(err.Error()) > 5000 || strings.ContainsAny(err.Error(), "\x1b\u202e") {
		t.Errorf("the gate: %v", err)
	}
	if text := out.String(); len(text) > 10*honest || strings.ContainsAny(text, "\x1b\u202e") || !strings.Contains(text, "and 9802 more, which --format json has") {
		t.Errorf("%d bytes, of which the first are %.2000q", len(text), text)
	}
}

// TestCompareUndecidedPasses: where OLD had too few rounds, it isn't for NEW to answer,
// but it is said.
func TestCompareUndecidedPasses(t *testing.T) {
	t.Chdir(writeRecords(t, func(trial *results.Trial) bool {
		return trial.Round < 3 || trial.Cell.Strategy == "write" && trial.Cell.Size == 1400
	}))
	for _, format := range compareFormats {
		var notes bytes.Buffer
		f := compareFlags{format: format, failOn: "slower"}
		if err := f.compare(io.Discard, &notes, "new.jsonl", "old.jsonl"); err != nil { // the one with few rounds is the old one
			t.Errorf("%s: %v", format, err)
		}
		const want = "sendbench: --fail-on slower passes, but no verdict could be had on 20 of 22 figures, for want of rounds or of A/A\n"
		if notes.String() != want {
			t.Errorf("%s: %q, want %q", format, &notes, want)
		}
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
	mostlySlower := func(trial *results.Trial) bool { // by so much that the fewest rounds would tell, if they told anything
		if trial.Cell.Strategy == "write" && trial.Cell.Size == 1400 {
			return true
		}
		trial.ElapsedNS *= 3
		return trial.Round < 3
	}
	noCPUTime := func(trial *results.Trial) bool {
		if trial.Cell.Strategy == "sendmmsg" {
			trial.CPUThreadNS = 0
		}
		return true
	}
	for _, tt := range []struct {
		name   string
		edit   func(*results.Trial) bool
		failOn string
		want   string // part of the error, "" for none
		// sharp is whether there could be a verdict on every figure, which else is said.
		sharp bool
	}{
		{"slower, not asked for", slowed, "", "", false},
		{"slower", slowed, "slower", "a verdict in 6 of 19 figures, the first link=sink", false},
		{"slower, and a cell is gone", slowed, "slower", "the new record has no valid round of 2 cells that the old one has, the first link=sink", false},
		{"slower, and something cheaper", slowed, "faster", "strategy=uring-sendzc-fixed: faster (cheaper) by cpu-ns/B", false},
		{"any", slowed, "any", "a verdict in 7 of 19 figures", false},
		{"faster isn't slower", twiceAsFast, "slower", "", true},
		{"faster", twiceAsFast, "faster", "--fail-on faster: a verdict in ", true},
		{"nothing", noChange, "any", "", true},
		{"broken", broken, "slower", "no valid round of 2 cells that the old one has, the first link=sink/nic=default/footprint=1Mi/fill=stamp/segment=1472/size=1400/strategy=sendmmsg (planted)", false},
		{"too few rounds", fewRounds, "any", "nothing could be decided: of 22 figures none has rounds and A/A enough for a verdict; measure more rounds", false},
		{"too few rounds of all but a cell", mostlySlower, "slower", "the new record has too few rounds for a verdict on 20 figures that the old one has enough of, the first link=sink/nic=default/footprint=1Mi/fill=stamp/segment=1472/size=1400/strategy=sendmmsg by ratio: 3 of 10 rounds; measure as many", false},
		{"no CPU time", noCPUTime, "slower", "on 2 figures that the old one has enough of, the first link=sink/nic=default/footprint=1Mi/fill=stamp/segment=1472/size=1400/strategy=sendmmsg by cpu-ns/B: 0 of 10 rounds", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := writeRecords(t, tt.edit)
			for _, format := range compareFormats {
				var out, notes bytes.Buffer
				f := compareFlags{format: format, failOn: tt.failOn}
				err := f.compare(&out, &notes, filepath.Join(dir, "old.jsonl"), filepath.Join(dir, "new.jsonl"))
				if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%s: %v, want %q", format, err, tt.want)
				}
				if out.Len() == 0 {
					t.Errorf("%s: nothing is said", format)
				}
				said := notes.String()
				if err != nil {
					said += err.Error()
				}
				const open = "no verdict could be had on "
				if told := strings.Contains(said, open) || strings.Contains(said, "nothing could be decided"); told == tt.sharp && tt.failOn != "" {
					t.Errorf("%s: %q; want that figures are undecided: %t", format, said, !tt.sharp)
				}
			}
		})
	}
}
