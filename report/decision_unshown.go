package report

import (
	"fmt"
	"math"
	"slices"

	"sendbench/runner/results"
)

// Reasons for which a comparison with the baseline shows nothing.
const (
	whyInvalid    = "no valid round"
	whyApart      = "no round has a figure of both"
	whyTooFew     = "too few rounds"
	whyNoFloor    = "the noise floor is unknown"
	whyWithin     = "within the noise floor"
	whyHoldsOne   = "the interval holds 1"
	whyCorrection = "not significant, once corrected for all comparisons"
)

// Unshown are a strategy's comparisons with the baseline that show nothing, and why.
type Unshown struct {
	Metric     string `json:"metric"`
	Strategy   string `json:"strategy"`
	SizesBytes []int  `json:"sizes_bytes"`
	Why        string `json:"why"`
}

// unshown lists a walk's, by metric and strategy.
func unshown(w walk) []Unshown {
	out := []Unshown{}
	for _, g := range w.groups {
		for _, r := range g.Rows {
			if r.Verdict == results.Baseline {
				continue
			}
			throughput, cpu := againstBaseline(g, r, baselineOf(g))
			for _, c := range []Claim{throughput, cpu} {
				if why := whyNot(c, g, r); why != "" {
					out = addUnshown(out, Unshown{c.Metric, r.Strategy, []int{g.Cell.Size}, why})
				}
			}
		}
	}
	return out
}

func addUnshown(list []Unshown, u Unshown) []Unshown {
	i := slices.IndexFunc(list, func(o Unshown) bool { return o.Metric == u.Metric && o.Strategy == u.Strategy && o.Why == u.Why })
	if i < 0 {
		return append(list, u)
	}
	list[i].SizesBytes = append(list[i].SizesBytes, u.SizesBytes...)
	return list
}

// whyNot says why a claim shows nothing; "" where it shows something.
func whyNot(c Claim, g results.Group, r results.Row) string {
	iv := c.Ratio.interval()
	switch {
	case c.Shown():
		return ""
	case r.Rounds == 0:
		return whyInvalid
	case !baselineValid(g):
		return whyNoBaseline
	case iv.N == 0 && r.Ratio.N > 0: // of a cost
		return whyNoCPU
	case iv.N == 0:
		return whyApart
	case c.Verdict == results.TooFew:
		return whyTooFew
	case c.Floor == nil:
		return whyNoFloor
	case math.Abs(math.Log(iv.Center)) <= math.Log1p(*c.Floor):
		return whyWithin
	case iv.Low <= 1 && iv.High >= 1:
		return whyHoldsOne
	}
	return whyCorrection
}

// noVerdict says why none of a walk's comparisons can have a verdict; "" where one can.
func noVerdict(w walk) string {
	baseline := slices.ContainsFunc(w.groups, func(g results.Group) bool {
		r, ok := rowOf(g, baselineOf(g))
		return ok && r.Rounds > 0
	})
	names := strategiesOf(w.groups)
	switch {
	case len(names) == 1 && baseline:
		return printable(names[0]) + " alone was measured, and there is nothing to compare it with"
	case !baseline:
		return "there is no valid round of the baseline, which the others are compared with"
	case comparisons(w) == 0:
		return "no round has results of both the baseline and another strategy, so that nothing is compared"
	case tooFew(w):
		n := comparisons(w)
		return fmt.Sprintf("too few rounds: %d. With %s corrected together a verdict takes %d at least",
			mostRounds(w), count(n, "comparison", "comparisons"), results.RoundsFor(n))
	case !w.paced() && !slices.ContainsFunc(w.groups, func(g results.Group) bool { return finite(g.NoiseFloor) }):
		return "the noise floor is unknown, for want of rounds that measured the baseline twice (A/A)"
	}
	return ""
}
