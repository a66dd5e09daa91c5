package report

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

func TestVerdict(t *testing.T) {
	all := planted()
	all["600-cells"] = wide()
	all["alone"] = summarize(resultstest.Options{Profiles: []string{results.ProfileDefault}, Strategies: []string{"write"}, Sizes: []int{1400, 64000}, HotOnly: true})
	all["without-baseline"] = unfounded()
	all["too-few-at-rate"] = pacing(summarize(resultstest.Options{Profiles: []string{results.ProfileDefault}, Strategies: []string{"write", "sendmmsg"}, Sizes: []int{1400}, HotOnly: true, Rounds: 3}), 20000)
	for name, s := range all {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			shown, rest := urgent(notices(s))
			for _, n := range shown {
				fmt.Fprintf(&b, "! %s\n", n.Text)
			}
			for _, n := range rest {
				fmt.Fprintf(&b, "- %s\n", n.Text)
			}
			advice := Advise(s)
			for _, line := range advice.Short {
				fmt.Fprintf(&b, "* %s\n", line)
			}
			for _, a := range advice.Settings {
				fmt.Fprintf(&b, "%s\n", a.Name)
				for _, c := range a.Choices {
					fmt.Fprintf(&b, "| %s | %s | %s %s | %s | %s %s | %s |\n", c.Walk, c.Sizes,
						c.Fastest.Names, c.Fastest.Ties, c.Fastest.Amount, c.Cheapest.Names, c.Cheapest.Ties, c.Cheapest.Amount)
				}
				for _, line := range a.Lines {
					fmt.Fprintf(&b, "- %s\n", line)
				}
			}
			golden(t, "verdict/"+name+".golden", b.String())
		})
	}
}

// unfounded is a summary of a run in which every trial of the baseline is invalid.
func unfounded() *results.Summary {
	o := resultstest.OneCell()
	o.Strategies = []string{"write", "sendmmsg", "uring-sendzc"}
	rec := resultstest.Planted(o)
	for i := range rec.Trials {
		if t := &rec.Trials[i]; t.Cell.Strategy == "write" {
			t.Error = "the far end counted no frames"
		}
	}
	return results.Summarize(rec)
}

// TestVerdictClaims checks sentences that people would act on.
func TestVerdictClaims(t *testing.T) {
	all := planted()
	tests := []struct {
		record   string
		says     []string
		saysNone []string
	}{
		{"winner", []string{"with hot stamped buffers", "with cold filled buffers", "uring-sendzc is ahead of uring-send: "}, []string{"too few", "No verdict"}},
		{"crossover", []string{
			"Zero copy is worth it, ahead of all that copies: from 16 KiB on with hot stamped buffers, break-even between 8 and 16 KiB.",
			"uring-sendzc is ahead of uring-send: from 16 KiB on"}, nil},
		{"no-difference", []string{"no strategy is shown ahead of write", "all that copies: not shown"}, []string{"KiB on with", "B on with"}},
		{"copied", []string{"zero copy did not happen", "Presumed reason: "}, []string{"worth it"}},
		{"too-few", []string{"No verdict: too few rounds: 3", "write at 64000 B: "}, []string{"Fastest", "worth it"}},
		{"interrupted", []string{"The run was killed: what follows rests on 6 of 12 rounds of each cell; `sendbench run --resume --out FILE` goes on with it."}, nil},
		{"flows", []string{"Flows: with 4 at once instead of 1, at 64000 B: "}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.record, func(t *testing.T) {
			text := ""
			a := Advise(all[tt.record])
			for _, line := range slices.Concat(a.Short, a.Settings[0].Lines) {
				text += line.String() + "\n"
			}
			for _, want := range tt.says {
				if !strings.Contains(text, want) {
					t.Errorf("doesn't say %q:\n%s", want, text)
				}
			}
			for _, not := range tt.saysNone {
				if strings.Contains(text, not) {
					t.Errorf("says %q:\n%s", not, text)
				}
			}
		})
	}
	a := Advise(all["unsupported"])
	if len(a.Settings) != 0 || len(a.Short) != 1 || !strings.Contains(a.Short[0].Text, "io_uring is disabled") {
		t.Errorf("advice without a measured cell: %v, want the reason alone", a)
	}
	if first := Advise(all["copied"]).Short[0]; first.Topic != "Copied" {
		t.Errorf("the first sentence is on %s, want that the kernel copied", first.Topic)
	}
}

