package results

import (
	"math"
	"math/rand/v2"
	"testing"
)

// noises are distributions that rounds are drawn from in which nothing differs:
// what is said of them must be right whatever the noise is like. Each gives the
// logarithm of one trial's time; shared is what its round has in common.
var noises = []struct {
	name   string
	trial  func(*rand.Rand) float64
	shared func(r *rand.Rand, round int) float64
}{
	{"normal", (*rand.Rand).NormFloat64, still},
	{"heavy tails", func(r *rand.Rand) float64 { return r.NormFloat64() / r.NormFloat64() }, still}, // Cauchy
	{"lognormal", func(r *rand.Rand) float64 { return math.Exp(r.NormFloat64()) }, still},
	{"common drift", (*rand.Rand).NormFloat64, func(_ *rand.Rand, round int) float64 { return float64(round * round) }},
	{"common shocks", (*rand.Rand).NormFloat64, func(r *rand.Rand, _ int) float64 { return 10 * r.NormFloat64() }},
	{"ties", func(r *rand.Rand) float64 { return float64(r.IntN(3)) }, still},
}

func still(*rand.Rand, int) float64 { return 0 }

// TestFamilyWiseError draws panels of eight sizes and seven strategies beside a
// baseline that all of a size share, without a difference between any, and counts
// those with a claim. The noise floor, which would take most of them, is left out.
func TestFamilyWiseError(t *testing.T) {
	const panels, sizes, strategies, rounds = 1000, 8, 7, 12
	for _, noise := range noises {
		t.Run(noise.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			wrong := 0
			for range panels {
				var claims []claim
				for range sizes {
					logs := make([][]float64, 1+strategies)
					for round := range rounds {
						shared := noise.shared(rng, round)
						for s := range logs {
							logs[s] = append(logs[s], shared+0.02*noise.trial(rng))
						}
					}
					for _, own := range logs[1:] {
						ratios := make([]float64, rounds)
						for i := range ratios {
							ratios[i] = own[i] - logs[0][i]
						}
						claims = append(claims, paired(ratios, 0))
					}
				}
				_, verdicts := judgeAll(claims, Significance)
				for _, v := range verdicts {
					if v == TooFew {
						t.Fatalf("too few rounds, and %d were planned for", RoundsFor(sizes*strategies))
					}
					if v != NoDifference {
						wrong++
						break
					}
				}
			}
			if share, bound := float64(wrong)/panels, binomialBound(0.05, panels); share > bound {
				t.Errorf("%.4f of panels make a claim, want %.4f at most", share, bound)
			}
		})
	}
}

// binomialBound is what the share of n draws of that probability exceeds once in
// 1000 times.
func binomialBound(p float64, n int) float64 { return p + 3.09*math.Sqrt(p*(1-p)/float64(n)) }

// TestAAFamily shows why A/A comparisons are one family in a run: with one for each
// panel, the errors of seven panels add up.
func TestAAFamily(t *testing.T) {
	const runs, rounds = 1000, 12
	panels := []int{8, 5, 5, 5, 4, 4, 4} // sizes, of the default sweep
	rng := rand.New(rand.NewPCG(1, 2))
	biased := func(claims []claim) bool {
		_, verdicts := judgeAll(claims, Significance)
		for _, v := range verdicts {
			if v == Faster || v == Slower {
				return true
			}
		}
		return false
	}
	var apart, together int
	for range runs {
		var all []claim
		any := false
		for _, sizes := range panels {
			first := len(all)
			for range sizes {
				all = append(all, paired(normal(rng, rounds), 0))
			}
			any = biased(all[first:]) || any
		}
		if any {
			apart++
		}
		if biased(all) {
			together++
		}
	}
	if share := float64(together) / runs; share > binomialBound(0.05, runs) {
		t.Errorf("%.3f of flawless runs are said to be biased", share)
	}
	if share := float64(apart) / runs; share < 0.2 {
		t.Errorf("with a family for each panel it would be %.3f, and the doc comment says a quarter", share)
	}
}

