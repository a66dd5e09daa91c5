package report

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendbench/runner/results"
)

func advised(s *results.Summary) string {
	var b strings.Builder
	a := Advise(s)
	for _, line := range a.Short {
		b.WriteString(line.String() + "\n")
	}
	for _, st := range a.Settings {
		for _, line := range st.Lines {
			b.WriteString(line.String() + "\n")
		}
	}
	return b.String()
}

// rounds are so many samples of a figure that wander a little, each in its round.
func rounds(n int, center, part float64) (numbers []int, samples []float64) {
	for i := range n {
		numbers, samples = append(numbers, i), append(samples, center*(1+part*0.001*float64(i%5-2)))
	}
	return numbers, samples
}

// TestLowestTail: the lowest p99 is named only where the rounds show it.
func TestLowestTail(t *testing.T) {
	tests := []struct {
		name   string
		p99    []float64 // of the strategies, in order
		rounds int
		want   string
	}{
		{"one is below all", []float64{100, 50, 200}, 12, "sendmmsg"},
		{"two are within the floor", []float64{100, 101, 200}, 12, "write sendmmsg"},
		{"all are", []float64{100, 101, 100.5}, 12, ""},
		{"too few rounds", []float64{100, 50, 200}, 5, ""},
		{"one alone", []float64{100}, 12, ""},
		{"one wasn't reached", []float64{math.Inf(1), 50}, 12, "sendmmsg"},
		{"none was reached", []float64{math.Inf(1), math.Inf(1)}, 12, ""},
	}
	for _, tt := range tests {
		g := results.Group{Cell: results.Cell{Size: 64, Rate: 1000}, P99NoiseFloor: 0.02}
		for i, center := range tt.p99 {
			l := &results.LatencySummary{P99: about(center, 0.1)}
			l.P99Rounds, l.P99Samples = rounds(tt.rounds, center, 1)
			g.Rows = append(g.Rows, results.Row{Strategy: housed[i], Latency: l})
		}
		got := leads(walk{groups: []results.Group{g}}, MetricP99)[0]
		if who := strings.Join(append(printables(got.Strategies), got.tied("≈")), " "); strings.TrimSpace(who) != tt.want || len(got.RunnersUp) != min(1, len(got.Strategies)) {
			t.Errorf("%s: %q and %d runners-up, want %q", tt.name, who, len(got.RunnersUp), tt.want)
		}
	}
}

func TestBehindTheRate(t *testing.T) {
	s := pacing(brief(), 50000)
	want := "Behind the set rate: write sends 81 % of it at 1400 and 64000 B with hot stamped buffers"
	if got := advised(s); !strings.Contains(got, want) {
		t.Errorf("doesn't say %q:\n%s", want, got)
	}
	for i := range s.Groups {
		for j := range s.Groups[i].Rows {
			s.Groups[i].Rows[j].MsgRate = about(49500, 0.001)
		}
	}
	if got := advised(s); strings.Contains(got, "Behind") {
		t.Errorf("1 %% below the rate is called behind:\n%s", got)
	}
}

// TestWarningsOfAKind: of those that differ in figures alone the first stands for all.
func TestWarningsOfAKind(t *testing.T) {
	s := brief()
	rows := s.Groups[0].Rows
	rows[0].Warnings = []string{"a buffer was released 5.407ms after it was sent", "the rate was not steady"}
	rows[1].Warnings = []string{"a buffer was released 862µs after it was sent", "a buffer was released 1.2s after it was sent"}
	rows[1].Errors = []string{"the far end counted 3 frames"}
	rows[2].Warnings = []string{"a buffer was released 862µs after it was sent"}
	want := []string{
		"write, sendmmsg and uring-send: a buffer was released 5.407ms after it was sent. The first of 3 that differ in their figures.",
		"write: the rate was not steady.",
		"sendmmsg: invalid: the far end counted 3 frames.",
	}
	if diff := cmp.Diff(want, warnings(s)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestEffectsSentence: the setting that matters most is that with the ratio
// furthest from 1 of those that were shown.
func TestEffectsSentence(t *testing.T) {
	s := brief()
	effect := func(nic, strategy string, ratio float64, v results.Verdict) results.Effect {
		c := s.Groups[0].Cell
		c.NIC, c.Strategy = nic, strategy
		return results.Effect{Cell: c, Reference: results.ProfileDefault, Ratio: about(ratio, 0.1), Verdict: v}
	}
	tests := []struct {
		name    string
		effects []results.Effect
		want    string
	}{
		{"one", []results.Effect{effect("mtu=9000", "write", 1.5, results.Faster)},
			"NIC settings: mtu=9000 matters most: at 1400 B it makes write 1.50 times (1.35 to 1.65) as fast as default does.\n"},
		{"a loss outweighs a gain", []results.Effect{effect("a", "write", 1.5, results.Faster), effect("b", "write", 0.5, results.Slower), effect("b", "sendmmsg", 0.7, results.Slower)},
			"NIC settings: b matters most: at 1400 B it makes write 0.50 times (0.45 to 0.55) as fast as default does, and the 2 strategies with a difference that is shown 0.45 to 0.77 times. Next: a 1.50 times (1.35 to 1.65, write).\n"},
		{"what isn't shown doesn't count", []results.Effect{effect("a", "write", 9, results.NoDifference), effect("b", "write", 1.2, results.Faster)},
			"NIC settings: b matters most: at 1400 B it makes write 1.20 times (1.08 to 1.32) as fast as default does. Next: a nothing that is shown.\n"},
		{"none", []results.Effect{effect("a", "write", 1.01, results.NoDifference)}, "NIC settings: none is shown to change the throughput at 1400 B.\n"},
		{"too few", []results.Effect{effect("a", "write", 3, results.TooFew)}, "NIC settings: too few visits of each profile for a verdict: 12. With so many comparisons corrected together it takes 6 at least.\n"},
		{"none is paired", []results.Effect{{Cell: effect("a", "write", 1, "").Cell, Reference: results.ProfileDefault, Ratio: bare(math.NaN()), Verdict: results.TooFew}},
			"NIC settings: no visit of a profile is paired with one of default, so that nothing is compared.\n"},
		{"no other profile", nil, ""},
	}
	for _, tt := range tests {
		s.Effects = tt.effects
		v := voice{decision: Decision{NIC: decideNIC(s, settings(s))}}
		v.sayEffects()
		got := ""
		for _, line := range v.lines {
			got += line.String() + "\n"
		}
		if got != tt.want {
			t.Errorf("%s:\n%swant\n%s", tt.name, got, tt.want)
		}
	}
}
