package results

import (
	"cmp"
	"errors"
	"math"
	"slices"
)

// ErrNothingInCommon is Compare's error for records without a common cell.
var ErrNothingInCommon = errors.New("the two records have no cell in common; give two runs of the same sweep")

// measure is a figure that two records are compared by.
type measure struct {
	name   string
	figure func(*Trial) float64
	paired bool // it is a ratio to the baseline's figure in the same round
	cost   bool // less is more
	late   bool // it is of cells at a set rate, which the others aren't of
}

// measures are in the order of their weight. What changes a ratio to
// the baseline is the build or the kernel; what changes an absolute figure may as
// well be the machine's day.
var measures = []measure{
	{name: MetricRatio, figure: (*Trial).Rate, paired: true},
	{name: UnitRate, figure: (*Trial).Rate},
	{name: UnitCPU, figure: (*Trial).CPUPerByte, cost: true},
	{name: UnitP50, figure: (*Trial).latencyP50, cost: true, late: true},
	{name: UnitP99, figure: (*Trial).latencyP99, cost: true, late: true},
}

// ComparedBy are the metrics that Compare compares a cell by: those of throughput and
// CPU time, or at a set rate, which leaves nothing of these to compare, of latency.
func ComparedBy(c Cell) (metrics []string) {
	for _, m := range measures {
		if m.late == (c.Rate > 0) {
			metrics = append(metrics, m.name)
		}
	}
	return metrics
}

// Compare matches two records cell by cell. They are independent samples, of which
// each cell's rounds are compared by the rank-sum test, corrected by Holm within
// each panel and metric.
//
// A claim must also exceed a floor, for what the test can't know of. It is the root
// of the sum of squares of both groups' noise floors, since either run may be off by
// its own, and, for absolute figures, of both runs' wander: all rounds of a run share
// a machine and a day. A group that has A/A in neither run has no floor, and no claims.
func Compare(old, new *Record) (*Comparison, error) {
	was, is := newSample(old), newSample(new)
	c := &Comparison{Old: old.Run, New: new.Run, Environment: differ(old.Run, new.Run)}
	common := c.match(was, is)
	if len(common) == 0 {
		return nil, ErrNothingInCommon
	}
	for _, m := range measures {
		if !m.paired || was.baseline == is.baseline {
			c.Changes = append(c.Changes, changes(m, was, is, common)...)
		}
	}
	return c, nil
}

// changes are those of one measure, in the order of the cells.
func changes(m measure, was, is sample, common []Cell) []Change {
	drift := 0.0
	if !m.paired {
		drift = math.Hypot(was.wander(m.figure), is.wander(m.figure))
	}
	var out []Change
	claims := make(map[Cell][]claim) // by panel
	members := make(map[Cell][]int)  // of out
	for _, cell := range common {
		if m.late != (cell.Rate > 0) || m.paired && cell.Strategy == was.baseline {
			continue
		}
		old, new := was.figures(cell, m), is.figures(cell, m)
		before, after := logarithms(old), logarithms(new)
		change := Change{
			Cell: cell, Metric: m.name,
			Old: median(old), New: median(new),
			OldRounds: len(old), NewRounds: len(new),
			Ratio: shift(before, after).exp(),
			Floor: math.Hypot(drift, bothFloors(was.floor(cell, m), is.floor(cell, m))),
			cost:  m.cost,
		}
		change.claim = claim{
			ratio:    change.Ratio,
			p:        rankSum(before, after),
			smallest: smallestRankSum(len(before), len(after)),
			floor:    change.Floor,
		}
		panel := cell.panel()
		claims[panel] = append(claims[panel], change.claim)
		members[panel] = append(members[panel], len(out))
		out = append(out, change)
	}
	for panel, cs := range claims {
		ps, verdicts := judgeAll(cs, Significance)
		for i, at := range members[panel] {
			out[at].settle(ps[i], verdicts[i])
		}
	}
	return out
}

// settle gives the change what a family of claims came to.
func (ch *Change) settle(p float64, v Verdict) {
	if ch.cost {
		v = v.whereLessIsMore()
	}
	ch.P, ch.Verdict = p, v
}

// match sorts the cells into those that both records have trials of, in order, and
// the unmatched ones. The baseline's second visit is no cell of its own here.
func (c *Comparison) match(was, is sample) (common []Cell) {
	for cell := range was.visits {
		if _, ok := is.visits[cell]; ok && !cell.AA {
			common = append(common, cell)
		}
	}
	for cell, visits := range was.visits {
		if len(visits.valid) > 0 && len(is.visits[cell].valid) == 0 && !cell.AA {
			c.Lost = append(c.Lost, Lost{cell, is.why(cell)})
		}
	}
	c.unmatched(was, is, Old)
	c.unmatched(is, was, New)
	order := c.Old.Plan.order()
	inOrder := func(a, b Cell) int {
		return cmp.Or(order.cells(a, b), order.strategies.compare(a.Strategy, b.Strategy))
	}
	slices.SortFunc(common, inOrder)
	slices.SortFunc(c.Lost, func(a, b Lost) int { return inOrder(a.Cell, b.Cell) })
	slices.SortFunc(c.Unmatched, func(a, b Unmatched) int {
		return cmp.Or(inOrder(a.Cell, b.Cell), -cmp.Compare(a.Side, b.Side))
	})
	return common
}

func (c *Comparison) unmatched(has, lacks sample, side Side) {
	for cell := range has.visits {
		if _, ok := lacks.visits[cell]; !ok && !cell.AA {
			c.Unmatched = append(c.Unmatched, Unmatched{cell, side, lacks.reasons[cell]})
		}
	}
}

// sample is one record as Compare looks at it.
type sample struct {
	baseline string
	trials   []*Trial // in time
	visits   map[Cell]series
	reasons  map[Cell]string // of unsupported cells
}

func newSample(rec *Record) sample {
	s := sample{baseline: rec.Run.Plan.Baseline, trials: rec.current(), reasons: make(map[Cell]string)}
	s.visits = byCell(s.trials)
	for _, u := range rec.Unsupported {
		s.reasons[u.Cell] = u.Reason
	}
	return s
}

// why is what the record says of a cell that it has no valid round of.
func (s sample) why(c Cell) string {
	for _, t := range s.visits[c].invalid {
		if t.Error != "" {
			return t.Error
		}
	}
	return s.reasons[c]
}

// figures are those of the cell by a metric, one for each round that has it.
func (s sample) figures(c Cell, m measure) []float64 {
	var out []float64
	if m.paired {
		for _, p := range s.visits[c].pairs(s.visits[c.of(s.baseline, false)]) {
			out = append(out, p.ratio(m.figure))
		}
	} else {
		out = s.visits[c].each(m.figure)
	}
	return slices.DeleteFunc(out, func(v float64) bool { return !(v > 0) })
}

// beyond stands for the logarithm of +Inf, which a percentile is that wasn't reached:
// it is above that of any figure, and two of them differ by 0.
const beyond = math.MaxFloat64 / 4

func logarithms(figures []float64) []float64 {
	out := make([]float64, len(figures))
	for i, v := range figures {
		out[i] = min(math.Log(v), beyond)
	}
	return out
}

// floor is the noise floor of the cell's group.
func (s sample) floor(c Cell, m measure) float64 {
	again := s.visits[c.of(s.baseline, true)].pairs(s.visits[c.of(s.baseline, false)])
	return MedianInterval(logRatios(again, m.figure)).exp().noiseFloor()
}