// TestPower plants a strategy that takes 3 % longer on a machine where a ratio
// scatters by 2 % between rounds.
func TestPower(t *testing.T) {
	const runs = 1000
	rng := rand.New(rand.NewPCG(1, 2))
	found := func(rounds, family int, shift float64) float64 {
		n := 0
		for range runs {
			claims := make([]claim, family)
			for i := range claims {
				ratios, again := normal(rng, rounds), normal(rng, rounds)
				for j := range ratios {
					ratios[j] = 0.02 * ratios[j]
					again[j] *= 0.02
				}
				if i == 0 {
					for j := range ratios {
						ratios[j] -= shift
					}
				}
				claims[i] = paired(ratios, MedianInterval(again).exp().noiseFloor())
			}
			_, verdicts := judgeAll(claims, Significance)
			if verdicts[0] == Faster {
				t.Fatal("slower is said to be faster")
			}
			if verdicts[0] == Slower {
				n++
			}
		}
		return float64(n) / runs
	}
	for _, tt := range []struct {
		rounds, family int
		shift, least   float64
	}{
		{12, 1, 0.03, 0.9},
		{12, 7, 0.03, 0.8},
		{24, 7, 0.03, 0.99},
		{24, 56, 0.03, 0.97},
		{12, 56, 0.06, 0.85},
	} {
		share := found(tt.rounds, tt.family, tt.shift)
		t.Logf("%.0f %% in a family of %d at %d rounds: found in %.3f of runs", 100*tt.shift, tt.family, tt.rounds, share)
		if share < tt.least {
			t.Errorf("want %.2f at least", tt.least)
		}
	}
}

// TestVerdictOfInverse checks that a ratio and its inverse are judged alike.
func TestVerdictOfInverse(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	seen := make(map[Verdict]int)
	for range 3000 {
		ratios := normal(rng, 6+rng.IntN(20))
		inverse := make([]float64, len(ratios))
		by := 0.06 * (rng.Float64() - 0.5)
		for i := range ratios {
			ratios[i] = by + 0.02*ratios[i]
			inverse[i] = -ratios[i]
		}
		_, a := judgeAll([]claim{paired(ratios, 0.01)}, Significance)
		_, b := judgeAll([]claim{paired(inverse, 0.01)}, Significance)
		if a[0] != b[0].whereLessIsMore() {
			t.Fatalf("%v: %q, and its inverse %q", ratios, a[0], b[0])
		}
		seen[a[0]]++
	}
	if seen[Faster] < 100 || seen[Slower] < 100 || seen[NoDifference] < 100 {
		t.Errorf("not every verdict was tried: %v", seen)
	}
}

func TestJudge(t *testing.T) {
	iv := func(low, center, high float64) Interval { return Interval{center, low, high, 0.96, 12} }
	for _, tt := range []struct {
		name      string
		claim     claim
		corrected float64
		want      Verdict
	}{
		{"all three agree", claim{ratio: iv(1.02, 1.05, 1.08), floor: 0.04}, 0.01, Faster},
		{"less", claim{ratio: iv(0.92, 0.95, 0.98), floor: 0.04}, 0.01, Slower},
		{"p at the level", claim{ratio: iv(1.02, 1.05, 1.08), floor: 0.04}, 0.05, Faster},
		{"p above it", claim{ratio: iv(1.02, 1.05, 1.08), floor: 0.04}, 0.051, NoDifference},
		{"the interval touches 1", claim{ratio: iv(1, 1.05, 1.08), floor: 0.04}, 0.01, NoDifference},
		{"within the floor", claim{ratio: iv(1.02, 1.05, 1.08), floor: 0.0501}, 0.01, NoDifference},
		{"within the inverse's floor", claim{ratio: iv(0.9, 1/1.05, 0.99), floor: 0.0501}, 0.01, NoDifference},
		{"beyond it", claim{ratio: iv(0.9, 1/1.051, 0.99), floor: 0.05}, 0.01, Slower},
		{"an unknown floor is never exceeded", claim{ratio: iv(1.02, 1.05, 1.08), floor: math.Inf(1)}, 0.01, NoDifference},
		{"beyond any figure", claim{ratio: iv(math.Inf(1), math.Inf(1), math.Inf(1)), floor: 0.04}, 0.01, Faster},
		{"up to there", claim{ratio: iv(1.02, 1.5, math.Inf(1)), floor: 0.04}, 0.01, Faster},
		{"no p could do", claim{ratio: iv(1.02, 1.05, 1.08), smallest: 0.02}, 0.06, TooFew},
		{"no interval", claim{ratio: Interval{1.05, math.Inf(-1), math.Inf(1), 1, 5}}, 0.04, TooFew},
		{"nothing", claim{ratio: MedianInterval(nil)}, math.NaN(), TooFew},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.claim.judge(tt.corrected, 3, Significance); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// TestClaimsWithoutSamples checks that they make nothing harder for the others.
func TestClaimsWithoutSamples(t *testing.T) {
	six := paired([]float64{1, 2, 3, 4, 5, 6}, 0)
	ps, verdicts := judgeAll([]claim{paired(nil, 0), six, paired(nil, 0)}, Significance)
	if verdicts[0] != TooFew || verdicts[1] != Faster || verdicts[2] != TooFew {
		t.Errorf("verdicts %q", verdicts)
	}
	if !math.IsNaN(ps[0]) || ps[1] != six.p || !math.IsNaN(ps[2]) {
		t.Errorf("p-values %v, want that of six as it is, and none beside", ps)
	}
}
