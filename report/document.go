package report

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// Source is a record to report on.
type Source struct {
	File   string // that it was read from
	Record *results.Record
}

// document is one record or several, boiled down to be shown together.
type document struct {
	entries []entry
	notices []string // on the records together
}

// entry is one record of a document.
type entry struct {
	file    string
	label   string // what tells it from the others: 1 alpha, Linux 6.18
	prefix  string // of ids and of files' names; "" for the only one
	summary *results.Summary
	change  *results.Comparison // from the first entry to this; nil for that, and where they have nothing in common
}

// newDocument boils records down. One that is there twice is shown once.
func newDocument(sources []Source) document {
	var d document
	kept := d.distinct(sources)
	for i, s := range kept {
		e := entry{file: s.File, summary: results.Summarize(s.Record)}
		if i > 0 {
			// The only error is that there is nothing in common, which shows as nil.
			e.change, _ = results.Compare(kept[0].Record, s.Record)
		}
		d.entries = append(d.entries, e)
	}
	d.name()
	return d
}

// distinct are the sources without those of a run that an earlier one is of, too. Of
// two states of a run, as one leaves that was interrupted and resumed, the longer one
// is kept.
func (d *document) distinct(sources []Source) []Source {
	var kept []Source
	for _, s := range sources {
		i := slices.IndexFunc(kept, func(o Source) bool { return results.SameRun(o.Record.Run, s.Record.Run) })
		if i < 0 {
			kept = append(kept, s)
			continue
		}
		longer, shorter := kept[i], s
		if len(s.Record.Trials) > len(kept[i].Record.Trials) {
			longer, shorter = s, kept[i]
		}
		how := "is the same record as"
		if a, b := len(shorter.Record.Trials), len(longer.Record.Trials); a != b {
			how = fmt.Sprintf("has %d of the %d trials of the same run in", a, b)
		}
		d.notices = append(d.notices, fmt.Sprintf("%s %s %s: it is shown once.", printable(shorter.File), how, printable(longer.File)))
		kept[i] = longer
	}
	return kept
}

// trait is a fact that tells records apart.
type trait struct {
	name string
	of   func(*results.Summary) string
	key  bool // records go by it
}

// protocolTrait is there to tell records apart: what they share of how they sent says it.
const protocolTrait = "Protocol"

var traits = []trait{
	{"Host", func(s *results.Summary) string { return prefixed("host ", s.Run.Environment.Hostname) }, true},
	{"Kernel", func(s *results.Summary) string { return prefixed("Linux ", s.Run.Environment.Kernel) }, true},
	{"Link", func(s *results.Summary) string { return linkPhrase(s.Run.Environment.Link) }, true},
	{protocolTrait, protocols, true},
	{"Device", func(s *results.Summary) string { return prefixed("device ", deviceName(s.Run.Environment.Link.Device)) }, true},
	{"Receiver", func(s *results.Summary) string {
		if p := s.Run.Environment.Link.Peer; p != nil {
			return "to " + peerName(*p)
		}
		return ""
	}, true},
	{"CPU", func(s *results.Summary) string { return printable(s.Run.Environment.CPUModel) }, false},
	{"How it sent", func(s *results.Summary) string { return strings.TrimSuffix(strings.TrimPrefix(sent(s), "Sent: "), ".") }, false},
	{"Build", func(s *results.Summary) string { return prefixed("commit ", s.Run.Environment.Commit) }, false},
	{"Privileges", func(s *results.Summary) string { return prefixed("as ", s.Run.Environment.Privileges) }, false},
}

// protocols are those that a record's messages were sent by.
func protocols(s *results.Summary) string {
	var names []string
	for _, g := range s.Groups {
		names = addOnce(names, strings.ToUpper(printable(g.Cell.Proto)))
	}
	return join(names, "and")
}

func prefixed(prefix, value string) string {
	if value = printable(value); value == "" {
		return ""
	}
	return prefix + value
}

// shared reports whether a trait is the same in all entries.
func (d document) shared(t trait) bool {
	return !slices.ContainsFunc(d.entries, func(e entry) bool { return t.of(e.summary) != t.of(d.entries[0].summary) })
}

// name gives entries labels and prefixes, where there are several: what differs
// between them or, where that doesn't tell all apart, their files.
func (d *document) name() {
	if len(d.entries) < 2 {
		return
	}
	labels := make([]string, len(d.entries))
	for i, e := range d.entries {
		var parts []string
		for _, t := range traits {
			if v := t.of(e.summary); t.key && v != "" && !d.shared(t) {
				parts = append(parts, v)
			}
		}
		labels[i] = strings.Join(parts, ", ")
	}
	for i := range d.entries {
		e := &d.entries[i]
		label := labels[i]
		alike := 0
		for _, l := range labels {
			if l == label {
				alike++
			}
		}
		switch file := printable(filepath.Base(e.file)); {
		case label == "":
			label = file
		case alike > 1:
			label += ", " + file
		}
		e.label = fmt.Sprintf("%d %s", i+1, label)
		e.prefix = fmt.Sprintf("record-%d-", i+1)
	}
}

// entryPrefix begins the names of an entry's files, among several.
var entryPrefix = regexp.MustCompile(`^record-[0-9]+-`)

// common says in a sentence what all records share.
func (d document) common() string {
	var parts []string
	for _, t := range traits {
		if v := t.of(d.entries[0].summary); v != "" && d.shared(t) && t.name != protocolTrait {
			parts = append(parts, v)
		}
	}
	if parts == nil {
		return ""
	}
	return "The same in all: " + strings.Join(parts, "; ") + "."
}

// differing are the traits that aren't the same in all entries.
func (d document) differing() []trait {
	return slices.DeleteFunc(slices.Clone(traits), d.shared)
}
