//go:build linux

package vmtest

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"sendbench/internal/vmtest/guest"
	"sendbench/runner/link"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// sweep is a short run of all strategies over a link, of which a record comes.
type sweep struct {
	over  string // the link
	whole bool   // of messages that are sent as one datagram, and not in segments
}

// sweeps are those of a machine that go into the table.
func (d Driver) sweeps() []sweep {
	switch {
	case d.Suites != nil:
		return nil
	case d.Device == "":
		return []sweep{{over: link.Sink}}
	case d.Plain:
		return []sweep{{over: link.NIC}, {over: link.NIC, whole: true}}
	}
	return []sweep{{over: link.NIC}}
}

// name is that of the step that brings the record.
func (s sweep) name() string {
	name := "run over " + s.over
	if s.whole {
		name += " without segments"
	}
	return name
}

// file is where a machine writes the record.
func (s sweep) file() string { return "/tmp/" + strings.ReplaceAll(s.name(), " ", "-") + ".jsonl" }

// driver is what the table calls it.
func (s sweep) driver(d Driver) string {
	name := d.Name
	if s.whole {
		name += " without UDP_SEGMENT"
	}
	return name
}

// command is the run, its record going to a file.
func (s sweep) command(file, flags string) []string {
	messages := "--size 1400,64000"
	if s.whole {
		messages = "--size 1400 --segment off"
	}
	return strings.Fields(fmt.Sprintf("%s run --link %s --strategy %s %s --fill stamp --footprint 1M --rounds 1 --trial 20ms --warmup 2ms --budget 60s --quiet --out %s %s",
		sendbenchPath, s.over, strings.Join(strategies.Names(), ","), messages, file, flags))
}

// sweepWithin bounds one, above its budget.
const sweepWithin = 80 * time.Second

// here is the sweep over a link that a run makes for itself.
func (s sweep) here(judge judgeRecord) task {
	return task{
		guest.Step{Name: s.name(), Args: s.command(s.file(), "--nic default"), Within: sweepWithin, Files: []string{s.file()}},
		recorded(s.file(), judge),
	}
}

// between is the sweep between two hosts. A machine that stands still for a while cuts
// them off from each other: then the run is begun anew, if it has no record yet, and
// gone on with.
func (s sweep) between(host, flags string, judge judgeRecord) []task {
	begin := guest.Step{Name: s.name() + " begun", Host: host, Args: s.command(s.file(), "--nic default "+flags), Within: sweepWithin}
	anew := begin
	anew.Name, anew.Unless = s.name()+" begun anew", s.file()
	goOn := begin
	goOn.Name = s.name() + " gone on with"
	goOn.Args = []string{sendbenchPath, "run", "--resume", "--secret-file", secretFile, "--quiet", "--out", s.file()} // does nothing if it is complete
	last := goOn
	last.Name, last.Files = s.name(), []string{s.file()}
	return []task{{begin, succeedsOrIsTold}, {anew, succeedsOrIsTold}, {goOn, succeedsOrIsTold}, {last, recorded(s.file(), judge)}}
}

// record is what came of it.
func (s sweep) record(came map[string]result) (*results.Record, error) {
	return results.Read(bytes.NewReader(came[s.name()].files[s.file()]))
}
