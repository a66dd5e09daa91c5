package results

import "slices"

// Summarize boils a record down to medians, intervals, ratios and verdicts. Trials
// with an error are counted and otherwise left out; those that a resumed run
// measured again are not even counted. The record is not changed.
func Summarize(rec *Record) *Summary {
	s := &Summary{
		Run:         rec.Run,
		Unsupported: slices.Clone(rec.Unsupported),
		End:         rec.End,
	}
	trials := rec.current()
	for _, t := range trials {
		s.Trials++
		if !t.Valid() {
			s.Invalid++
		} else if len(t.Warnings) > 0 {
			s.Warned++
		}
	}
	visits := byCell(trials)
	strategies := make(map[Cell][]string) // by group
	for c := range visits {
		names := strategies[c.Group()]
		if !c.AA {
			names = append(names, c.Strategy)
		}
		strategies[c.Group()] = names
	}
	plan := rec.Run.Plan
	order := plan.order()
	tick := machineTick(rec.Run.Environment)
	for cell, names := range strategies {
		slices.SortFunc(names, order.strategies.compare)
		s.Groups = append(s.Groups, newGroup(cell, names, visits, plan.Baseline, tick))
	}
	slices.SortFunc(s.Groups, func(a, b Group) int { return order.cells(a.Cell, b.Cell) })
	judgePanels(s.Groups, visits, plan.Baseline)
	markUnsteady(s.Groups)
	s.Effects = effects(s.Groups, visits)
	return s
}

// machineTick is the length in ns of the ticks that CPU time of the whole
// machine is counted in, 0 where the environment doesn't say.
func machineTick(env Environment) float64 {
	for _, c := range env.Clocks {
		if c.Field == "cpu_machine_ns" {
			return float64(c.ResolutionNS)
		}
	}
	return 0
}

// of is the cell of one strategy in the group.
func (c Cell) of(strategy string, aa bool) Cell {
	c.Strategy, c.AA = strategy, aa
	return c
}

// newGroup is a group without its verdicts, which depend on other groups.
func newGroup(cell Cell, strategies []string, visits map[Cell]series, baseline string, tick float64) Group {
	g := Group{Cell: cell}
	base := visits[cell.of(baseline, false)]
	again := visits[cell.of(baseline, true)].pairs(base)
	g.AA = MedianInterval(logRatios(again, (*Trial).Rate)).exp()
	g.NoiseFloor = g.AA.noiseFloor()
	g.CPUNoiseFloor = MedianInterval(logRatios(again, (*Trial).CPUPerByte)).exp().noiseFloor()
	g.P99NoiseFloor = MedianInterval(logRatios(again, (*Trial).latencyP99)).exp().noiseFloor()

	for _, strategy := range strategies {
		own := visits[cell.of(strategy, false)]
		row := newRow(strategy, own, tick)
		if strategy == baseline {
			row.beBaseline()
		} else {
			for _, p := range own.pairs(base) {
				row.RatioRounds = append(row.RatioRounds, p.own.Round)
				row.RatioSamples = append(row.RatioSamples, p.ratio((*Trial).Rate))
				row.CPURatioSamples = append(row.CPURatioSamples, p.ratio((*Trial).CPUPerByte))
			}
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}
