//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sendbench/runner"
	"sendbench/runner/results"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestSupportedCells runs the default sweep for one short round. Every cell is
// measured, or unsupported with a reason. Which are which is known for the CI
// machine alone, as root and as an ordinary user with 8 MiB of locked memory:
// SENDBENCH_CI=1 compares with that.
func TestSupportedCells(t *testing.T) {
	needNamespace(t)
	cmd := sendbench(t, strings.Fields("run --rounds 1 --trial 1ms --warmup 0s --quiet --out r.jsonl")...)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) != 0 {
		t.Fatalf("%v: %s", err, out)
	}
	rec := readRun(t, cmd)
	outcomes := map[results.Cell]string{}
	for _, u := range rec.Unsupported {
		if u.Reason == "" || strings.Contains(u.Reason, "\n") {
			t.Errorf("%+v is unsupported because %q, want one line", u.Cell, u.Reason)
		}
		outcomes[u.Cell] = "unsupported: " + u.Reason
	}
	for _, trial := range rec.Trials {
		if trial.Error != "" {
			t.Errorf("%+v: %s", trial.Cell, trial.Error)
		}
		if was := outcomes[trial.Cell]; was != "" {
			t.Errorf("%+v was measured and is %s", trial.Cell, was)
		}
		outcomes[trial.Cell] = "measured"
	}
	for _, c := range rec.Run.Plan.Cells {
		if outcomes[c] == "" {
			t.Errorf("%+v is planned, and neither measured nor unsupported", c)
		}
	}
	checkFixedCold(t, rec, outcomes)
	if os.Getenv("SENDBENCH_CI") != "1" && !*update {
		return
	}
	name := "testdata/supported/user.golden"
	if os.Geteuid() == 0 {
		name = "testdata/supported/root.golden"
	}
	got := table(rec.Run.Plan.Cells, outcomes)
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the cells that can be measured are not those of %s (-want +got):\n%s", name, diff)
	}
}

// lockedMemory is the reason of a registration that was refused: limit and need in
// bytes, and the cure in KiB, as ulimit(1) takes it.
var lockedMemory = regexp.MustCompile(`RLIMIT_MEMLOCK is ([0-9]+) bytes .* ([0-9]+) bytes more are needed .*; cure: ulimit -l ([0-9]+) `)

// checkFixedCold: registering a cold footprint takes more locked memory than an
// ordinary user has, and the reason tells limit, need and cure.
func checkFixedCold(t *testing.T, rec *results.Record, outcomes map[results.Cell]string) {
	t.Helper()
	e := rec.Run.Environment
	for _, c := range rec.Run.Plan.Cells {
		if e.MemlockExempt || c.Strategy != "uring-sendzc-fixed" || c.Footprint <= e.MemlockBytes {
			continue
		}
		m := lockedMemory.FindStringSubmatch(outcomes[c])
		if m == nil {
			t.Errorf("%+v is %q, want its limit, need and cure", c, outcomes[c])
			continue
		}
		limit, need, cure := figure(t, m[1]), figure(t, m[2]), figure(t, m[3])
		if limit != e.MemlockBytes || need < c.Footprint || cure<<10 < need {
			t.Errorf("%+v: limit %d, need %d, cure %d KiB; the limit is %d", c, limit, need, cure, e.MemlockBytes)
		}
	}
}

func figure(t *testing.T, digits string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		t.Error(err)
	}
	return n
}

var number = regexp.MustCompile(`[0-9]+`)

// table lists the outcomes of a plan, a line for the sizes that share one, without
// the figures that differ from one machine to the next.
func table(cells []results.Cell, outcomes map[results.Cell]string) string {
	type row struct{ axes, outcome string }
	var order []row
	sizes := map[row][]string{}
	for _, c := range cells {
		footprint := "hot"
		if c.Footprint != runner.Hot {
			footprint = "cold"
		}
		strategy := c.Strategy
		if c.AA {
			strategy += " (A/A)"
		}
		r := row{fmt.Sprintf("%s, %s, %s, %s", c.NIC, footprint, c.Fill, strategy), number.ReplaceAllString(outcomes[c], "N")}
		if sizes[r] == nil {
			order = append(order, r)
		}
		sizes[r] = append(sizes[r], strconv.Itoa(c.Size))
	}
	var b strings.Builder
	for _, r := range order {
		fmt.Fprintf(&b, "%s, %s: %s\n", r.axes, strings.Join(sizes[r], " "), r.outcome)
	}
	return b.String()
}
