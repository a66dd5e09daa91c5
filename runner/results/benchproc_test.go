package results_test

import (
	"bytes"
	"fmt"
	"testing"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchproc"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// TestBenchstatReadsIt reads the projection with the packages that benchstat
// is made of, and pivots on strategy and size.
func TestBenchstatReadsIt(t *testing.T) {
	rec := resultstest.Planted(resultstest.Options{Profiles: []string{results.ProfileDefault}, HotOnly: true})
	var b bytes.Buffer
	if err := rec.WriteBench(&b); err != nil {
		t.Fatal(err)
	}
	var parser benchproc.ProjectionParser
	pivot, err := parser.Parse("/strategy,/size,/aa", nil)
	if err != nil {
		t.Fatal(err)
	}
	filter, err := benchproc.NewFilter("/nic:default /fill:stamp goos:linux .unit:bit/s")
	if err != nil {
		t.Fatal(err)
	}
	rounds := make(map[string]map[string]bool)
	in := benchfmt.NewReader(&b, "projection")
	for in.Scan() {
		switch r := in.Result().(type) {
		case *benchfmt.SyntaxError:
			t.Fatal(r)
		case *benchfmt.Result:
			if ok, err := filter.Apply(r); !ok || err != nil {
				t.Fatalf("%s was filtered out: %v", r.Name, err)
			}
			if len(r.Values) != 1 || r.Values[0].Unit != results.UnitRate {
				t.Fatalf("%s has %v after the filter", r.Name, r.Values)
			}
			key := pivot.Project(r).String()
			if rounds[key] == nil {
				rounds[key] = make(map[string]bool)
			}
			rounds[key][r.GetConfig("round")] = true
		}
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	if in.Units().GetBetter(results.UnitRate) != 1 || in.Units().GetBetter(results.UnitCPU) != -1 {
		t.Error("the units don't say which way is better")
	}
	cells := len(rec.Run.Plan.Cells) - len(rec.Unsupported)
	if len(rounds) != cells {
		t.Errorf("%d points of strategy, size and A/A, want %d", len(rounds), cells)
	}
	for key, seen := range rounds {
		if len(seen) != rec.Run.Plan.Rounds {
			t.Errorf("%s has %d rounds, want %d", key, len(seen), rec.Run.Plan.Rounds)
		}
	}
	if want := fmt.Sprintf("/strategy:%s /size:%d", "uring-sendzc", 64000); rounds[want] == nil {
		t.Errorf("no %s among %v", want, rounds)
	}
}
