package report

import (
	"testing"

	"sendbench/runner/results"
)

// rowWith is a strategy whose ratio to the baseline was the same in each of ten
// rounds.
func rowWith(strategy string, ratio float64, notifications, copied int64) results.Row {
	r := results.Row{
		Strategy: strategy, Rounds: 10, Verdict: results.NoDifference, Notifications: notifications, Copied: copied,
		Ratio: results.Interval{Center: ratio, Low: ratio, High: ratio, N: 10},
	}
	if ratio > 1 {
		r.Verdict = results.Faster
	}
	for i := range 10 {
		r.RatioRounds = append(r.RatioRounds, i)
		r.RatioSamples = append(r.RatioSamples, ratio)
	}
	return r
}

func TestZeroCopyWorth(t *testing.T) {
	write := results.Row{Strategy: "write", Rounds: 10, Verdict: results.Baseline, Ratio: results.Interval{Center: 1, Low: 1, High: 1, N: 10}}
	tests := []struct {
		name string
		rows []results.Row
		want standing
		ok   bool
	}{
		{"ahead of the baseline only", []results.Row{write, rowWith("batch", 1.2, 0, 0), rowWith("zc", 1.1, 9, 0)}, behind, true},
		{"ahead of all", []results.Row{write, rowWith("batch", 1.2, 0, 0), rowWith("zc", 1.3, 9, 0)}, inFront, true},
		{"within the noise floor", []results.Row{write, rowWith("batch", 1.2, 0, 0), rowWith("zc", 1.21, 9, 0)}, undecided, true},
		{"one of two is ahead", []results.Row{write, rowWith("zc", 0.8, 9, 0), rowWith("zc-fixed", 1.3, 9, 0)}, inFront, true},
		{"behind the baseline", []results.Row{write, rowWith("zc", 0.8, 9, 0)}, behind, true},
		{"copied all the same", []results.Row{write, rowWith("zc", 1.3, 9, 1)}, uncompared, false},
		{"none asks for it", []results.Row{write, rowWith("batch", 1.3, 0, 0)}, uncompared, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := contests(walk{groups: []results.Group{{NoiseFloor: 0.02, Rows: tt.rows}}})[0]
			if got.standing != tt.want || got.fought() != tt.ok {
				t.Errorf("%+v; want %d, %t", got, tt.want, tt.ok)
			}
		})
	}
}

// TestZeroCopyIsCorrected: what ten rounds show at one size alone, they don't as one
// of very many comparisons.
func TestZeroCopyIsCorrected(t *testing.T) {
	write := results.Row{Strategy: "write", Rounds: 10, Verdict: results.Baseline, Ratio: results.Interval{Center: 1, Low: 1, High: 1, N: 10}}
	for sizes, want := range map[int]standing{1: inFront, 5: inFront, 60: undecided} {
		var w walk
		for i := range sizes {
			w.groups = append(w.groups, results.Group{Cell: results.Cell{Size: 64 + i}, NoiseFloor: 0.02, Rows: []results.Row{write, rowWith("send", 1, 0, 0), rowWith("sendzc", 1.3, 9, 0)}})
		}
		if got := contests(w)[0]; got.standing != want || !got.fought() || (got.p <= results.Significance) != (want == inFront) {
			t.Errorf("one of %d sizes: %+v, want %d", sizes, got, want)
		}
		if pairs := allTwins(w); len(pairs) != 1 || pairs[0].copying != "send" || sizes == 1 && (pairs[0].curve[0].standing != inFront || !pairs[0].claims[0].Shown() || *pairs[0].claims[0].P > results.Significance) {
			t.Errorf("one of %d sizes: %+v", sizes, pairs)
		}
	}
}

func TestCounterpart(t *testing.T) {
	g := results.Group{Rows: []results.Row{
		{Strategy: "sendmmsg"}, {Strategy: "uring-send"}, {Strategy: "odd", Notifications: 1},
	}}
	w := walk{groups: []results.Group{g}}
	for name, want := range map[string]string{
		"sendmmsg-zc": "sendmmsg", "uring-sendzc": "uring-send",
		"uring-sendzc-fixed": "", "uring-sendmsgzc": "", "oddzc": "", "zc": "", "-zc": "",
	} {
		got, ok := counterpart(name, w)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%s: %q, %t; want %q", name, got, ok, want)
		}
	}
}
