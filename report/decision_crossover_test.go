package report

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"sendbench/runner/results"
)

// truths are curves that pass 1 at a size, each of a kind that is met: two sides that take
// a fixed time and a time a byte, a ratio that goes with a power of size, and a step, as
// where a cache or a segment is full.
var truths = []struct {
	name string
	// curve is drawn at random, but for where it passes 1.
	curve func(rng *rand.Rand, at float64) func(size float64) float64
	exact bool // enough to be found between two sizes
}{
	{"a time a message and a time a byte", func(rng *rand.Rand, at float64) func(float64) float64 {
		fixed := 1 + rng.Float64()          // of the one that is ahead above, as a part of the other's
		slow := (fixed - 1) / at            // the other's time a byte, less
		own := slow * 0.5 * rng.Float64()   // its own
		return func(size float64) float64 { // the other's time to its own
			return (1 + (slow+own)*size) / (fixed + own*size)
		}
	}, true},
	{"a power of size", func(rng *rand.Rand, at float64) func(float64) float64 {
		power := 0.05 + 0.2*rng.Float64()
		return func(size float64) float64 { return math.Pow(size/at, power) }
	}, true},
	{"a step", func(rng *rand.Rand, at float64) func(float64) float64 {
		low, high := 0.6+0.3*rng.Float64(), 1.1+0.9*rng.Float64()
		return func(size float64) float64 {
			if size < at {
				return low
			}
			return high
		}
	}, false},
}

// TestCrossoverHoldsTheTruth plants curves that pass 1 at a known size, measured at few
// sizes, each round with noise, and counts how often the interval holds that size.
func TestCrossoverHoldsTheTruth(t *testing.T) {
	const panels = 400
	for _, sizes := range [][]int{{64, 256, 1400, 4096, 8192, 16384, 32768, 64000}, {64, 512, 1400, 64000}, {64, 1400, 64000}} {
		for _, truth := range truths {
			rng := rand.New(rand.NewPCG(7, 7))
			found, held, between := 0, 0, 0
			for range panels {
				at := math.Exp(math.Log(300) + rng.Float64()*math.Log(30000/300))
				noise := []float64{0.005, 0.02, 0.05}[rng.IntN(3)]
				c := findCrossover(measuredCurve(rng, sizes, 20, noise, truth.curve(rng, at)))
				if c == nil {
					continue
				}
				found++
				if (c.LowBytes == nil || *c.LowBytes <= at) && at <= c.HighBytes {
					held++
				}
				if c.SizeBytes == nil {
					continue
				}
				between++
				if *c.SizeBytes < *c.LowBytes || *c.SizeBytes > c.HighBytes {
					t.Fatalf("%v isn't within %v to %v", *c.SizeBytes, *c.LowBytes, c.HighBytes)
				}
			}
			t.Logf("%s at %d sizes: %d crossovers, of which %d hold the truth; %d within a step", truth.name, len(sizes), found, held, between)
			if found < panels/3 || held < found*95/100 {
				t.Errorf("%s at %d sizes: of %d crossovers %d intervals hold the size that was planted, less than 95 %%", truth.name, len(sizes), found, held)
			}
			if truth.exact && len(sizes) == 8 && between < found/3 {
				t.Errorf("%s: of %d crossovers %d are told within a step between sizes, less than a third", truth.name, found, between)
			}
		}
	}
}

// measuredCurve is a curve as so many rounds with noise show it.
func measuredCurve(rng *rand.Rand, sizes []int, rounds int, noise float64, truth func(size float64) float64) []ratioAt {
	var curve []ratioAt
	for _, size := range sizes {
		var logs, mirrored []float64
		for range rounds {
			v := math.Log(truth(float64(size))) + noise*rng.NormFloat64()
			logs, mirrored = append(logs, v), append(mirrored, -v)
		}
		at := ratioAt{size: size, ratio: results.RatioInterval(logs), floor: 0.01}
		if _, yes := results.AheadOf(logs, at.floor, len(sizes)); yes {
			at.standing = inFront
		} else if _, yes := results.AheadOf(mirrored, at.floor, len(sizes)); yes {
			at.standing = behind
		}
		curve = append(curve, at)
	}
	return curve
}

