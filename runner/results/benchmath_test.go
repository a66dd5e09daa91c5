package results

import (
	"math"
	"math/rand/v2"
	"testing"

	"golang.org/x/perf/benchmath"
)

// TestIntervalAgreesWithBenchmath holds MedianInterval against an independent
// implementation at sample sizes where that picks ranks symmetrically too.
func TestIntervalAgreesWithBenchmath(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{6, 7, 9, 10, 12, 13, 15, 17, 18, 20, 21, 23, 25, 26, 28, 30} {
		samples := make([]float64, n)
		for i := range samples {
			samples[i] = math.Exp(r.NormFloat64())
		}
		want := benchmath.AssumeNothing.Summary(benchmath.NewSample(samples, &benchmath.DefaultThresholds), Confidence)
		got := MedianInterval(samples)
		if got.Low != want.Lo || got.High != want.Hi || math.Abs(got.Center-want.Center) > 1e-12*want.Center {
			t.Errorf("n = %d: %v in %v to %v, benchmath has %v in %v to %v", n, got.Center, got.Low, got.High, want.Center, want.Lo, want.Hi)
		}
		if math.Abs(got.Confidence-want.Confidence) > 1e-9 {
			t.Errorf("n = %d: confidence %v, benchmath has %v", n, got.Confidence, want.Confidence)
		}
	}
}
