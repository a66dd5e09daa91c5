package results

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"testing"
)

// sweepOf is a run of one axis only, beside two ways of sending and A/A: so many points
// of it, as edit makes them, in so many rounds. Points are cells that a record is
// compared by with any other.
func sweepOf(points, rounds int, edit func(c *Cell, i int)) *Record {
	rec := &Record{Run: Run{ID: "planted", Plan: Plan{Baseline: "write", Rounds: rounds}}}
	enter := func(round int, c Cell) {
		if round == 0 {
			rec.Run.Plan.Cells = append(rec.Run.Plan.Cells, c)
		}
		n := int64(len(rec.Trials))
		ns := 25e6 * math.Exp(0.02*math.Sin(float64(n*n)))
		rec.Trials = append(rec.Trials, Trial{
			Round: round, SuperRound: round, Cell: c, ElapsedNS: int64(ns), CPUThreadNS: int64(ns), CPUProcessNS: int64(ns),
			Messages: 1000, Bytes: 1000, Notifications: 1000, ReleaseMeanNS: 5, ReleaseP50NS: 5, ReleaseP99NS: 9, InFlightMax: 3,
		})
	}
	for round := range rounds {
		for i := range points {
			c := Cell{Link: "sink", Proto: ProtoUDP, Family: 4, NIC: ProfileDefault, Flows: 1, Footprint: 1 << 20, Fill: FillStamp, Size: 1, Batch: 1, Strategy: "write"}
			edit(&c, i)
			again, other := c, c
			again.AA, other.Strategy = true, "other"
			if c.Strategy == "write" {
				enter(round, other)
				enter(round, again)
			}
			enter(round, c)
		}
	}
	seen := newRoster()
	for _, c := range rec.Run.Plan.Cells {
		if !seen.strategies[c.Strategy] {
			rec.Run.Plan.Strategies = append(rec.Run.Plan.Strategies, c.Strategy)
		}
		if !seen.profiles[c.NIC] {
			rec.Run.Plan.Profiles = append(rec.Run.Plan.Profiles, c.NIC)
		}
		if _, err := seen.enter(c); err != nil {
			panic(err)
		}
	}
	return rec
}

// TestGrowth: eight times as much of any axis takes about eight times as much memory,
// from the lines of two records to their summaries and their comparison. What is
// allocated in all depends on no clock and no collector, and goes up with the work.
func TestGrowth(t *testing.T) {
	for _, tt := range []struct {
		axis          string
		points, times int
		rounds        int
		more          int // rounds, instead of points
		edit          func(c *Cell, i int)
	}{
		{"rounds", 1, 1, 125, 8, func(c *Cell, i int) { c.Size = i + 1 }},
		{"profiles", 25, 8, 2, 1, func(c *Cell, i int) { c.NIC = fmt.Sprintf("mtu=%d", i) }},
		{"strategies", 25, 8, 2, 1, func(c *Cell, i int) {
			if i > 0 {
				c.Strategy = fmt.Sprintf("s%d", i)
			}
		}},
		{"sizes", 50, 8, 2, 1, func(c *Cell, i int) { c.Size = i + 1 }},
		{"footprints", 50, 8, 2, 1, func(c *Cell, i int) { c.Footprint = int64(i + 1) }},
		{"rates", 50, 8, 2, 1, func(c *Cell, i int) { c.Rate = int64(i) }},
		{"segments", 50, 8, 2, 1, otherSegments},
	} {
		t.Run(tt.axis, func(t *testing.T) {
			cost := func(points, rounds int) (bytes uint64, trials int) {
				rec := sweepOf(points, rounds, tt.edit)
				text := written(t, rec)
				return allocated(func() { readAndCompare(t, text) }), len(rec.Trials)
			}
			few, fewTrials := cost(tt.points, tt.rounds)
			many, manyTrials := cost(tt.points*tt.times, tt.rounds*tt.more)
			t.Logf("%d trials: %d kB, %d trials: %d kB", fewTrials, few>>10, manyTrials, many>>10)
			if perTrial := float64(few) / float64(fewTrials); float64(many) > 1.4*perTrial*float64(manyTrials) {
				t.Errorf("%d trials allocate %d bytes, and %d trials %d", fewTrials, few, manyTrials, many)
			}
		})
	}
}

