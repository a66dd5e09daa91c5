package results

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestMedianRank holds ranks against the binomial table for p = 1/2, worked out
// by hand: the attained confidence is 1 - 2*(sum of C(n,i) for i < k)/2^n.
func TestMedianRank(t *testing.T) {
	for _, tt := range []struct {
		n, k     int
		attained float64
	}{
		{1, 0, 0},
		{2, 0, 0},
		{5, 0, 0}, // 1 - 2*1/32 = 0.9375
		{6, 1, 1 - 2*1.0/64},
		{7, 1, 1 - 2*1.0/128},
		{8, 1, 1 - 2*1.0/256}, // k = 2: 1 - 2*9/256 = 0.930
		{9, 2, 1 - 2*(1.0+9)/512},
		{10, 2, 1 - 2*(1.0+10)/1024},
		{11, 2, 1 - 2*(1.0+11)/2048},
		{12, 3, 1 - 2*(1.0+12+66)/4096},
		{15, 4, 1 - 2*(1.0+15+105+455)/32768},
		{16, 4, 1 - 2*(1.0+16+120+560)/65536},
		{20, 6, 1 - 2*(1.0+20+190+1140+4845+15504)/1048576},
	} {
		k, attained := medianRank(tt.n)
		if k != tt.k || math.Abs(attained-tt.attained) > 1e-12 {
			t.Errorf("medianRank(%d) = %d, %v, want %d, %v", tt.n, k, attained, tt.k, tt.attained)
		}
	}
}

func TestMedianRankLargeSamples(t *testing.T) {
	// The normal approximation is good to a rank there: n/2 - 1.96*sqrt(n)/2.
	for _, n := range []int{1000, 1500, 32768} {
		k, attained := medianRank(n)
		want := float64(n)/2 - 1.96*math.Sqrt(float64(n))/2
		if math.Abs(float64(k)-want) > 1 || attained < Confidence || attained > 0.96 {
			t.Errorf("medianRank(%d) = %d, %v, want about %.1f, 0.95", n, k, attained, want)
		}
	}
}

func TestMedianInterval(t *testing.T) {
	inf := math.Inf(1)
	for _, tt := range []struct {
		name    string
		samples []float64
		want    Interval
	}{
		{"one", []float64{3}, Interval{3, -inf, inf, 1, 1}},
		{"five", []float64{5, 1, 4, 2, 3}, Interval{3, -inf, inf, 1, 5}},
		{"six", []float64{6, 1, 5, 2, 4, 3}, Interval{3.5, 1, 6, 1 - 2*1.0/64, 6}},
		{"ties", []float64{2, 2, 2, 2, 2, 2, 2, 2}, Interval{2, 2, 2, 1 - 2*1.0/256, 8}},
		{"heavy tail", []float64{1, 2, 3, 4, 5, 6, 7, 8, 1e300}, Interval{5, 2, 8, 1 - 2*10.0/512, 9}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := slices.Clone(tt.samples)
			got := MedianInterval(tt.samples)
			if math.Abs(got.Confidence-tt.want.Confidence) < 1e-12 {
				got.Confidence = tt.want.Confidence
			}
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if got.Finite() != (len(tt.samples) >= 6) {
				t.Errorf("Finite is %t of %d samples", got.Finite(), len(tt.samples))
			}
			if !slices.Equal(before, tt.samples) {
				t.Errorf("the samples were reordered: %v", tt.samples)
			}
		})
	}
	none := MedianInterval(nil)
	if !math.IsNaN(none.Center) || none.Finite() || none.N != 0 || !math.IsInf(none.HalfWidth(), 1) {
		t.Errorf("without samples: %+v", none)
	}
}

// TestMedianIntervalCovers draws from a skewed distribution of known median and
// counts how often the interval holds it.
func TestMedianIntervalCovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{6, 9, 12, 20} {
		const draws = 20000
		held, attained := 0, 0.0
		for range draws {
			samples := make([]float64, n)
			for i := range samples {
				samples[i] = rng.ExpFloat64() // median ln 2
			}
			iv := MedianInterval(samples)
			if iv.Low <= math.Ln2 && math.Ln2 <= iv.High {
				held++
			}
			attained = iv.Confidence
		}
		// Three standard deviations of a share of 20000 draws are below 0.005.
		if share := float64(held) / draws; math.Abs(share-attained) > 0.005 {
			t.Errorf("n = %d: held the median in %.4f of draws, want %.4f", n, share, attained)
		}
	}
}

func TestIntervalExp(t *testing.T) {
	few := MedianInterval([]float64{0, math.Log(2), math.Log(4)}).exp()
	if math.Abs(few.Center-2) > 1e-12 || !math.IsInf(few.Low, -1) || !math.IsInf(few.High, 1) {
		t.Errorf("of three samples: %+v, want 2 and infinite bounds", few)
	}
	six := MedianInterval([]float64{0, 0, 0, 0, 0, math.Log(4)}).exp()
	if six.Center != 1 || six.Low != 1 || math.Abs(six.High-4) > 1e-12 {
		t.Errorf("of six samples: %+v, want 1 from 1 to 4", six)
	}
}
