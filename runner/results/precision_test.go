package results

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRelativeHalfWidth(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		name string
		iv   Interval
		want float64
	}{
		{"a point", Interval{Center: 2, Low: 2, High: 2}, 0},
		{"around 1", Interval{Center: 1, Low: 1 / 1.03, High: 1.03}, 0.03},
		{"the same around 5", Interval{Center: 5, Low: 5 / 1.03, High: 5 * 1.03}, 0.03},
		{"its inverse", Interval{Center: 0.2, Low: 0.2 / 1.03, High: 0.2 * 1.03}, 0.03},
		{"too few rounds", Interval{Center: 1, Low: -inf, High: inf}, inf},
		{"no rounds", Interval{Center: math.NaN(), Low: -inf, High: inf}, inf},
		{"not of a ratio", Interval{Center: 0, Low: -1, High: 1}, inf},
	} {
		if got := c.iv.RelativeHalfWidth(); !(math.Abs(got-c.want) < 1e-12) && got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestRatioInterval(t *testing.T) {
	logs := []float64{math.Log(2), math.Log(3), math.Log(4), math.Log(5), math.Log(6), math.Log(7), math.Log(8)}
	iv := RatioInterval(logs) // of 7, the 1st to the 7th
	if math.Abs(iv.Center-5) > 1e-12 || math.Abs(iv.Low-2) > 1e-12 || math.Abs(iv.High-8) > 1e-12 || iv.N != 7 {
		t.Errorf("got %+v, want 5 from 2 to 8", iv)
	}
}

func TestImprecise(t *testing.T) {
	ratio := func(half float64) Interval { return Interval{Center: 2, Low: 2 / (1 + half), High: 2 * (1 + half)} }
	small, large := Cell{Size: 64}, Cell{Size: 64000}
	s := &Summary{
		Run: Run{Plan: Plan{Baseline: "write", Precision: 0.03}},
		Groups: []Group{
			{Cell: small, AA: ratio(0.01), Rows: []Row{{Strategy: "write", Ratio: ratio(0)}, {Strategy: "sendmmsg", Ratio: ratio(0.05)}}},
			{Cell: large, AA: ratio(0.2), Rows: []Row{{Strategy: "write", Ratio: ratio(0)}, {Strategy: "sendmmsg", Ratio: ratio(0.029)}}},
		},
	}
	wide, ratios := s.Imprecise()
	own, aa := small, large
	own.Strategy = "sendmmsg"
	aa.Strategy, aa.AA = "write", true
	want := []Imprecise{{aa, ratio(0.2)}, {own, ratio(0.05)}}
	if diff := cmp.Diff(want, wide); diff != "" || ratios != 4 {
		t.Errorf("of %d ratios, want 4 (-want +got):\n%s", ratios, diff)
	}
	s.Run.Plan.Precision = 0
	if wide, ratios := s.Imprecise(); wide != nil || ratios != 0 {
		t.Errorf("without a precision asked for: %v of %d", wide, ratios)
	}
}

func TestCheckPrecision(t *testing.T) {
	for _, c := range []struct {
		name string
		plan Plan
		want string // in the error, "" for none
	}{
		{"none", Plan{Rounds: 12}, ""},
		{"asked for", Plan{Rounds: 12, Precision: 0.03, Looks: []int{12, 16, 24}}, ""},
		{"at once", Plan{Rounds: 12, Precision: 0.5, Looks: []int{12}}, ""},
		{"over 1", Plan{Precision: 1}, "plan.precision is 1; it is a part of 1"},
		{"negative", Plan{Precision: -0.1}, "plan.precision is -0.1"},
		{"no number", Plan{Precision: math.NaN()}, "plan.precision is NaN"},
		{"no looks", Plan{Rounds: 12, Precision: 0.03}, "plan.looks are missing"},
		{"before the least", Plan{Rounds: 12, Precision: 0.03, Looks: []int{6, 12}}, "rise from plan.rounds, 12"},
		{"of no round", Plan{Precision: 0.03, Looks: []int{0}}, "rise from plan.rounds, 0"},
		{"falling", Plan{Rounds: 12, Precision: 0.03, Looks: []int{12, 24, 16}}, "rise from"},
		{"twice", Plan{Rounds: 12, Precision: 0.03, Looks: []int{12, 12}}, "rise from"},
		{"beyond all rounds", Plan{Rounds: 12, Precision: 0.03, Looks: []int{12, 1 << 40}}, "32768 at most"},
	} {
		err := c.plan.checkPrecision()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
