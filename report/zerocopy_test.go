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
	} else if ratio < 1 {
		r.Verdict = results.Slower
	}
	for i := range 10 {
		r.RatioRounds = append(r.RatioRounds, i)
		r.RatioSamples = append(r.RatioSamples, ratio)
	}
	return r
}

// unshownRow is one of which the summary shows nothing.
func unshownRow(strategy string, ratio float64) results.Row {
	r := rowWith(strategy, ratio, 9, 0)
	r.Verdict, r.P = results.NoDifference, 0.2
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
		{"not shown behind the baseline", []results.Row{write, unshownRow("zc", 0.8)}, undecided, true},
		{"not shown ahead of the baseline", []results.Row{write, unshownRow("zc", 1.3)}, undecided, true},
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

// TestAheadOfAllIsAheadOfTheBaseline: zero copy that isn't shown ahead of the baseline by
// the table isn't ahead of all that copies either, whatever the contest's own tests say.
func TestAheadOfAllIsAheadOfTheBaseline(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(*results.Record)
		verdict results.Verdict
		want    standing
	}{
		{"ahead", func(*results.Record) {}, results.Faster, inFront},
		{"not shown", func(*results.Record) {}, results.NoDifference, undecided},
		{"behind", slowZeroCopy, results.Slower, behind},
		{"behind another that copies", slowZeroCopy, results.NoDifference, behind},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := holed(tt.change)
			for i := range s.Groups {
				for j := range s.Groups[i].Rows {
					if r := &s.Groups[i].Rows[j]; r.Strategy == "sendmmsg-zc" {
						r.Verdict, r.P = tt.verdict, map[bool]float64{true: 0.07}[tt.verdict == results.NoDifference]
					}
				}
			}
			z := Decide(s).Settings[0].Buffers[0].ZeroCopy
			for i, c := range contests(settings(s)[0].walks[0]) {
				if c.standing != tt.want {
					t.Errorf("at %d B zero copy stands at %d, want %d", s.Groups[i].Cell.Size, c.standing, tt.want)
				}
				if shown := c.p <= results.Significance; shown != (tt.want != undecided) {
					t.Errorf("at %d B p is %g", s.Groups[i].Cell.Size, c.p)
				}
			}
			if got := z.WorthFromBytes != nil; got != (tt.want == inFront) {
				t.Errorf("worth it from some size on: %t", got)
			}
		})
	}
}

// slowZeroCopy makes it take four times as long.
func slowZeroCopy(rec *results.Record) {
	each(rec, "sendmmsg-zc", nil, func(t *results.Trial) { t.ElapsedNS *= 4 })
}
