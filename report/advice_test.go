package report

import (
	"strings"
	"testing"

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

// TestLowestTail: the lowest p99 is named only beyond the intervals.
func TestLowestTail(t *testing.T) {
	tests := []struct {
		name string
		p99  []results.Interval // of the strategies, in order
		want string
	}{
		{"one is below all", []results.Interval{about(100, 0.1), about(50, 0.1), about(200, 0.1)}, "sendmmsg"},
		{"two overlap", []results.Interval{about(100, 0.1), about(105, 0.1), about(200, 0.1)}, "write and sendmmsg (not told apart)"},
		{"all overlap", []results.Interval{about(100, 0.1), about(105, 0.1), about(108, 0.1)}, "no strategy is shown below all others"},
		{"too few rounds", []results.Interval{bare(100), bare(50), bare(200)}, ""},
		{"one alone", []results.Interval{about(100, 0.1)}, ""},
	}
	for _, tt := range tests {
		g := results.Group{}
		for i, iv := range tt.p99 {
			g.Rows = append(g.Rows, results.Row{Strategy: housed[i], Latency: &results.LatencySummary{P99: iv}})
		}
		if got := tailText(g); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestBehindTheRate(t *testing.T) {
	s := pacing(brief(), 50000)
	want := "Behind the set rate: write sends 81 % of it at 1400 B and 64000 B with hot stamped buffers"
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
			"NIC settings: mtu=9000 matters most: at 1400 B the throughput of write is 1.50 (1.35 to 1.65) times that under default.\n"},
		{"a loss outweighs a gain", []results.Effect{effect("a", "write", 1.5, results.Faster), effect("b", "write", 0.5, results.Slower), effect("b", "sendmmsg", 0.7, results.Slower)},
			"NIC settings: b matters most: at 1400 B the throughput of write is 0.50 (0.45 to 0.55) times that under default, and 0.50 to 0.70 over the 2 strategies for which a difference is shown; a up to 1.50 (write).\n"},
		{"what isn't shown doesn't count", []results.Effect{effect("a", "write", 9, results.NoDifference), effect("b", "write", 1.2, results.Faster)},
			"NIC settings: b matters most: at 1400 B the throughput of write is 1.20 (1.08 to 1.32) times that under default; a nothing that is shown.\n"},
		{"none", []results.Effect{effect("a", "write", 1.01, results.NoDifference)}, "NIC settings: none is shown to change the throughput at 1400 B.\n"},
		{"too few", []results.Effect{effect("a", "write", 3, results.TooFew)}, "NIC settings: too few visits of each profile for a verdict: 4. With so many comparisons corrected together it takes 6 at least.\n"},
		{"no other profile", nil, ""},
	}
	for _, tt := range tests {
		s.Effects = tt.effects
		v := voice{s: s}
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
