//go:build linux

package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/montanaflynn/stats"
	"sendbench/runner"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// noiseSizes are those of the default sweep's largest panel.
var noiseSizes = []int{64, 256, 1400, 4096, 8192, 16384, 32768, 64000}

// plantedShift is the ratio of rates that is planted, and panelRounds how many rounds
// the simulated runs have.
const (
	plantedShift = 0.97
	panelRounds  = runner.MinRounds
)

// noise draws runs from recorded noise in which nothing differs, or differs by what
// is planted, and has them judged as all runs are.
func (v *validation) noise() chapter {
	c := chapter{Title: "Inference on recorded noise"}
	var rec *results.Record
	source := fmt.Sprintf("a run of %d rounds, trials of %v", v.effort.noiseRounds, v.effort.trial)
	if *validateRecord != "" {
		var err error
		if rec, err = results.ReadFile(*validateRecord); err != nil {
			v.t.Fatal(err)
		}
		source = "the run that -validate-record names"
	} else {
		rec = v.run("noise", runner.Sweep{
			Strategies: doubles, Sizes: noiseSizes, Footprints: []int64{runner.Hot}, Fills: []string{results.FillStamp}, Profiles: v.onDefault(),
		}, runner.Options{Rounds: v.effort.noiseRounds, Trial: v.effort.trial, Warmup: v.effort.warmup})
	}
	n, err := newNoise(rec)
	if err != nil {
		v.t.Fatal(err)
	}
	v.recorded = n
	c.Intro = fmt.Sprintf("`write` is measured %d times in each round of %s, at the sizes of the default sweep's largest panel. From\n"+
		"that %d panels are drawn: each has %d rounds, drawn from the recorded ones with replacement, and in each round and size\n"+
		"it is drawn anew which visit is the baseline's, which its second one, and which each of the %d strategies'. That leaves every round as\n"+
		"correlated as it was, and makes it certain that nothing differs. What comes out goes through the same code as a record. As many panels\n"+
		"again are drawn in which every strategy has %v times the baseline's rate.",
		2+len(doubles), source, v.effort.panels, panelRounds, len(doubles), plantedShift)
	null, shifted := n.judge(v.effort.panels, 1, 1), n.judge(v.effort.panels, plantedShift, 2)
	c.Claims = append(null.errors(v.t), shifted.covered(v.t)...)
	c.Tables = []figures{n.table(shifted)}
	return c
}

// recordedNoise is what rounds of the baseline alone came to.
type recordedNoise struct {
	run    results.Run
	groups []results.Cell       // one a size
	rounds [][][]*results.Trial // by round, group, visit
}

// newNoise takes from a record the rounds of which every trial is valid.
func newNoise(rec *results.Record) (*recordedNoise, error) {
	const visits = 8 // the baseline twice, and the doubles
	n := &recordedNoise{run: rec.Run}
	n.run.Plan.Strategies = append([]string{rec.Run.Plan.Baseline}, doubles...)
	groups := map[results.Cell]int{}
	for _, cell := range rec.Run.Plan.Cells {
		if _, ok := groups[cell.Group()]; !ok {
			groups[cell.Group()] = len(n.groups)
			n.groups = append(n.groups, cell.Group())
		}
	}
	rounds := make([][][]*results.Trial, rec.Run.Plan.Rounds)
	for i := range rec.Trials {
		if t := &rec.Trials[i]; t.Valid() && t.Round < len(rounds) {
			if rounds[t.Round] == nil {
				rounds[t.Round] = make([][]*results.Trial, len(n.groups))
			}
			g := groups[t.Cell.Group()]
			rounds[t.Round][g] = append(rounds[t.Round][g], t)
		}
	}
	for _, round := range rounds {
		whole := round != nil
		for _, group := range round {
			whole = whole && len(group) == visits
		}
		if whole {
			n.rounds = append(n.rounds, round)
		}
	}
	if len(n.rounds) < panelRounds/2 {
		return nil, fmt.Errorf("the record of noise has %d rounds in which each size was visited %d times without an error; it takes %d or more: measure it again",
			len(n.rounds), visits, panelRounds/2)
	}
	return n, nil
}

