package results

import "math"

// panel is the group without its size: the groups that one chart shows side by
// side, and whose claims are corrected together.
func (c Cell) panel() Cell {
	c = c.Group()
	c.Size = 0
	return c
}

// beBaseline sets what the baseline's ratios to itself are by definition.
func (r *Row) beBaseline() {
	r.Ratio = Interval{Center: 1, Low: 1, High: 1, Confidence: 1, N: r.Rounds}
	r.CPURatio = r.Ratio
	r.P, r.CPUP = math.NaN(), math.NaN()
	r.Verdict, r.CPUVerdict = Baseline, Baseline
}

// judgePanels tests each strategy against the baseline, and the baseline against
// itself. Claims on throughput and claims on CPU time are two families in each
// panel. The A/A comparisons of the whole run are one: they put one question, is
// there a bias, and with a family for each of the default sweep's seven panels a
// quarter of all runs on a flawless machine would say that there is
// (TestAAFamily). For the same reason they are judged at AASignificance.
func judgePanels(groups []Group, visits map[Cell]series, baseline string) {
	type family struct {
		rows      []*Row
		rate, cpu []claim
	}
	panels := make(map[Cell]*family)
	var again []claim
	for i := range groups {
		g := &groups[i]
		base := visits[g.Cell.of(baseline, false)]
		again = append(again, paired(logRatios(visits[g.Cell.of(baseline, true)].pairs(base), (*Trial).Rate), 0))
		f := panels[g.Cell.panel()]
		if f == nil {
			f = new(family)
			panels[g.Cell.panel()] = f
		}
		for j := range g.Rows {
			r := &g.Rows[j]
			if r.Strategy == baseline {
				continue
			}
			pairs := visits[g.Cell.of(r.Strategy, false)].pairs(base)
			f.rows = append(f.rows, r)
			f.rate = append(f.rate, paired(logRatios(pairs, (*Trial).Rate), g.NoiseFloor))
			f.cpu = append(f.cpu, paired(logRatios(pairs, (*Trial).CPUPerByte), g.CPUNoiseFloor))
		}
	}
	for _, f := range panels {
		ps, verdicts := judgeAll(f.rate, Significance)
		cpuPs, cpuVerdicts := judgeAll(f.cpu, Significance)
		for i, r := range f.rows {
			r.Ratio, r.P, r.Verdict = f.rate[i].ratio, ps[i], verdicts[i]
			r.CPURatio, r.CPUP, r.CPUVerdict = f.cpu[i].ratio, cpuPs[i], cpuVerdicts[i].whereLessIsMore()
		}
	}
	_, verdicts := judgeAll(again, AASignificance)
	for i := range groups {
		groups[i].AAVerdict = verdicts[i]
	}
}
