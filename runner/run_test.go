//go:build linux

package runner

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"sendbench/runner/link"
	"sendbench/runner/link/linktest"
	"sendbench/runner/nic"
	"sendbench/runner/results"
)

// short is a small sweep with short trials.
func short(t *testing.T) Options {
	t.Helper()
	linktest.Need(t)
	return Options{
		Sweep: Sweep{
			Link: link.Sink, Family: 4, Segment: SegmentAuto, Batch: 8, CPUs: 2,
			Strategies: []string{"write", "sendmmsg"}, Sizes: []int{1400, 16384},
			Profiles: []nic.Profile{profile(t, "default"), profile(t, "mtu=9000")}, Footprints: []int64{Hot}, Fills: []string{results.FillStamp},
		},
		Rounds: 3, Trial: time.Millisecond, Budget: time.Minute, Seed: 42,
		Out: filepath.Join(t.TempDir(), "out", "results.jsonl"),
	}
}

func read(t *testing.T, path string) *results.Record {
	t.Helper()
	rec, err := results.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// complete checks that a record has every cell of its plan in every round once,
// in the planned order, and that all trials are good.
func complete(t *testing.T, rec *results.Record) {
	t.Helper()
	var want, got []results.Cell
	for r := range Rounds(rec.Run.Plan, rec.Run.Seed, nil) {
		want = append(want, r.Cells...)
	}
	for _, trial := range rec.Trials {
		got = append(got, trial.Cell)
		if trial.Error != "" {
			t.Errorf("round %d, %s at %d B: %s", trial.Round, trial.Cell.Strategy, trial.Cell.Size, trial.Error)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("trials are not as planned (-planned +recorded):\n%s", diff)
	}
	if rec.End == nil || rec.End.Status != results.StatusComplete {
		t.Errorf("end: %+v", rec.End)
	}
}

func TestRun(t *testing.T) {
	o := short(t)
	calls := 0
	o.Progress = func(done, total int) {
		calls++
		if done != calls || total != 2*2*3*3 {
			t.Errorf("progress says %d of %d at call %d", done, total, calls)
		}
	}
	if err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	rec := read(t, o.Out)
	complete(t, rec)
	e := rec.Run.Environment
	if e.Link.ZeroCopy == nil || !*e.Link.ZeroCopy {
		t.Errorf("no zero copy on the sink: %s", e.Link.WhyCopied)
	}
	if e.SendBufferBytes == 0 || e.Build == "" || e.Link.Device.Driver != "veth" || len(e.Link.Device.Features) == 0 || len(e.Clocks) == 0 {
		t.Errorf("the environment lacks something: %+v", e)
	}
	for _, trial := range rec.Trials {
		if trial.CPUThreadNS <= 0 || trial.ElapsedNS <= 0 || trial.Syscalls <= 0 || trial.EffectiveBatch != 8 || len(remarks(trial)) != 0 {
			t.Errorf("unexpected %+v", trial)
		}
	}
	for _, g := range results.Summarize(rec).Groups {
		if g.AA.N != 3 {
			t.Errorf("%+v: the baseline was met twice in %d rounds of 3", g.Cell, g.AA.N)
		}
	}
}

func TestInterruptAndResume(t *testing.T) {
	o := short(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	// In the middle of the fourth round of six cells.
	o.Progress = func(done, _ int) {
		if done == 3*6+2 {
			cancel()
		}
	}
	if err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("the run ended with %v", err)
	}
	cut := read(t, o.Out)
	if cut.End == nil || cut.End.Status != results.StatusInterrupted || !strings.Contains(cut.End.Reason, "of 36") {
		t.Errorf("end: %+v", cut.End)
	}
	if len(cut.Trials) < 20 || len(cut.Trials) >= 24 {
		t.Fatalf("%d trials before the interruption", len(cut.Trials))
	}

	if err := Resume(context.Background(), Options{Out: o.Out}); err != nil {
		t.Fatal(err)
	}
	rec := read(t, o.Out)
	complete(t, rec)
	if diff := cmp.Diff(cut.Trials[:18], rec.Trials[:18]); diff != "" {
		t.Errorf("whole rounds changed (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(cut.Run, rec.Run); diff != "" {
		t.Errorf("the head changed (-before +after):\n%s", diff)
	}

	// A complete record has nothing to go on with, and stays as it is.
	before := size(t, o.Out)
	if err := Resume(context.Background(), Options{Out: o.Out}); err != nil || size(t, o.Out) != before {
		t.Errorf("resuming a complete record: %v, %d bytes before, %d after", err, before, size(t, o.Out))
	}
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// TestKilledRecordResumes: a run that was killed has no end, and perhaps half a
// line at its end.
func TestKilledRecordResumes(t *testing.T) {
	o := short(t)
	if err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(o.Out)
	if err != nil {
		t.Fatal(err)
	}
	for _, keep := range []float64{0.99, 0.6} {
		if err := os.WriteFile(o.Out, whole[:int(keep*float64(len(whole)))], 0o666); err != nil {
			t.Fatal(err)
		}
		if err := Resume(context.Background(), Options{Out: o.Out}); err != nil {
			t.Fatal(err)
		}
		complete(t, read(t, o.Out))
	}
}

func TestResumeRefusesAnotherMachine(t *testing.T) {
	o := short(t)
	if err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*results.Environment){
		"machine": func(e *results.Environment) { e.MachineKey = "0123456789abcdef" },
		"kernel":  func(e *results.Environment) { e.KernelFull = "Linux 2.6.32" },
		"build":   func(e *results.Environment) { e.Build = "0123456789abcdef" },
	} {
		rec := read(t, o.Out)
		rec.End, rec.Trials = nil, rec.Trials[:10]
		change(&rec.Run.Environment)
		path := filepath.Join(t.TempDir(), "other.jsonl")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(results.Write(f, rec), f.Close()); err != nil {
			t.Fatal(err)
		}
		before := size(t, path)
		if err := Resume(context.Background(), Options{Out: path}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("another %s: %v", name, err)
		}
		if size(t, path) != before {
			t.Errorf("another %s: the record was changed", name)
		}
	}
}

func TestBudgetEndsARun(t *testing.T) {
	o := short(t)
	o.Rounds, o.Trial, o.Budget = 10000, 5*time.Millisecond, 3*time.Second
	if err := Run(context.Background(), o); !errors.Is(err, ErrBudget) {
		t.Fatalf("the run ended with %v", err)
	}
	rec := read(t, o.Out)
	if rec.End == nil || rec.End.Status != results.StatusInterrupted || !strings.Contains(rec.End.Reason, "budget") {
		t.Errorf("end: %+v", rec.End)
	}
	if len(rec.Trials) == 0 || len(rec.Trials)%6 != 0 {
		t.Errorf("%d trials, not whole rounds of six", len(rec.Trials))
	}
}

// TestRefusedRunLeavesTheRecord: what was at --out stays until the new record
// begins.
func TestRefusedRunLeavesTheRecord(t *testing.T) {
	o := short(t)
	o.Sweep.Profiles = []nic.Profile{profile(t, "tx-nonsense=off")}
	var lacks *nic.SettingError
	if err := Run(context.Background(), o); !errors.As(err, &lacks) {
		t.Errorf("a setting that no device has: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(o.Out)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the refused run left a file or its directory: %v", err)
	}
	if err := os.Mkdir(filepath.Dir(o.Out), 0o777); err != nil {
		t.Fatal(err)
	}
	older := `{"record":"run"} and what goes on from there`
	if err := os.WriteFile(o.Out, []byte(older), 0o666); err != nil {
		t.Fatal(err)
	}
	o.Sweep.Segment, o.Sweep.Profiles = 9000, []nic.Profile{profile(t, "default")}
	var usage *UsageError
	if err := Run(context.Background(), o); !errors.As(err, &usage) {
		t.Errorf("a segment over the MTU: %v", err)
	}
	if b, err := os.ReadFile(o.Out); err != nil || string(b) != older {
		t.Errorf("the refused run changed what was there: %q, %v", b, err)
	}
}

// remarks are the warnings about zero copy. A busy machine brings others.
func remarks(trial results.Trial) (said []string) {
	for _, w := range trial.Warnings {
		if strings.Contains(w, "zero copy") {
			said = append(said, w)
		}
	}
	return said
}

// openTap opens a packet socket for every frame, as tcpdump has one, which makes
// the kernel copy on the sink.
func openTap(t *testing.T) (closeTap func()) {
	t.Helper()
	const allProtocols = 0x0300 // ETH_P_ALL in network byte order, packet(7)
	tap, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, allProtocols)
	if err != nil {
		t.Fatal(err)
	}
	return sync.OnceFunc(func() { unix.Close(tap) })
}

// TestPacketTapIsToldOf: the run says that a tap is open, and so does every row.
func TestPacketTapIsToldOf(t *testing.T) {
	o := short(t)
	defer openTap(t)()
	o.Sweep.Strategies, o.Rounds = []string{"uring-sendzc", "sendmmsg-zc"}, 1
	if err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	rec := read(t, o.Out)
	l := rec.Run.Environment.Link
	if l.ZeroCopy == nil || *l.ZeroCopy || !strings.Contains(l.WhyCopied, "tap") {
		t.Errorf("zero copy: %v, reason %q; want false for a packet tap", l.ZeroCopy, l.WhyCopied)
	}
	for _, trial := range rec.Trials {
		if said := remarks(trial); len(said) != 1 || !strings.Contains(said[0], "tap") {
			t.Errorf("%s: warnings %q, want the reason why it was copied", trial.Cell.Strategy, trial.Warnings)
		}
		if trial.Copied != trial.Notifications || trial.Error != "" {
			t.Errorf("%s: %d of %d copied, error %q", trial.Cell.Strategy, trial.Copied, trial.Notifications, trial.Error)
		}
	}
}

// TestPacketTapInMidRun: a tap that is opened or closed after the first round is
// told of by every row of the rounds that it makes different, and by no other.
func TestPacketTapInMidRun(t *testing.T) {
	for _, c := range []struct {
		name          string
		atFirst       bool
		first, second string // the rows' one warning, "" for none
	}{
		{"opened", false, "", "seen on this link before the run and is not seen in this round: a packet tap"},
		{"closed", true, "zero copy was not seen on this link: a packet tap", "not seen on this link before the run and is seen in this round; the reason before: a packet tap"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := short(t)
			o.Sweep.Strategies, o.Sweep.Sizes, o.Rounds = []string{"uring-sendzc"}, []int{16384}, 2
			o.Sweep.Profiles = []nic.Profile{profile(t, "default")}
			closeTap := func() {}
			if c.atFirst {
				closeTap = openTap(t)
			}
			defer func() { closeTap() }()
			o.Progress = func(done, total int) {
				switch {
				case 2*done != total:
				case c.atFirst:
					closeTap()
				default:
					closeTap = openTap(t)
				}
			}
			if err := Run(context.Background(), o); err != nil {
				t.Fatal(err)
			}
			for _, trial := range read(t, o.Out).Trials {
				want := []string{c.first, c.second}[trial.Round]
				said := remarks(trial)
				if want == "" && len(said) != 0 || want != "" && (len(said) != 1 || !strings.Contains(said[0], want)) {
					t.Errorf("round %d, %s: warnings %q, want %q", trial.Round, trial.Cell.Strategy, trial.Warnings, want)
				}
			}
		})
	}
}

// TestLinkIsToldOfTheDefaultProfile: that a profile makes the kernel copy is no
// property of the link, even if no other was asked for.
func TestLinkIsToldOfTheDefaultProfile(t *testing.T) {
	o := short(t)
	o.Sweep.Strategies, o.Sweep.Sizes, o.Rounds = []string{"uring-sendzc"}, []int{16384}, 1
	o.Sweep.Profiles = []nic.Profile{profile(t, "tx-scatter-gather=off")}
	if err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	rec := read(t, o.Out)
	if l := rec.Run.Environment.Link; l.ZeroCopy == nil || !*l.ZeroCopy || l.WhyCopied != "" {
		t.Errorf("zero copy %v, reason %q; the link has it under the default profile", l.ZeroCopy, l.WhyCopied)
	}
	for _, trial := range rec.Trials {
		if trial.Error != "" || len(remarks(trial)) != 0 || trial.Copied != trial.Notifications {
			t.Errorf("%s: %d of %d copied, warnings %q, error %q", trial.Cell.Strategy, trial.Copied, trial.Notifications, trial.Warnings, trial.Error)
		}
	}
}

// TestWhyIsOfTheProfile: the reason is looked for while the profile is applied.
func TestWhyIsOfTheProfile(t *testing.T) {
	o := short(t)
	r := newRun(o)
	var err error
	if r.link, err = link.Open(link.Sink, 4); err != nil {
		t.Fatal(err)
	}
	defer r.link.Close()
	const name = "tx-scatter-gather=off"
	r.options.Sweep.Profiles = []nic.Profile{profile(t, name)}
	if err := r.lay(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := r.probe(context.Background()); err != nil {
		t.Fatal(err)
	}
	if s := r.seen[name]; s.String() != "not seen" || !strings.Contains(s.why, "tx-scatter-gather is off") {
		t.Errorf("under %s zero copy was %v, because %q", name, s, s.why)
	}
	if s := r.seen[results.ProfileDefault]; s.String() != "seen" || s.why != "" {
		t.Errorf("under default zero copy was %v, because %q", s, s.why)
	}
}