// draw makes up a run in which the rates of all strategies have a ratio to the
// baseline's.
func (n *recordedNoise) draw(r *rand.Rand, ratio float64) *results.Record {
	rec := &results.Record{Run: n.run}
	for round := range panelRounds {
		of := n.rounds[r.IntN(len(n.rounds))]
		for g, visits := range of {
			for i, at := range r.Perm(len(visits)) {
				t := *visits[at]
				t.Cell, t.Round, t.SuperRound = n.groups[g], round, round
				switch i {
				case 0, 1:
					t.Cell.Strategy, t.Cell.AA = n.run.Plan.Baseline, i == 1
				default:
					t.Cell.Strategy = doubles[i-2]
					t.ElapsedNS = int64(float64(t.ElapsedNS) / ratio)
					t.CPUThreadNS = int64(float64(t.CPUThreadNS) / ratio)
				}
				rec.Trials = append(rec.Trials, t)
			}
		}
	}
	return rec
}

// table shows the noise by size, and what it allows.
func (n *recordedNoise) table(shifted judgement) figures {
	t := figures{Head: []string{"size", "rounds", "spread of a ratio within a round", "its lag-1 autocorrelation", "intervals that hold " + fmt.Sprint(plantedShift)}}
	for g, cell := range n.groups {
		var logs []float64 // of the recorded A/A
		for _, round := range n.rounds {
			logs = append(logs, math.Log(round[g][0].Rate()/round[g][1].Rate()))
		}
		mad, _ := stats.MedianAbsoluteDeviation(logs)
		lag, _ := stats.AutoCorrelation(logs, 1)
		t.add(cell.Size, len(n.rounds), percent(1.4826*mad), fmt.Sprintf("%.2f", lag),
			fmt.Sprintf("%.1f %%", 100*float64(shifted.bySize[cell.Size])/float64(shifted.rows/len(n.groups))))
	}
	return t
}

// TestNoise: from noise that is planted itself, panels are drawn in which nothing is
// said; a shift is held by its intervals, and found where it is large.
func TestNoise(t *testing.T) {
	n, err := newNoise(plantNoise(t))
	if err != nil {
		t.Fatal(err)
	}
	const panels = 100
	for _, ratio := range []float64{1, plantedShift, 0.8} {
		j := n.judge(panels, ratio, 1)
		if j.rows != panels*len(n.groups)*len(doubles) || j.tooFew > 0 {
			t.Fatalf("%d rows, %d of them with too few rounds; want %d in %d panels", j.rows, j.tooFew, panels*len(n.groups)*len(doubles), panels)
		}
		if share := float64(j.held) / float64(j.rows); share < 0.93 {
			t.Errorf("%.3f of intervals hold %v", share, ratio)
		}
		switch said := float64(j.rate) / panels; {
		case ratio == 1 && said > atMost(results.Significance, panels):
			t.Errorf("%.3f of panels make a claim where there is none", said)
		case ratio == 0.8 && j.found < j.rows*95/100:
			t.Errorf("%d of %d rows with four fifths of the rate are found", j.found, j.rows)
		}
	}
}

// TestNoiseRefuses: a record of other visits is none of noise.
func TestNoiseRefuses(t *testing.T) {
	rec := plantNoise(t)
	rec.Trials = rec.Trials[1:]
	rounds := rec.Run.Plan.Rounds
	if n, err := newNoise(rec); err != nil || len(n.rounds) != rounds-1 {
		t.Errorf("%v; want the round left out of which a trial is missing", err)
	}
	rec.Trials = rec.Trials[:10]
	if _, err := newNoise(rec); err == nil {
		t.Error("no error for a record without a whole round")
	}
}

// plantNoise is a record of noise with a machine that drifts.
func plantNoise(t *testing.T) *results.Record {
	t.Helper()
	const rounds = 24
	r := rand.New(rand.NewPCG(3, 0))
	base := strategies.Baseline().Name
	rec := &results.Record{Run: results.Run{Plan: results.Plan{Baseline: base, Rounds: rounds}}}
	for _, size := range []int{1400, 64000} {
		for i := range 2 + len(doubles) {
			c := results.Cell{Link: "sink", Strategy: base, Size: size, AA: i == 1}
			if i > 1 {
				c.Strategy = doubles[i-2]
			}
			rec.Run.Plan.Cells = append(rec.Run.Plan.Cells, c)
		}
	}
	for round := range rounds {
		machine := 0.1 * float64(round) // slower and slower
		for _, c := range rec.Run.Plan.Cells {
			ns := int64(1e7 * math.Exp(machine+0.02*r.NormFloat64()))
			rec.Trials = append(rec.Trials, results.Trial{
				Round: round, Cell: c, Messages: 1000, Bytes: 1000 * int64(c.Size), ElapsedNS: ns, CPUThreadNS: ns,
			})
		}
	}
	return rec
}
