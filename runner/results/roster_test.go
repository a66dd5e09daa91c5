package results

import (
	"fmt"
	"strings"
	"testing"
)

// TestNamesAreBounded: however a record comes to name more than can be drawn, the line
// that does so is refused. Of cells, which are many, the plan's line alone is put to it.
func TestNamesAreBounded(t *testing.T) {
	cell := Cell{Link: "sink", Proto: ProtoUDP, Family: 4, NIC: ProfileDefault, Flows: 1, Footprint: 1, Fill: FillStamp, Size: 1, Batch: 1, Strategy: "write"}
	for _, tt := range []struct {
		name string
		most int
		edit func(c *Cell, i int)
		want string
	}{
		{"strategies", maxStrategies, func(c *Cell, i int) { c.Strategy = fmt.Sprint(i) }, "more than 256 strategies"},
		{"profiles", maxProfiles, func(c *Cell, i int) { c.NIC = fmt.Sprint(i) }, "more than 256 NIC profiles"},
		{"rates", maxPaths, func(c *Cell, i int) { c.Rate = int64(i) }, "more than 1024 paths"},
		{"footprints", maxCells, func(c *Cell, i int) { c.Footprint = int64(i + 1) }, "more than 65536 cells"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cells := make([]Cell, tt.most+1)
			for i := range cells {
				cells[i] = cell
				tt.edit(&cells[i], i)
			}
			for name, fits := range map[string]bool{"what fits": true, "one more": false} {
				given := cells
				if fits {
					given = cells[:tt.most]
				}
				plan := Run{Plan: Plan{Baseline: "write", Cells: given}}
				if err := plan.check(newRoster()); (err == nil) != fits || err != nil && !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%s in the plan: %v", name, err)
				}
				if err := NewWriter(&strings.Builder{}).WriteRun(plan); (err == nil) != fits {
					t.Errorf("%s, before it is measured: %v", name, err)
				}
				if tt.most == maxCells {
					continue
				}
				var text strings.Builder
				w := NewWriter(&text)
				if err := w.WriteRun(Run{Plan: Plan{Baseline: "write"}}); err != nil {
					t.Fatal(err)
				}
				for i, c := range given {
					var err error
					if i%2 == 0 {
						err = w.WriteUnsupported(Unsupported{Cell: c, Reason: "planted"})
					} else {
						err = w.WriteTrial(Trial{Cell: c, Error: "planted"})
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				_, err := Read(strings.NewReader(text.String()))
				if where := fmt.Sprintf("record:%d: %s", tt.most+2, tt.want); (err == nil) != fits || err != nil && !strings.HasPrefix(err.Error(), where) {
					t.Errorf("%s in lines: %v, want %s", name, err, where)
				}
			}
		})
	}
}

// TestPlanListsAreBounded is about names that no cell has.
func TestPlanListsAreBounded(t *testing.T) {
	long := strings.Repeat("x", maxName+1)
	many := make([]string, maxStrategies+1)
	for _, tt := range []struct {
		plan Plan
		want string
	}{
		{Plan{Baseline: "write", Strategies: many[1:], Profiles: many[1:]}, ""},
		{Plan{Baseline: "write", Strategies: many}, "plan.strategies has 257 names; there are 256 at most"},
		{Plan{Baseline: "write", Profiles: many}, "plan.profiles has 257 names"},
		{Plan{Baseline: "write", Profiles: []string{long[1:]}}, ""},
		{Plan{Baseline: "write", Profiles: []string{long}}, "plan.profiles has a name of 4097 bytes"},
		{Plan{Baseline: "write", Strategies: []string{long}}, "plan.strategies has a name of 4097 bytes"},
		{Plan{Baseline: long}, "plan.baseline has a name of 4097 bytes"},
	} {
		r := Run{Plan: tt.plan}
		err := r.check(newRoster())
		if (err == nil) != (tt.want == "") || err != nil && (!strings.Contains(err.Error(), tt.want) || len(err.Error()) > 200) {
			t.Errorf("%v, want %q", err, tt.want)
		}
	}
	// Half of the names by the list, and the others by cells.
	listed, cells := make([]string, maxStrategies), []Cell{{Link: "sink", Proto: ProtoUDP, Family: 4, NIC: ProfileDefault, Flows: 1, Footprint: 1, Fill: FillStamp, Size: 1, Batch: 1, Strategy: "another"}}
	for i := range listed {
		listed[i] = fmt.Sprint(i)
	}
	r := Run{Plan: Plan{Baseline: "write", Strategies: listed, Cells: cells}}
	if err := r.check(newRoster()); err == nil || !strings.Contains(err.Error(), "plan.cells[0]: more than 256 strategies") {
		t.Errorf("%v, want that there is a strategy too many", err)
	}
}

// TestBenchNamesAreBounded: bench output is held to the same bounds.
func TestBenchNamesAreBounded(t *testing.T) {
	var text strings.Builder
	for i := range maxStrategies + 1 {
		fmt.Fprintf(&text, "BenchmarkSend/link=sink/nic=default/footprint=1Mi/fill=stamp/segment=1472/size=1400/strategy=s%d 100 2000 ns/op 5600000000 bit/s 1.25 cpu-ns/B 1 syscalls/msg\n", i)
	}
	if _, err := ReadBench(strings.NewReader(text.String()), "b"); err == nil || !strings.Contains(err.Error(), "more than 256 strategies") {
		t.Error(err)
	}
}
