//go:build linux

package main

import (
	"errors"
	"flag"
	"math/rand/v2"
	"runtime"
	"testing"

	"sendbench/runner"
	"sendbench/runner/link"
	"sendbench/runner/link/linktest"
	"sendbench/runner/meter"
	"sendbench/runner/nic"
	"sendbench/runner/results"
)

var (
	benchLink  = flag.String("link", link.Sink, "link that BenchmarkSend measures on: sink, pair or loopback")
	benchProto = flag.String("proto", results.ProtoUDP, "protocol that BenchmarkSend sends over: udp, or tcp on pair and loopback")
	benchSeed  = flag.Uint64("seed", 0, "seed of the order of BenchmarkSend's cells; 0 keeps them in the sweep's order")
)

// BenchmarkSend makes the same trials as the run command, as sub-benchmarks: the
// default profile hot with a stamp at every size, and all that the default sweep
// varies at 64000 bytes, over TCP at 65536. One operation is one message.
//
//	go test -run '^$' -bench 'Send/.*/.*/.*/.*/.*/size=64000' . -args -link=pair
//	go test -run '^$' -bench 'Send/.*/.*/.*/.*/.*/size=65536' . -args -link=pair -proto=tcp
//
// -cpu says how many senders send at once, each on a CPU of its own; package testing
// puts that number, where it isn't 1, behind the name.
//
// -count repeats each benchmark in a row, so that drift of the machine falls on
// one strategy; make bench interleaves.
func BenchmarkSend(b *testing.B) {
	if *benchProto != results.ProtoUDP && *benchProto != results.ProtoTCP {
		b.Fatalf("-proto %s: it is %s or %s", *benchProto, results.ProtoUDP, results.ProtoTCP)
	}
	if *benchLink != link.Loopback {
		linktest.Need(b)
	}
	s := newBenchStand(b)
	cells := s.cells(b)
	varying := results.VaryingAxes(cells)
	varying.Proto = varying.Proto || *benchProto != results.ProtoUDP // which a name without it means
	if *benchSeed != 0 {
		r := rand.New(rand.NewPCG(*benchSeed, 0))
		r.Shuffle(len(cells), func(i, j int) { cells[i], cells[j] = cells[j], cells[i] })
	}
	for _, c := range cells {
		b.Run(results.BenchName(c, varying), func(b *testing.B) {
			b.ReportAllocs()
			if c.Flows = flows(); c.Flows > s.cpus {
				if b.N > 1 {
					b.Fatalf("-cpu %d: each flow has a CPU of its own, and this process may run on %d", c.Flows, s.cpus)
				}
				c.Flows = s.cpus // the first try, made at the last number of -cpu
			}
			trial, err := s.trial(c, runner.Limits{
				Warmup: runner.DefaultWarmup, Messages: int64(b.N), Start: b.ResetTimer, Stop: b.StopTimer,
			})
			if errors.Is(err, errors.ErrUnsupported) {
				b.Skip(err)
			}
			if err != nil {
				b.Fatal(err)
			}
			if trial.Error != "" {
				b.Fatal(trial.Error)
			}
			b.ReportMetric(float64(trial.ElapsedNS)/float64(trial.Messages), "ns/op")
			for _, m := range results.Metrics(trial) {
				b.ReportMetric(m.Value, m.Unit)
			}
		})
	}
}

// flows is how many senders send at once: what -cpu asks for, which is what package
// testing has set when a benchmark runs, or one.
func flows() int {
	if flag.Lookup("test.cpu").Value.String() == "" {
		return 1
	}
	return runtime.GOMAXPROCS(0)
}

// benchStand keeps the link, and a rig on it for the profile and footprint in
// use. Sub-benchmarks run in goroutines of their own and rigs belong to one, so
// that all is done in the one that newBenchStand starts.
type benchStand struct {
	tasks chan func()
	link  *link.Link
	rig   *runner.Rig
	size  int64 // of its arena
	cpus  int
	nic   string
	undo  func() error
}

func newBenchStand(b *testing.B) *benchStand {
	s := &benchStand{tasks: make(chan func())}
	go func() {
		for task := range s.tasks {
			task()
		}
	}()
	var err error
	s.do(func() { s.link, err = link.Open(*benchLink, 4) })
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		s.do(func() { err = errors.Join(s.leave(), s.link.Close()) })
		close(s.tasks)
		if err != nil {
			b.Error(err)
		}
	})
	return s
}

// do runs a task in the stand's goroutine and waits for it.
func (s *benchStand) do(task func()) {
	done := make(chan struct{})
	s.tasks <- func() { defer close(done); task() }
	<-done
}

// cells are those of the default sweep that fit go test's ten minutes.
func (s *benchStand) cells(b *testing.B) (cells []results.Cell) {
	profiles, err := runner.DefaultProfiles(*benchProto)
	if err != nil {
		b.Fatal(err)
	}
	cpus, err := meter.AllowedCPUs()
	if err != nil {
		b.Fatal(err)
	}
	s.cpus = len(cpus)
	environment := meter.Environment(meter.PickSenderCPU(cpus))
	sweep := runner.Sweep{
		Link: *benchLink, Proto: *benchProto, Family: 4, Segment: runner.SegmentAuto, Batch: runner.DefaultBatch,
		LLC: environment.LLCBytes, CPUs: len(cpus),
	}
	hot, large := int64(runner.Hot), 64000
	if *benchProto == results.ProtoTCP {
		hot, large = runner.HotStream, 65536
	}
	for _, p := range profiles {
		mtu := 0
		s.do(func() {
			var undo func() error
			if undo, err = s.link.Apply(p); err == nil {
				mtu, err = s.link.MTU()
				err = errors.Join(err, undo())
			}
		})
		if errors.As(err, new(*nic.SettingError)) {
			b.Logf("profile %v: %v", p, err)
			continue
		}
		if err != nil {
			b.Fatal(err)
		}
		all, _, err := sweep.Cells(p, link.AutoSegment(4, mtu))
		if err != nil {
			b.Fatal(err)
		}
		for _, c := range all {
			plain := c.NIC == results.ProfileDefault && c.Footprint == hot && c.Fill == results.FillStamp
			if !c.AA && (plain || c.Size == large) {
				cells = append(cells, c)
			}
		}
	}
	return cells
}

// trial makes a trial on a rig that fits the cell.
func (s *benchStand) trial(c results.Cell, limits runner.Limits) (t results.Trial, err error) {
	s.do(func() {
		if s.rig == nil || s.nic != c.NIC || s.size < int64(c.Flows)*c.Footprint {
			if err = s.enter(c); err != nil {
				return
			}
		}
		t, err = s.rig.Trial(c, limits)
	})
	return t, err
}

func (s *benchStand) enter(c results.Cell) error {
	if err := s.leave(); err != nil {
		return err
	}
	p, err := nic.ParseProfile(c.NIC)
	if err != nil {
		return err
	}
	if s.undo, err = s.link.Apply(p); err != nil {
		return err
	}
	if s.rig, err = runner.NewRig(s.link, int64(c.Flows)*c.Footprint); err != nil {
		return err
	}
	s.nic, s.size = c.NIC, int64(c.Flows)*c.Footprint
	_, err = s.rig.Probe(c.NIC, c.Proto)
	return err
}

func (s *benchStand) leave() error {
	var errs []error
	if s.rig != nil {
		errs = append(errs, s.rig.Close())
		s.rig = nil
	}
	if s.undo != nil {
		errs = append(errs, s.undo())
		s.undo = nil
	}
	return errors.Join(errs...)
}