func TestText(t *testing.T) {
	for name, s := range planted() {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := alone(s).text(&b, TextOptions{}); err != nil {
				t.Fatal(err)
			}
			golden(t, "text/"+name+".golden", b.String())
		})
	}
}

// TestTextWidth holds every line of every summary to 100 columns, and colour to
// adding nothing but colour.
func TestTextWidth(t *testing.T) {
	all := all()
	all["huge"] = extreme(1e300, 1e-300, 1e300)
	for name, s := range all {
		t.Run(name, func(t *testing.T) {
			var plain, colour bytes.Buffer
			if err := errors.Join(alone(s).text(&plain, TextOptions{}), alone(s).text(&colour, TextOptions{Color: true})); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(plain.String()) {
				if w := uniseg.StringWidth(strings.TrimSuffix(line, "\n")); w > textWidth {
					t.Errorf("%d columns: %s", w, line)
				}
			}
			stripped := colour.String()
			for _, a := range []string{bold, green, red, dim, "0"} {
				stripped = strings.ReplaceAll(stripped, "\x1b["+a+"m", "")
			}
			if strings.Join(strings.Fields(stripped), " ") != strings.Join(strings.Fields(plain.String()), " ") {
				t.Error("colour changes the text")
			}
		})
	}
}

// brokenWriter refuses everything.
type brokenWriter struct{}

var errBroken = errors.New("pipe closed")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestTextError(t *testing.T) {
	if err := alone(planted()["one-cell"]).text(brokenWriter{}, TextOptions{}); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want the writer's error", err)
	}
}

func TestQuantities(t *testing.T) {
	tests := []struct{ got, want string }{
		{sizeLabel(64), "64"}, {sizeLabel(4096), "4Ki"}, {sizeLabel(64000), "64000"}, {sizeLabel(1400), "1400"},
		{bytesLabel(1 << 20), "1 MiB"}, {bytesLabel(533 << 20), "533 MiB"}, {bytesLabel(1500), "1500 B"}, {bytesLabel(0), "0 B"},
		{figure(0.18976), "0.190"}, {figure(98.14), "98.1"}, {figure(187.4), "187"}, {figure(12345), "12345"}, {figure(0), "0"}, {figure(1e300), "1e+300"}, {figure(inf()), none},
		{ratioFigure(1.005), "1.00"}, {ratioFigure(12.34), "12.3"}, {ratioFigure(1e9), "1e+09"},
		{ratioFigure(0.1), "0.10"}, {ratioFigure(0.0712), "0.0712"}, {ratioFigure(0.00096), "0.000960"}, {ratioFigure(1e-7), "1e-07"}, {ratioFigure(0), "0"},
		{figure(9.996), "10.0"}, {figure(0.09996), "0.100"}, {figure(999.7), "1000"}, {figure(-0.05), "-0.0500"},
		{percent(0), "0 %"}, {percent(1), "100 %"}, {percent(0.001), "<1 %"}, {percent(0.999), ">99 %"}, {percent(0.5), "50 %"},
		{noise(0.0251), "±2.51 %"}, {noise(inf()), "unknown"},
		{duration(950), "950 ns"}, {duration(79300), "79.3 µs"}, {duration(2.5e6), "2.50 ms"}, {duration(3e9), "3.00 s"},
		{memory(100), "100 B"}, {memory(480000), "469 KiB"}, {memory(3 << 19), "1.50 MiB"}, {memory(1 << 31), "2.00 GiB"}, {memory(inf()), none},
		{probability(0.00001), "p < 0.001"}, {probability(0.0234), "p = 0.023"}, {probability(0.6), "p = 0.60"}, {probability(math.NaN()), ""},
		{tickError(100), "±10 %, 100 ticks"}, {tickError(1), "±100 %, 1 tick"}, {tickError(0), none},
		{someOf([]string{"a", "b"}, "; "), "a; b"}, {someOf([]string{"a", "b", "c", "d", "e"}, "; "), "a; b; c; and 2 more"},
		{fmt.Sprint(few([]int{1, 2, 3})), "[1 2 3]"}, {fmt.Sprint(few([]int{1, 2, 3, 4, 5})), "[1 3 5]"},
		{fromTo("a", "a"), "a"}, {fromTo("", "b"), "unknown before, b after"},
		{join(nil, "and"), ""}, {join([]string{"a"}, "and"), "a"}, {join([]string{"a", "b", "c"}, "and"), "a, b and c"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func inf() float64 { return math.Inf(1) }
