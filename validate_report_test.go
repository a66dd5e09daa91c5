//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sendbench/runner/meter"
)

// chapter is one part of the validation: what is asked, and the tables that the
// answers rest on.
type chapter struct {
	Title   string
	Intro   string // Markdown
	Claims  []claim
	Tables  []figures
	Notes   []string // a paragraph each
	Missing string   // why it could not be measured
}

// claim is one thing that is asked of the harness.
type claim struct {
	Asked, Measured string
	Reached         reached
}

// reached says whether a claim holds.
type reached string

const (
	yes      reached = "yes"
	no       reached = "**no**"
	notShown reached = "not shown" // what was measured allows either
	briefly  reached = "too short" // the short form is not made to show it
)

// reachedIf is yes or no.
func reachedIf(ok bool) reached {
	if ok {
		return yes
	}
	return no
}

// figures are a Markdown table, whose first column is text and the others figures,
// unless all are words.
type figures struct {
	Head  []string
	Rows  [][]string
	Words bool
}

func (t *figures) add(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = fmt.Sprint(c)
	}
	t.Rows = append(t.Rows, row)
}

func (t figures) write(b *bytes.Buffer) {
	line := func(cells []string) { fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | ")) }
	b.WriteString("\n")
	line(t.Head)
	column := "--:"
	if t.Words {
		column = "---"
	}
	rule := []string{"---"}
	for range t.Head[1:] {
		rule = append(rule, column)
	}
	line(rule)
	for _, row := range t.Rows {
		line(row)
	}
}

func (c chapter) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n", c.Title, c.Intro)
	if c.Missing != "" {
		fmt.Fprintf(b, "\nNot measured: %s.\n", c.Missing)
		return
	}
	for _, t := range c.Tables {
		t.write(b)
	}
	for _, note := range c.Notes {
		fmt.Fprintf(b, "\n%s\n", note)
	}
}

// overview is all that is asked, in one table.
func overview(chapters []chapter) figures {
	t := figures{Head: []string{"", "asked", "measured", "reached"}, Words: true}
	for _, c := range chapters {
		if c.Missing != "" {
			t.add(c.Title, "", "not measured: "+c.Missing, "")
		}
		for _, claim := range c.Claims {
			t.add(c.Title, claim.Asked, claim.Measured, claim.Reached)
		}
	}
	return t
}

// report is the validation as Markdown.
func (v *validation) report(chapters []chapter) []byte {
	var b bytes.Buffer
	b.WriteString("# How far the figures are trusted\n\n")
	fmt.Fprintf(&b, "What `make validate` measured on %s, in %v.", time.Now().UTC().Format(time.DateOnly), time.Since(v.begun).Round(time.Second))
	if v.effort.short {
		b.WriteString(" This is the short form: it shows that every part works and that counts agree, and leaves open what takes longer to tell.")
	}
	b.WriteString("\n")
	overview(chapters).write(&b)
	b.WriteString("\nIntervals are 95 % ones of medians, from order statistics. The records that all this rests on are beside this file,\nin a directory of its name.\n\n")
	v.environment(&b)
	for _, c := range chapters {
		c.write(&b)
	}
	return b.Bytes()
}

// environment says what was measured on.
func (v *validation) environment(b *bytes.Buffer) {
	e := meter.Environment(v.cpu)
	rows := [][2]string{
		{"kernel", e.Kernel},
		{"CPU", fmt.Sprintf("%s, CPU %d of %d, last-level cache of %d MiB", e.CPUModel, v.cpu, e.CPUsOnline, e.LLCBytes>>20)},
		{"hypervisor", e.Hypervisor},
		{"user", fmt.Sprintf("%s, %d bytes of locked memory (exempt: %v)", e.Privileges, e.MemlockBytes, e.MemlockExempt)},
		{"Go", e.GoVersion},
		{"compiler", firstLine("gcc", "--version")},
		{"liburing", firstLine("pkg-config", "--modversion", "liburing")},
		{"ring flags, Go and C", strings.ReplaceAll(v.ringFlags.String(), "|", ", ")},
	}
	b.WriteString("| | |\n|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(b, "| %s | %s |\n", r[0], r[1])
	}
	for _, w := range e.Warnings {
		fmt.Fprintf(b, "| warning | %s |\n", w)
	}
}

// firstLine is the first line that a command prints, or that it isn't known.
func firstLine(name string, arguments ...string) string {
	out, err := exec.Command(name, arguments...).Output()
	if err != nil {
		return "not known"
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return line
}

// percent is a part of 1 in words.
func percent(part float64) string { return fmt.Sprintf("%.3g %%", 100*part) }

// TestReportChapter: what a chapter has is written, tables as Markdown; why one is
// missing stands in the overview, too.
func TestReportChapter(t *testing.T) {
	f := figures{Head: []string{"", "n"}}
	f.add("one", 1)
	chapters := []chapter{
		{Title: "T", Intro: "Intro.", Claims: []claim{{"asked", "measured", yes}}, Tables: []figures{f}, Notes: []string{"Note."}},
		{Title: "U", Intro: "Other.", Missing: "no compiler"},
	}
	var b bytes.Buffer
	overview(chapters).write(&b)
	for _, c := range chapters {
		c.write(&b)
	}
	const want = `
|  | asked | measured | reached |
| --- | --- | --- | --- |
| T | asked | measured | yes |
| U |  | not measured: no compiler |  |

## T

Intro.

|  | n |
| --- | --: |
| one | 1 |

Note.

## U

Other.

Not measured: no compiler.
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}
