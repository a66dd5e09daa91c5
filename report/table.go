package report

import (
	"fmt"

	"sendbench/runner/results"
)

// pageTable holds every figure of one setting and walk.
type pageTable struct {
	ID, Caption string
	Groups      []tableGroup
}

// tableGroup is the strategies at one size.
type tableGroup struct{ Rows []tableRow }

type tableRow struct {
	Span  int // rows of the group, on its first row; 0 on others
	Size  int
	Class string // of the verdict

	Strategy, Rounds           string
	Rate, RateInterval         string
	Ratio, RatioInterval       string
	Verdict                    string
	CPU, CPUInterval           string
	CPURatio, CPURatioInterval string
	Machine                    string
	ReleaseP50, ReleaseP99     string
	Copied, Calls              string
}

func tableID(setting, walk int) string { return fmt.Sprintf("table-%d-%d", setting+1, walk+1) }

func pageTables(list []setting) []pageTable {
	var out []pageTable
	for i, st := range list {
		for j, w := range st.walks {
			t := pageTable{ID: tableID(i, j), Caption: fmt.Sprintf("NIC profile %s, %s", st.name, w.title())}
			for _, g := range w.groups {
				t.Groups = append(t.Groups, newTableGroup(g))
			}
			out = append(out, t)
		}
	}
	return out
}

func newTableGroup(g results.Group) tableGroup {
	var out tableGroup
	for i, r := range g.Rows {
		row := newTableRow(g, r)
		if i == 0 {
			row.Span = len(g.Rows)
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

func newTableRow(g results.Group, r results.Row) tableRow {
	row := tableRow{
		Size:     g.Cell.Size,
		Strategy: printable(r.Strategy) + warningMark(r), Rounds: fmt.Sprint(r.Rounds),
		Rate: figure(gigabits(r.Rate.Center)), RateInterval: between(scaled(r.Rate, 1e-9), figure),
		Ratio: ratioFigure(r.Ratio.Center), RatioInterval: between(r.Ratio, ratioFigure),
		Verdict: string(r.Verdict),
		CPU:     figure(r.CPUPerByte.Center), CPUInterval: between(r.CPUPerByte, figure),
		CPURatio: ratioFigure(r.CPURatio.Center), CPURatioInterval: between(r.CPURatio, ratioFigure),
		Machine:    figure(r.MachineCPUPerByte),
		ReleaseP50: none, ReleaseP99: none, Copied: none, Calls: none,
	}
	if r.Invalid > 0 {
		row.Rounds += fmt.Sprintf(" (%d invalid)", r.Invalid)
	}
	switch r.Verdict {
	case results.Faster, results.Slower:
		row.Class = string(r.Verdict)
	case results.Baseline:
		row.RatioInterval, row.CPURatioInterval = "noise "+noise(g.NoiseFloor), ""
	}
	if share, ok := r.CopiedShare(); ok {
		row.Copied = percent(share)
		row.ReleaseP50, row.ReleaseP99 = duration(r.ReleaseP50NS), duration(r.ReleaseP99NS)
	}
	if r.Messages > 0 {
		row.Calls = figure(float64(r.Syscalls) / float64(r.Messages))
	}
	return row
}