// TestCrossoverOfPreciseRounds: rounds without end tell nothing of what is between two sizes
// but by the sizes next to them. A straight line in the logarithms is 350 bytes off here.
func TestCrossoverOfPreciseRounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const truth = 1000 / 0.07 // 14,286 B
	write := func(size float64) float64 { return 2000 + 0.08*size }
	zero := func(size float64) float64 { return 3000 + 0.01*size }
	sizes := []int{64, 256, 1400, 4096, 8192, 16384, 32768, 64000}
	held := 0
	for range 60 {
		c := findCrossover(measuredCurve(rng, sizes, 60, 0.005, func(size float64) float64 { return write(size) / zero(size) }))
		if c == nil || c.SizeBytes == nil {
			t.Fatalf("%+v, want a crossover between 8192 and 16384 B", c)
		}
		if *c.LowBytes <= truth && truth <= c.HighBytes {
			held++
		}
		if c.HighBytes-*c.LowBytes > 2000 {
			t.Errorf("%v to %v B, which is no narrower than the noise asks for", *c.LowBytes, c.HighBytes)
		}
	}
	if held < 57 {
		t.Errorf("%d of 60 intervals hold %.0f B, want 95 %%", held, truth)
	}
}

// TestCrossoverAcrossHoles: there is none from sizes that weren't compared, and one next to
// such a size may be anywhere in its step.
func TestCrossoverAcrossHoles(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	whole := measuredCurve(rng, []int{1000, 2000, 4000, 8000}, 20, 0.005, func(size float64) float64 { return math.Sqrt(size / 3000) })
	if c := findCrossover(whole); c == nil || c.SizeBytes == nil || *c.LowBytes <= 2000 || c.HighBytes >= 4000 {
		t.Fatalf("%+v, want one between 2000 and 4000 B", c)
	}
	for i := range whole {
		holed := slices.Clone(whole)
		holed[i] = ratioAt{size: whole[i].size, standing: uncompared, why: whyCopied}
		switch c := findCrossover(holed); i {
		case 0, 3: // next to the step, or the last of all
			if i == 0 && (c == nil || c.SizeBytes != nil || *c.LowBytes != 2000 || c.HighBytes != 4000) || i == 3 && c != nil {
				t.Errorf("without %d B: %+v", whole[i].size, c)
			}
		default:
			if c != nil {
				t.Errorf("without %d B: %+v", whole[i].size, c)
			}
		}
	}
}

// TestCrossoverUnknown: bounds that aren't known make no narrower interval.
func TestCrossoverUnknown(t *testing.T) {
	ratio := func(center float64) results.Interval {
		return results.Interval{Center: center, Low: math.Inf(-1), High: inf(), N: 3}
	}
	c := findCrossover([]ratioAt{{size: 1000, ratio: ratioAbout(0.5, 1.1), standing: behind, floor: 0.02}, {size: 2000, ratio: ratio(1.2), standing: undecided, floor: 0.02}, {size: 4000, ratio: ratioAbout(2, 1.1), standing: inFront, floor: 0.02}})
	if c == nil || *c.LowBytes != 1000 || c.HighBytes != 4000 || c.SizeBytes != nil {
		t.Errorf("%+v, want 1000 to 4000", c)
	}
	if c := findCrossover([]ratioAt{{size: 1000, ratio: ratio(1.2), standing: undecided, floor: 0.02}, {size: 4000, ratio: ratioAbout(2, 1.1), standing: inFront, floor: 0.02}}); c == nil || c.LowBytes != nil || c.SizeBytes != nil || c.words() != "" {
		t.Errorf("%+v, want no lower end", c)
	}
	for _, curve := range [][]ratioAt{nil, {{size: 64, ratio: ratioAbout(2, 1.1), standing: inFront, floor: 0}}, {{size: 64, ratio: ratioAbout(0.5, 1.1), standing: behind, floor: 0}}} {
		if c := findCrossover(curve); c != nil {
			t.Errorf("%+v of a curve that doesn't cross", c)
		}
	}
}
