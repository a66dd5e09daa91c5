package results_test

import (
	"bytes"
	"strings"
	"testing"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// TestOmitted: cells that the sweep did without are told from those that can't be
// measured by a field, and in records from before there was one, by their reason.
func TestOmitted(t *testing.T) {
	var b bytes.Buffer
	if err := results.Write(&b, resultstest.Default()); err != nil {
		t.Fatal(err)
	}
	now := b.String()
	before := strings.ReplaceAll(now, `,"omitted":true`, "")
	if before == now {
		t.Fatal("nothing is omitted from the planted sweep")
	}
	for name, text := range map[string]string{"now": now, "before": before} {
		rec, err := results.Read(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range rec.Unsupported {
			if !u.Omitted {
				t.Errorf("%s: %s isn't known to be omitted: %s", name, u.Cell.Strategy, u.Reason)
			}
		}
	}
	rec, err := results.Read(strings.NewReader(strings.ReplaceAll(before, "not in the default sweep", "io_uring is disabled")))
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range rec.Unsupported {
		if u.Omitted {
			t.Errorf("%s is taken to be omitted: %s", u.Cell.Strategy, u.Reason)
		}
	}
}

func TestSameRun(t *testing.T) {
	run := func(id, started string, seed uint64) results.Run {
		return results.Run{ID: id, Started: started, Seed: seed}
	}
	a := run("a", "2026", 1)
	for _, tt := range []struct {
		other results.Run
		want  bool
	}{{a, true}, {run("b", "2026", 1), false}, {run("a", "2027", 1), false}, {run("a", "2026", 2), false}} {
		if got := results.SameRun(a, tt.other); got != tt.want {
			t.Errorf("%+v and %+v: %t", a, tt.other, got)
		}
	}
	if unnamed := run("", "2026", 1); results.SameRun(unnamed, unnamed) {
		t.Error("runs without an id are told to be one")
	}
}
