package report

import (
	"math"
	"strconv"

	"sendbench/runner/results"
)

// Metrics that claims are made of.
const (
	MetricThroughput = "throughput"   // bit/s
	MetricCPU        = "cpu_per_byte" // ns/B, of which less is more
	MetricP99        = "p99_latency"  // ns, of which less is more
)

// Claim is one comparison with all that it rests on. A sentence of superiority has at
// least one with the verdict faster or slower; for a cost, faster is cheaper or shorter.
type Claim struct {
	Metric  string          `json:"metric"`
	Cell    results.Cell    `json:"cell"`
	Over    string          `json:"over"` // the strategy, or of NIC settings the profile, that it is compared with
	Ratio   Figure          `json:"ratio"`
	P       *float64        `json:"p"`           // corrected for all comparisons of its family
	Floor   *float64        `json:"noise_floor"` // as a part of 1
	Verdict results.Verdict `json:"verdict"`
}

// Shown reports whether the claim is one of superiority, either way.
func (c Claim) Shown() bool {
	return c.Verdict == results.Faster || c.Verdict == results.Slower
}

// Figure is a median with its interval. Bounds are null where rounds were too few.
type Figure struct {
	Center     *float64 `json:"center"`
	Low        *float64 `json:"low"`
	High       *float64 `json:"high"`
	Confidence float64  `json:"confidence"` // attained
	Rounds     int      `json:"rounds"`
}

// figureOf is an interval in that form.
func figureOf(iv results.Interval) Figure {
	f := Figure{Center: known(iv.Center), Rounds: iv.N}
	if finite(iv.Confidence) {
		f.Confidence = iv.Confidence
	}
	if iv.Finite() {
		f.Low, f.High = known(iv.Low), known(iv.High)
	}
	return f
}

// interval is the way back, for words.
func (f Figure) interval() results.Interval {
	iv := results.Interval{Center: math.NaN(), Low: math.Inf(-1), High: math.Inf(1), Confidence: f.Confidence, N: f.Rounds}
	if f.Center != nil {
		iv.Center = *f.Center
	}
	if f.Low != nil && f.High != nil {
		iv.Low, iv.High = *f.Low, *f.High
	}
	return iv
}

// known is a figure to six digits, more than any measurement has; nil for what JSON has
// no number for.
func known(v float64) *float64 {
	if !finite(v) {
		return nil
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
	if err != nil { // only for the largest of all
		return &v
	}
	return &rounded
}

// againstBaseline are a strategy's claims on throughput and CPU time in a group.
func againstBaseline(g results.Group, r results.Row, baseline string) (throughput, cpu Claim) {
	cell := g.Cell
	cell.Strategy = r.Strategy
	throughput = Claim{MetricThroughput, cell, baseline, figureOf(r.Ratio), known(r.P), known(g.NoiseFloor), r.Verdict}
	cpu = Claim{MetricCPU, cell, baseline, figureOf(r.CPURatio), known(r.CPUP), known(g.CPUNoiseFloor), r.CPUVerdict}
	return throughput, cpu
}

// span is what the intervals of claims cover together; ok is false where there are none,
// or one has no interval.
func span(claims []Claim) (low, high float64, ok bool) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, c := range claims {
		iv := c.Ratio.interval()
		if !iv.Finite() {
			return 0, 0, false
		}
		low, high = math.Min(low, iv.Low), math.Max(high, iv.High)
	}
	return low, high, len(claims) > 0
}
