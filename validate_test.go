//go:build linux

package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sendbench/runner"
	"sendbench/runner/link"
	"sendbench/runner/meter"
	"sendbench/runner/nic"
	"sendbench/runner/results"
	"sendbench/uringzc"
)

var (
	validateOut      = flag.String("validate", "", "file that TestValidate writes what the harness shows of itself to; without it there is no such test")
	validateShort    = flag.Bool("validate-short", false, "TestValidate takes about a minute and shows that every part works, and no ratio")
	validateSections = flag.String("validate-sections", "", "sections of TestValidate, separated by commas; all without it")
	validateRecord   = flag.String("validate-record", "", "record of an earlier TestValidate's noise to draw from, instead of a new one")
)

// TestValidate has the harness prove itself on this machine, and writes what came
// out. It fails where counts disagree and where planted data is judged wrongly, never
// for a time.
//
// The records that it rests on are beside its report.
func TestValidate(t *testing.T) {
	if *validateOut == "" {
		t.Skip("asked for with -validate FILE, as make validate does")
	}
	if !link.Inside() {
		isolateValidate(t)
		return
	}
	v := newValidation(t)
	chapters, err := v.chapters(*validateSections)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*validateOut, v.report(chapters), 0o666); err != nil {
		t.Fatal(err)
	}
}

// isolateValidate runs this test program once more, in a network namespace, with the
// planted strategies.
func isolateValidate(t *testing.T) {
	dir := recordsDir()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	spells := filepath.Join(dir, "spells.jsonl")
	if err := os.WriteFile(spells, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv(plantedEnv, spells)
	code, err := link.Isolate()
	if errors.As(err, new(*link.NamespaceError)) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if code != 0 {
		t.Fatalf("failed in the namespace with exit code %d, see above", code)
	}
}

// recordsDir is where records are kept: out/validate for out/validate.md.
func recordsDir() string {
	return strings.TrimSuffix(*validateOut, filepath.Ext(*validateOut))
}

// effort is how much is measured.
type effort struct {
	short bool

	pairs        int // rounds of those sections that compare pairs of trials
	tcpPairs     int // over TCP, where two CPUs work and trials differ more
	examplePairs int // of those of which each takes a second

	noiseRounds int
	panels      int // simulated, of each kind

	againRuns, spinsRuns int

	trial, warmup time.Duration // of runs
	coldRounds    int
}

var (
	longEffort = effort{
		pairs: 40, tcpPairs: 160, examplePairs: 8,
		noiseRounds: 48, panels: 1000,
		againRuns: 10, spinsRuns: 10,
		trial: 10 * time.Millisecond, warmup: 2 * time.Millisecond,
		coldRounds: 24,
	}
	shortEffort = effort{
		short: true,
		pairs: 2, tcpPairs: 2, examplePairs: 1,
		noiseRounds: 12, panels: 1000,
		againRuns: 1, spinsRuns: 1,
		trial: time.Millisecond, warmup: 200 * time.Microsecond,
		coldRounds: 2,
	}
)

// validation is what the sections share.
type validation struct {
	t         *testing.T
	begun     time.Time
	effort    effort
	order     *rand.Rand
	link      *link.Link
	program   string // the twin; "" where it can't be built
	noTwin    error  // why not
	cpu       int    // that everything is sent from
	cpus      int    // how many there are
	memory    *memory
	ringFlags uringzc.SetupFlags
	ways      *section       // once measured
	recorded  *recordedNoise // once there is one
	records   []*results.Record
}

func newValidation(t *testing.T) *validation {
	v := &validation{
		t: t, begun: time.Now(), effort: longEffort, order: rand.New(rand.NewPCG(1, 0)),
		cpu: senderCPU(t), memory: newMemory(t, runner.Hot), noTwin: compilerMissing(t),
	}
	if *validateShort {
		v.effort = shortEffort
	}
	if v.noTwin == nil {
		v.program = buildTwin(t)
	}
	cpus, err := meter.AllowedCPUs()
	if err != nil {
		t.Fatal(err)
	}
	v.cpus = len(cpus)
	if v.link, err = link.Open(link.Sink, 4); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.link.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, v.ringFlags, err = goNops(1, time.Millisecond); err != nil {
		t.Fatal(err)
	}
	return v
}

// parts are the sections in the order of the report. What counts looks at is the records
// of all before it.
func (v *validation) parts() []part {
	return []part{
		{"noise", v.noise},
		{"again", v.again},
		{"same", v.same},
		{"spins", v.spins},
		{"twin", func() chapter { return v.paired(v.strategies) }},
		{"tcp", func() chapter { return v.paired(v.tcp) }},
		{"share", v.share},
		{"nops", func() chapter { return v.paired(v.nops) }},
		{"conn", func() chapter { return v.paired(v.conns) }},
		{"example", func() chapter { return v.paired(v.example) }},
		{"cold", v.cold},
		{"counts", v.counts},
		{"drops", v.drops},
	}
}

// part is a section by its name on the command line.
type part struct {
	name    string
	measure func() chapter
}

// chapters measures the sections that are asked for.
func (v *validation) chapters(names string) (chapters []chapter, err error) {
	parts := v.parts()
	var known []string
	for _, p := range parts {
		known = append(known, p.name)
	}
	wanted := known
	if names != "" {
		wanted = strings.Split(names, ",")
	}
	for _, name := range wanted {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("-validate-sections %s: there are %s", names, strings.Join(known, ","))
		}
	}
	for _, p := range parts {
		if !slices.Contains(wanted, p.name) {
			continue
		}
		begun := time.Now()
		c := p.measure()
		v.t.Logf("%s: %v", p.name, time.Since(begun).Round(time.Millisecond))
		chapters = append(chapters, c)
	}
	return chapters, nil
}

// run makes a run as the command does, on the sink unless the sweep names another link,
// with what a sweep leaves open at its default, and keeps its record.
func (v *validation) run(name string, s runner.Sweep, o runner.Options) *results.Record {
	e := meter.Environment(v.cpu)
	s.Link = cmp.Or(s.Link, link.Sink)
	s.Family, s.Segment, s.Batch = 4, runner.SegmentAuto, runner.DefaultBatch
	s.LLC, s.CPUs = e.LLCBytes, e.CPUs
	o.Sweep, o.Seed, o.Out = s, v.order.Uint64(), filepath.Join(recordsDir(), name+".jsonl")
	if o.Budget == 0 {
		o.Budget = 10 * time.Minute // the test's own limit comes first
	}
	err := runner.Run(v.t.Context(), o)
	if err != nil && !errors.Is(err, runner.ErrBudget) && !errors.As(err, new(*runner.ImpreciseError)) {
		v.t.Fatalf("run %s: %v", name, err)
	}
	rec, err := results.ReadFile(o.Out)
	if err != nil {
		v.t.Fatal(err)
	}
	v.records = append(v.records, rec)
	return rec
}

// onDefault is the profile that changes nothing, alone.
func (v *validation) onDefault() []nic.Profile {
	p, err := nic.ParseProfile(results.ProfileDefault)
	if err != nil {
		v.t.Fatal(err)
	}
	return []nic.Profile{p}
}
