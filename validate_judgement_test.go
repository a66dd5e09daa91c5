//go:build linux

package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"sendbench/runner/results"
)

// judgement is what was said of drawn panels.
type judgement struct {
	panels                     int
	ratio                      float64
	rate, rateTest             int // panels with any verdict; with any corrected p-value that is significant
	cpu, cpuTest               int
	again                      int         // panels with an A/A verdict
	tooFew                     int         // rows that could not have had a verdict
	rows, held, cpuHeld, found int         // rows; intervals that hold the truth; rows rightly said to be slower
	bySize                     map[int]int // held
}

// judge draws panels and summarises each.
func (n *recordedNoise) judge(panels int, ratio float64, seed uint64) judgement {
	r := rand.New(rand.NewPCG(seed, 0))
	j := judgement{panels: panels, ratio: ratio, bySize: map[int]int{}}
	for range panels {
		var rate, rateTest, cpu, cpuTest, again bool
		for _, g := range results.Summarize(n.draw(r, ratio)).Groups {
			again = again || said(g.AAVerdict)
			for _, row := range g.Rows {
				if row.Verdict == results.Baseline {
					continue
				}
				rate, cpu = rate || said(row.Verdict), cpu || said(row.CPUVerdict)
				rateTest, cpuTest = rateTest || row.P <= results.Significance, cpuTest || row.CPUP <= results.Significance
				j.row(g.Cell.Size, row)
			}
		}
		j.rate, j.rateTest, j.cpu, j.cpuTest, j.again = j.rate+one(rate), j.rateTest+one(rateTest), j.cpu+one(cpu), j.cpuTest+one(cpuTest), j.again+one(again)
	}
	return j
}

// said tells whether a verdict claims something.
func said(v results.Verdict) bool { return v == results.Faster || v == results.Slower }

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (j *judgement) row(size int, row results.Row) {
	j.rows++
	if holds(row.Ratio, j.ratio) {
		j.held++
		j.bySize[size]++
	}
	j.cpuHeld += one(holds(row.CPURatio, 1/j.ratio))
	j.found += one(row.Verdict == results.Slower)
	j.tooFew += one(row.Verdict == results.TooFew)
}

// holds tells whether an interval holds the truth, to the nanosecond that trials are
// rounded to.
func holds(iv results.Interval, truth float64) bool {
	const rounding = 1e-5
	return iv.Low <= truth*(1+rounding) && truth <= iv.High*(1+rounding)
}

// atMost is what a share of n draws is not above, but once in a thousand times, if its
// probability is p.
func atMost(p float64, n int) float64 { return p + 3.09*math.Sqrt(p*(1-p)/float64(n)) }

// errors are the claims on panels in which nothing differs.
func (j judgement) errors(t *testing.T) (claims []claim) {
	bound := atMost(results.Significance, j.panels)
	if j.tooFew > 0 {
		t.Errorf("%d rows of drawn panels have too few rounds for a verdict: that they say nothing shows nothing", j.tooFew)
	}
	for _, kind := range []struct {
		what         string
		panels, test int // test is -1 where it isn't apart
	}{
		{"rate", j.rate, j.rateTest}, {"CPU time", j.cpu, j.cpuTest}, {"A/A", j.again, -1},
	} {
		share := float64(kind.panels) / float64(j.panels)
		measured := fmt.Sprintf("%d of %d panels", kind.panels, j.panels)
		if kind.test >= 0 {
			test := float64(kind.test) / float64(j.panels)
			measured += fmt.Sprintf("; %d by the corrected test alone", kind.test)
			share = max(share, test)
		}
		if share > bound {
			t.Errorf("%s: %.3f of panels in which nothing differs make a claim, want %.3f or less", kind.what, share, bound)
		}
		claims = append(claims, claim{
			Asked:    fmt.Sprintf("%s: a verdict in at most 5 %% of panels without a difference (%.1f %% within binomial bounds)", kind.what, 100*bound),
			Measured: measured, Reached: reachedIf(share <= bound),
		})
	}
	return claims
}

// covered are the claims on panels with a planted shift.
func (j judgement) covered(t *testing.T) (claims []claim) {
	const least = 0.93
	for _, kind := range []struct {
		what string
		held int
	}{{"rate", j.held}, {"CPU time", j.cpuHeld}} {
		share := float64(kind.held) / float64(j.rows)
		if share < least {
			t.Errorf("%s: %.4f of intervals hold the planted ratio, want %v or more", kind.what, share, least)
		}
		claims = append(claims, claim{
			Asked:    fmt.Sprintf("%s: the interval holds the planted ratio in at least 93 %% of %d simulated runs", kind.what, j.panels),
			Measured: fmt.Sprintf("%.1f %% of %d intervals", 100*share, j.rows), Reached: reachedIf(share >= least),
		})
	}
	return claims
}