// otherSegments gives two profiles segments that differ from each other in all of them.
func otherSegments(c *Cell, i int) {
	c.Segment = i
	if i%2 > 0 {
		c.NIC = "mtu=9000"
	}
}

// TestEffectsGrowth is about effects alone, which take little beside the rest: to find
// the reference's cell of each other one is no search through all of them.
func TestEffectsGrowth(t *testing.T) {
	cost := func(points int) float64 {
		rec := sweepOf(points, 1, otherSegments)
		groups, visits := Summarize(rec).Groups, byCell(rec.current())
		return float64(allocated(func() { effects(groups, visits) }))
	}
	few, many := cost(100), cost(800)
	t.Logf("100 segments: %.0f bytes, 800: %.0f", few, many)
	if many > 1.4*8*few {
		t.Errorf("effects of 100 segments allocate %.0f bytes, and of 800 %.0f", few, many)
	}
}

func written(t *testing.T, rec *Record) []byte {
	t.Helper()
	var text bytes.Buffer
	if err := Write(&text, rec); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

// readAndCompare is what report and compare do with a record, before anything is drawn.
func readAndCompare(t *testing.T, text []byte) {
	rec, err := Read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	Summarize(rec).Imprecise()
	c, err := Compare(rec, rec)
	if err != nil {
		t.Fatal(err)
	}
	c.Gate(Slower)
	for _, err := range []error{c.WriteCSV(io.Discard), c.WriteJSON(io.Discard), rec.WriteBench(io.Discard)} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestBoundsAreFar: what people sweep is far within what a record may hold. The sweep of
// `run --full` is 8 strategies, and the baseline again, at 8 sizes on 4 profiles, in 2
// footprints and 2 fills.
func TestBoundsAreFar(t *testing.T) {
	sweep := func(strategies, sizes, profiles int) *Record {
		points := (strategies + 1) * sizes * profiles * 4
		rec := &Record{Run: Run{Plan: Plan{Baseline: "s0", Rounds: 100_000 / 1152}}}
		for i := range points {
			strategy, at := i%(strategies+1), i/(strategies+1)
			c := Cell{
				Link: "sink", Proto: ProtoUDP, Family: 4, Connected: true, Flows: 1, Segment: 1472, Batch: 32, Fill: FillStamp,
				Footprint: 512 << 20 << (at % 2), Size: 64000 - at/4%sizes, AA: strategy == strategies,
				NIC:      fmt.Sprintf("tx-udp-segmentation=off,tx-scatter-gather=off,mtu=%d", at/4/sizes),
				Strategy: fmt.Sprintf("s%d", strategy%strategies),
			}
			if at/2%2 > 0 {
				c.Fill = FillFull
			}
			rec.Run.Plan.Cells = append(rec.Run.Plan.Cells, c)
		}
		return rec
	}
	full := sweep(8, 8, 4)
	if cells := len(full.Run.Plan.Cells); cells != 1152 || 50*cells > maxCells {
		t.Errorf("a full sweep has %d cells of %d", cells, maxCells)
	}
	if mostAtOnce < 100_000 || maxTrials < 100*100_000 {
		t.Errorf("a record of 100,000 trials is too much for %d, or near %d", mostAtOnce, maxTrials)
	}
	for name, rec := range map[string]*Record{"full": full, "15 times that": sweep(16, 32, 8)} {
		text := written(t, rec)
		if len(text) > maxLine/3 {
			t.Errorf("%s: the run's line has %d bytes of %d", name, len(text), maxLine)
		}
		back, err := Read(bytes.NewReader(text))
		if err != nil || len(back.Run.Plan.Cells) != len(rec.Run.Plan.Cells) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
