package report

import (
	"fmt"
	"strings"
	"testing"

	"sendbench/runner/results"
)

// TestPicks: one strategy for as many sizes as nothing is shown ahead of it, so long as it
// is shown ahead of the baseline at most of them.
func TestPicks(t *testing.T) {
	tests := []struct {
		name  string
		sizes []string // who leads at each, the greatest first; in parentheses who isn't shown ahead of the baseline
		want  string
	}{
		{"one for all", []string{"a b", "b a", "a"}, "a 1-3"},
		{"the better of two at the largest", []string{"a b", "b a"}, "b 1-2"},
		{"not told apart at one size in between", []string{"a b", "a", "b (a)", "b a", "a"}, "a 1-5"},
		{"shown at half of the sizes only", []string{"a", "b (a)"}, "a 1-1, b 2-2"},
		{"two that take turns", []string{"a", "b", "b c"}, "a 1-1, b 2-3"},
		{"nobody below", []string{"", "", "a"}, "none 1-2, a 3-3"},
		{"nobody between", []string{"a", "", "a"}, "a 1-1, none 2-2, a 3-3"},
		{"nobody at all", []string{"", ""}, "none 1-2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var l Lead
			for i, names := range tt.sizes {
				leading := []gain{}
				for name := range strings.FieldsSeq(names) {
					bare := strings.Trim(name, "()")
					leading = append(leading, gain{strategy: bare, shown: name == bare})
				}
				l.groups, l.leading = append(l.groups, results.Group{Cell: results.Cell{Size: i + 1}}), append(l.leading, leading)
			}
			var got []string
			for _, p := range picks([]Lead{l}, MetricThroughput) {
				got = append(got, fmt.Sprintf("%s %d-%d", strings.Join(append(p.Strategies, "none")[:1], ""), p.FromBytes, p.ToBytes))
			}
			if text := strings.Join(got, ", "); text != tt.want {
				t.Errorf("%s, want %s", text, tt.want)
			}
		})
	}
}

// TestPicksEndAtHoles: a size that wasn't measured, or at which nothing could be compared,
// ends a run, whoever leads on both sides of it.
func TestPicksEndAtHoles(t *testing.T) {
	at := func(size int, names ...string) Lead {
		l := Lead{groups: []results.Group{{Cell: results.Cell{Size: size}}}, leading: [][]gain{{}}}
		for _, name := range names {
			l.leading[0] = append(l.leading[0], gain{strategy: name, shown: true})
		}
		return l
	}
	after, without := at(4, "a"), at(3)
	after.apart, without.Why = true, whyNoBaseline
	for _, test := range []struct {
		name  string
		leads []Lead
		want  int
	}{
		{"no hole", []Lead{at(1, "a"), at(4, "a")}, 1},
		{"a size not measured", []Lead{at(1, "a"), after}, 2},
		{"a size without a baseline", []Lead{at(1, "a"), without, at(4, "a")}, 3},
		{"and nobody ahead", []Lead{at(1), without}, 2},
	} {
		list := picks(test.leads, MetricThroughput)
		if len(list) != test.want {
			t.Errorf("%s: %d runs, want %d", test.name, len(list), test.want)
		}
		for _, l := range list {
			if l.FromBytes == 3 && l.Why != whyNoBaseline {
				t.Errorf("%s: at 3 B nothing is shown for %q", test.name, l.Why)
			}
		}
	}
}

// TestPickWords: what is picked is named with its gain, what doesn't hold of it, and who
// else will do.
func TestPickWords(t *testing.T) {
	d := Decide(planted()["winner"])
	v := voice{decision: d, baseline: "write"}
	list := picks(d.Settings[0].Buffers[0].Throughput, MetricThroughput)
	last := &list[len(list)-1]
	last.Throughput[0].Verdict = results.NoDifference
	last.Ties = []Tie{{Strategy: "uring-sendzc", SizesBytes: []int{64000}}, {Strategy: "sendmmsg-zc", SizesBytes: []int{64000}}}
	text := v.pickText(MetricThroughput, list, nil)
	for _, want := range []string{" times the rate of write at ", "(not shown at 64000 B)", "uring-sendzc and sendmmsg-zc at 64000 B", "passing uring-send between 256 and 64000 B"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q isn't in %q", want, text)
		}
	}
	cheap := picks(d.Settings[0].Buffers[0].CPU, MetricCPU)
	cheap[0].CPU[0].Verdict = results.NoDifference
	if text := v.pickText(MetricThroughput, picks(d.Settings[0].Buffers[0].Throughput, MetricThroughput), cheap); !strings.Contains(text, "(not shown at 256 B)") {
		t.Errorf("what isn't shown of CPU time isn't in %q", text)
	}
	if text := v.pickText(MetricCPU, picks(d.Settings[0].Buffers[0].CPU, MetricCPU), nil); !strings.Contains(text, " times that of write") || strings.Contains(text, "rate") {
		t.Errorf("of CPU time: %q", text)
	}
}
