package results

import (
	"maps"
	"slices"
	"strconv"
)

// finish makes a record of what was read.
func (d *benchDecoder) finish() (*Record, error) {
	rec := &d.rec
	if len(rec.Trials)+len(rec.Unsupported) == 0 {
		return nil, d.errorf("the file ends without a result; %s", wantBench)
	}
	for i := range rec.Unsupported {
		if rec.Unsupported[i].Reason == "" {
			rec.Unsupported[i].Reason = "the benchmark was skipped, and its output doesn't say why"
		}
	}
	bench := new(Bench)
	bench.FlowsUnknown = d.settleFlows()
	if err := rec.enterAll(newRoster()); err != nil {
		return nil, d.errorf("%v", err)
	}
	bench.Paired = rec.paired() // by the cells as they are now
	if !bench.Paired {
		for i := range rec.Trials { // rounds that no two share
			rec.Trials[i].Round, rec.Trials[i].SuperRound = i, i
		}
	}
	rec.Run = d.run()
	rec.Run.Bench = bench
	rec.End = &End{Record: kindEnd, Status: StatusComplete, Warnings: []string{}}
	if d.fail {
		rec.End.Status, rec.End.Reason = StatusInterrupted, "go test says FAIL"
	}
	return rec, nil
}

// settleFlows takes the number behind a name for that of flows where one file has
// several, which -cpu alone brings about. It reports whether that can't be told.
func (d *benchDecoder) settleFlows() (unknown bool) {
	if len(d.procs) == 0 {
		return false
	}
	least, most := slices.Min(d.procs), slices.Max(d.procs)
	if least == most {
		return most > 1
	}
	for i := range d.rec.Trials {
		d.rec.Trials[i].Cell.Flows = d.procs[i]
	}
	return false
}

// enterAll holds what was measured, and what couldn't be, to the bounds of a record.
func (rec *Record) enterAll(names *roster) (err error) {
	for i := range rec.Trials {
		if rec.Trials[i].Cell, err = names.enter(rec.Trials[i].Cell); err != nil {
			return err
		}
	}
	for i := range rec.Unsupported {
		if rec.Unsupported[i].Cell, err = names.enter(rec.Unsupported[i].Cell); err != nil {
			return err
		}
	}
	return nil
}

// paired reports whether every trial is of a round, and no two of a cell are of the
// same one.
func (rec *Record) paired() bool {
	type visit struct {
		cell  Cell
		round int
	}
	seen := make(map[visit]bool, len(rec.Trials))
	for i := range rec.Trials {
		v := visit{rec.Trials[i].Cell, rec.Trials[i].Round}
		if v.round == noRound || seen[v] {
			return false
		}
		seen[v] = true
	}
	return true
}

// run is what the lines tell of how they came about.
func (d *benchDecoder) run() Run {
	env := Environment{
		OS: d.keys["goos"], Arch: d.keys["goarch"], CPUModel: d.keys["cpu"], Kernel: d.keys["kernel"], Privileges: d.keys["privileges"],
		GoVersion: d.keys["go"], Commit: d.keys["commit"], SenderCPU: -1, IOUringDisabled: -1, WmemMax: -1, RmemMax: -1, OptmemMax: -1,
	}
	if n, err := strconv.Atoi(d.keys["cpus"]); err == nil && n > 0 && n <= maxWidth {
		env.CPUs = n
	}
	env.Link.Device.Driver = d.keys["driver"]
	plan := Plan{Baseline: benchBaseline}
	results := make(map[Cell]int)
	strategies, profiles := map[string]bool{}, map[string]bool{}
	add := func(c Cell) {
		if results[c]++; results[c] > 1 {
			return
		}
		plan.Cells = append(plan.Cells, c)
		strategies[c.Strategy], profiles[c.NIC] = true, true
	}
	for _, t := range d.rec.Trials {
		add(t.Cell)
		plan.Rounds = max(plan.Rounds, results[t.Cell])
	}
	for _, u := range d.rec.Unsupported {
		add(u.Cell)
	}
	plan.SuperRounds = plan.Rounds
	plan.Strategies, plan.Profiles = namesFrom(benchBaseline, strategies), namesFrom(ProfileDefault, profiles)
	env.Link.Name, env.Link.Caveat = plan.Cells[0].Link, "its caveat isn't in bench output"
	r := Run{Record: kindRun, Schema: Schema, ID: d.keys["run"], Environment: env, Plan: plan}
	r.emptyNil()
	return r
}

// namesFrom are the names of a set by the alphabet, one that is in it ahead: the order
// of shuffled benchmarks says nothing.
func namesFrom(first string, set map[string]bool) []string {
	return slices.SortedFunc(maps.Keys(set), ranksOf([]string{first}).compare)
}
