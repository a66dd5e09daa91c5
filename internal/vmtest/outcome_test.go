package vmtest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sendbench/runner/results"
)

func TestOutcomes(t *testing.T) {
	cell := func(strategy string, size int) results.Cell { return results.Cell{Strategy: strategy, Size: size} }
	again := cell("write", 64000)
	again.AA = true
	const why = "the link pair delivers to a receiver on this machine"
	rec := &results.Record{
		Run: results.Run{Environment: results.Environment{Link: results.Link{WhyCopied: why}}, Plan: results.Plan{Cells: []results.Cell{
			cell("write", 64000), again, cell("zc", 1400), cell("zc", 64000), cell("old", 64000), cell("half", 64000), cell("none", 64000), cell("no", 1400), cell("no", 64000),
			cell("big", 1400), cell("big", 64000),
		}}},
		Trials: []results.Trial{
			{Cell: cell("write", 64000), Messages: 9},
			{Cell: again, Messages: 9},
			{Cell: cell("zc", 1400), Notifications: 9},
			{Cell: cell("zc", 64000), Notifications: 9},
			{Cell: cell("old", 64000), Notifications: 9, Unreported: 9},
			{Cell: cell("half", 64000), Notifications: 9, Copied: 1},
			{Cell: cell("big", 1400), Notifications: 9},
			{Cell: cell("big", 64000), Notifications: 5, Copied: 5},
			{Cell: cell("no", 1400), Notifications: 9},
			{Cell: cell("none", 64000), Notifications: 9, Copied: 9},
		},
		Unsupported: []results.Unsupported{{Cell: cell("no", 64000), Reason: "no io_uring"}},
	}
	want := map[string]Outcome{
		"write": {Word: Sent}, "zc": {Word: ZeroCopy}, "old": {Unreported, why}, "half": {Partly, why}, "none": {Copied, why}, "big": {Partly, why},
		"no": {Unsupported, "no io_uring"},
	}
	got, err := outcomes(rec)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}

	rec.Trials[0].Error = "it counts 3 frames of 4"
	rec.Trials = rec.Trials[:len(rec.Trials)-1] // and "none" was not measured
	rec.Unsupported[0].Reason = ""
	rec.Run.Environment.Link.WhyCopied = ""
	_, err = outcomes(rec)
	if err == nil {
		t.Fatal("a record with faults is taken")
	}
	for _, want := range []string{"write at 64000 B: it counts 3 frames of 4", "none at 64000 B", "no at 64000 B is unsupported without a reason", "half is partly without a reason"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q doesn't say %q", err, want)
		}
	}
	if _, err := outcomes(&results.Record{}); err == nil {
		t.Error("a record of nothing is taken")
	}
}
