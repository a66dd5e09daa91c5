package resultstest_test

import (
	"bytes"
	"math"
	"reflect"
	"slices"
	"testing"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// TestPlantedIsARecord holds every kind of planted record to the reader's
// checks, to its plan and to being the same each time.
func TestPlantedIsARecord(t *testing.T) {
	for name, o := range map[string]resultstest.Options{
		"default":      {},
		"one cell":     resultstest.OneCell(),
		"wide":         resultstest.Wide(20, 12),
		"narrow":       resultstest.Wide(2, 1),
		"hostile":      resultstest.Hostile(),
		"interrupted":  {Interrupted: true},
		"unsupported":  {Unsupported: true},
		"invalid":      {InvalidEvery: 3},
		"one round":    {Rounds: 1},
		"loopback":     {Link: "loopback", Copied: true},
		"drift":        {Drift: true, Noise: 0.001},
		"other seed":   {Seed: 7},
		"no different": {NoDifference: true},
	} {
		t.Run(name, func(t *testing.T) {
			if name != "default" && o.Rounds == 0 {
				o.Rounds = 2 // for the sake of time
			}
			rec := resultstest.Planted(o)
			var b bytes.Buffer
			if err := results.Write(&b, rec); err != nil {
				t.Fatal(err)
			}
			if _, err := results.Read(&b); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(rec, resultstest.Planted(o)) {
				t.Error("another record for the same options")
			}

			times := make(map[results.Cell]int)
			for _, tr := range rec.Trials {
				times[tr.Cell]++
				if lost := tr.WireBytes - 42*tr.WireFrames - tr.Bytes; (lost != 0) != (tr.Error != "") {
					t.Fatalf("the wire disagrees by %d bytes and the error is %q", lost, tr.Error)
				}
			}
			for _, u := range rec.Unsupported {
				times[u.Cell] += rec.Run.Plan.Rounds
			}
			for _, c := range rec.Run.Plan.Cells {
				if n := times[c]; n != rec.Run.Plan.Rounds && !o.Interrupted {
					t.Errorf("%d rounds of %+v, want %d", n, c, rec.Run.Plan.Rounds)
				}
				delete(times, c)
			}
			if len(times) != 0 {
				t.Errorf("cells that weren't planned: %v", times)
			}
			if (rec.End == nil) != o.Interrupted {
				t.Errorf("end is %v", rec.End)
			}
		})
	}
}

func TestDefaultHoldsWhatWasSeen(t *testing.T) {
	s := results.Summarize(resultstest.Default())
	ratio := func(nic string, footprint int64, fill, strategy string) results.Row {
		t.Helper()
		for _, g := range s.Groups {
			if c := g.Cell; c.NIC == nic && c.Footprint == footprint && c.Fill == fill && c.Size == 64000 {
				if i := slices.IndexFunc(g.Rows, func(r results.Row) bool { return r.Strategy == strategy }); i >= 0 {
					return g.Rows[i]
				}
			}
		}
		t.Fatalf("no %s on %s", strategy, nic)
		return results.Row{}
	}
	for _, tt := range []struct {
		nic       string
		footprint int64
		fill      string
		low, high float64
		copied    float64
	}{
		{"default", 1 << 20, results.FillStamp, 1.8, 2.2, 0},
		{"default", 533 << 20, results.FillStamp, 2.6, 3.5, 0},
		{"default", 533 << 20, results.FillFull, 1.0, 1.15, 0},
		{"tx-udp-segmentation=off", 1 << 20, results.FillStamp, 1.0, 1.2, 0},
		{"tx-scatter-gather=off", 1 << 20, results.FillStamp, 0.9, 1.2, 1},
		{"mtu=9000", 1 << 20, results.FillStamp, 1.8, 2.2, 0},
	} {
		r := ratio(tt.nic, tt.footprint, tt.fill, "uring-sendzc-fixed")
		share, ok := r.CopiedShare()
		if r.Ratio.Center < tt.low || r.Ratio.Center > tt.high || !ok || share != tt.copied {
			t.Errorf("%+v: ratio %v, copied %v", tt, r.Ratio.Center, share)
		}
	}
	if n := len(s.Unsupported); n != len(s.Groups) || n != 35 {
		t.Errorf("%d groups and %d unsupported cells, want 35 of each", len(s.Groups), n)
	}
}

func TestNoDifferenceIsRarelyFound(t *testing.T) {
	s := results.Summarize(resultstest.Planted(resultstest.Options{NoDifference: true}))
	rows, found := 0, 0
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			if r.Verdict == results.Baseline {
				continue
			}
			rows++
			if r.Verdict != results.NoDifference {
				found++
			}
			if math.Abs(r.Ratio.Center-1) > 0.05 {
				t.Errorf("ratio %v of %s at %+v", r.Ratio.Center, r.Strategy, g.Cell)
			}
		}
	}
	// The intervals alone err in 1 of 26; the noise floor takes most of these.
	if found > rows/20 {
		t.Errorf("a difference was found in %d of %d rows", found, rows)
	}
}
