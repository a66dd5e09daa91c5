package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// holed plants a record in which zero copy takes half the time of what copies at every
// size, and has parts of it taken away.
func holed(change func(*results.Record)) *results.Summary {
	rec := resultstest.Planted(resultstest.Options{
		Profiles: []string{results.ProfileDefault}, Sizes: []int{64, 1400, 4096, 16384, 64000}, HotOnly: true,
		Strategies: []string{"write", "sendmmsg", "sendmmsg-zc"}, Rounds: 14, NoDifference: true, Noise: 0.01,
	})
	each(rec, "sendmmsg-zc", nil, func(t *results.Trial) {
		t.ElapsedNS /= 2
		t.CPUThreadNS, t.CPUProcessNS = t.CPUThreadNS/2, t.CPUProcessNS/2
		t.Notifications = t.Messages
	})
	change(rec)
	return results.Summarize(rec)
}

// each does something to the trials of a strategy at some sizes, or at all.
func each(rec *results.Record, strategy string, sizes []int, do func(*results.Trial)) {
	for i := range rec.Trials {
		if t := &rec.Trials[i]; t.Cell.Strategy == strategy && (sizes == nil || slices.Contains(sizes, t.Cell.Size)) {
			do(t)
		}
	}
}

func copyAll(strategy string, sizes ...int) func(*results.Record) {
	return func(rec *results.Record) {
		each(rec, strategy, sizes, func(t *results.Trial) { t.Copied = t.Notifications })
	}
}

func invalidate(strategy string, sizes ...int) func(*results.Record) {
	return func(rec *results.Record) {
		each(rec, strategy, sizes, func(t *results.Trial) { t.Error = "the far end lost frames" })
	}
}

// leaveOut takes a size away, as a run that ended before does, or one that can't send it.
func leaveOut(reason string, sizes ...int) func(*results.Record) {
	return func(rec *results.Record) {
		rec.Trials = slices.DeleteFunc(rec.Trials, func(t results.Trial) bool { return slices.Contains(sizes, t.Cell.Size) })
		for _, c := range rec.Run.Plan.Cells {
			if reason != "" && slices.Contains(sizes, c.Size) {
				rec.Unsupported = append(rec.Unsupported, results.Unsupported{Record: "unsupported", Cell: c, Reason: reason})
			}
		}
	}
}

// TestHoles: sizes at which something is copied, invalid or missing are named, and nothing
// is claimed of them, nor of all sizes.
func TestHoles(t *testing.T) {
	const worth = "Zero copy is worth it, ahead of all that copies: "
	rivals := func(rec *results.Record) {
		each(rec, "sendmmsg", nil, func(t *results.Trial) { t.ElapsedNS = t.ElapsedNS * 2 / 5 })
	}
	tests := []struct {
		name           string
		change         func(*results.Record)
		from           int // that zero copy is worth it; 0 for nowhere
		says, saysNone []string
	}{
		{"whole", func(*results.Record) {}, 64,
			[]string{worth + "at every size from 64 B on", "sendmmsg-zc from 64 to 64000 B"}, []string{"Without", "Not reached"}},
		{"copied between", copyAll("sendmmsg-zc", 1400, 4096), 16384, []string{
			worth + "from 16 KiB on with hot stamped buffers, copied at 1400 B and 4 KiB.",
			"sendmmsg-zc is ahead of sendmmsg: from 16 KiB on with hot stamped buffers, copied at 1400 B and 4 KiB.",
			"zero copy did not happen: the kernel copied every send of sendmmsg-zc at 1400 B and 4 KiB.",
		}, []string{"every size", "mix both"}},
		{"copied at the largest", copyAll("sendmmsg-zc", 16384, 64000), 0, []string{
			worth + "not shown with hot stamped buffers, copied at 16 KiB and 64000 B, though ahead at 64 B to 4 KiB.",
			"the kernel copied every send of sendmmsg-zc at 16 KiB and 64000 B.",
		}, []string{"every size"}},
		{"copied in part", func(rec *results.Record) {
			each(rec, "sendmmsg-zc", []int{64000}, func(t *results.Trial) { t.Copied = t.Notifications / 4 })
		}, 0, []string{"part of the sends of sendmmsg-zc at 64000 B (up to 25 %): their figures mix both.", "copied at 64000 B, though ahead at"}, []string{"every size"}},
		{"not told", func(rec *results.Record) {
			each(rec, "sendmmsg-zc", []int{64000}, func(t *results.Trial) { t.Copied, t.Unreported = 0, t.Notifications })
		}, 0, []string{"the kernel doesn't tell of all sends of sendmmsg-zc at 64000 B.", "not told whether copied at 64000 B, though ahead"}, []string{"every size", "did not happen"}},
		{"copied at all", copyAll("sendmmsg-zc"), 0, []string{"zero copy did not happen: the kernel copied every send of sendmmsg-zc."}, []string{"worth it", "not compared"}},
		{"invalid", invalidate("sendmmsg-zc", 4096, 64000), 0, []string{
			worth + "not shown with hot stamped buffers, no valid round of zero copy at 64000 B, though ahead at 64 B, 1400 B and 16 KiB.",
			"Without a valid round: sendmmsg-zc at 4 KiB and 64000 B.",
		}, []string{"every size"}},
		{"the baseline invalid", invalidate("write", 4096), 16384, []string{
			worth + "from 16 KiB on with hot stamped buffers, no valid round of the baseline at 4 KiB.",
			"no valid round of the baseline at 4 KiB; sendmmsg-zc from 16 KiB", "Without a valid round: write at 4 KiB.",
		}, []string{"every size", "no strategy is shown ahead of write", "none ahead of write", "copied at"}},
		{"a rival invalid", func(rec *results.Record) { rivals(rec); invalidate("sendmmsg", 64000)(rec) }, 0, []string{
			worth + "not shown with hot stamped buffers, no valid round of sendmmsg at 64000 B, behind at 16 KiB.",
		}, []string{"crossing", "taking over"}},
		{"a rival never valid", invalidate("sendmmsg"), 0, []string{
			"Zero copy: not compared with copying: no valid round of sendmmsg at 64 to 64000 B.", "Without a valid round: sendmmsg.",
		}, []string{"worth it"}},
		{"unsupported sizes", leaveOut("message too long for the MTU", 1400, 4096), 16384, []string{
			worth + "from 16 KiB on with hot stamped buffers, unsupported at 1400 B and 4 KiB.",
			"sendmmsg-zc at 64 B", "sendmmsg-zc from 16 KiB to 64000 B",
			"Not measured here: write, sendmmsg and sendmmsg-zc at 1400 B and 4 KiB;",
		}, []string{"every size", "from 64 to 64000 B", "Not reached"}},
		{"a size not reached", leaveOut("", 4096), 16384, []string{
			worth + "from 16 KiB on with hot stamped buffers, not measured at 4 KiB.",
			"sendmmsg-zc from 64 to 1400 B", "sendmmsg-zc from 16 KiB to 64000 B", "Not reached by the run: write, sendmmsg and sendmmsg-zc at 4 KiB.",
		}, []string{"every size", "from 64 to 64000 B"}},
		{"the largest not reached", leaveOut("", 64000), 0, []string{
			worth + "not shown with hot stamped buffers, not measured at 64000 B, though ahead at 64 B to 16 KiB.",
		}, []string{"every size"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := holed(tt.change)
			d := Decide(s)
			text := ""
			for _, line := range sentencesOf(d.Words) {
				text += line.String() + "\n"
			}
			for _, c := range d.Words.Settings[0].Choices {
				text += fmt.Sprintf("%s at %s; %s\n", c.Fastest.Names, c.Sizes, c.Cheapest.Names)
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
			z := d.Settings[0].Buffers[0].ZeroCopy
			from := 0
			if z != nil && z.WorthFromBytes != nil {
				from = *z.WorthFromBytes
			}
			if from != tt.from {
				t.Errorf("worth it from %d B on, want %d", from, tt.from)
			}
			if z != nil {
				told := len(z.AheadBytes) + len(z.BehindBytes) + len(z.UndecidedBytes)
				for _, u := range z.NotCompared {
					told += len(u.SizesBytes)
				}
				if told != 5 {
					t.Errorf("%d of 5 sizes are told of: %+v", told, z)
				}
			}
		})
	}
}

// TestHolesOnThePage: chart and table say why a size isn't compared, and the page how many
// cells have figures.
func TestHolesOnThePage(t *testing.T) {
	const every = "Every cell of the sweep could be measured."
	tests := []struct {
		name     string
		change   func(*results.Record)
		row      string // of the table, at 4 KiB
		cell     string // of the chart
		measured string
	}{
		{"whole", func(*results.Record) {}, "ahead of all that copies", "2.0", every},
		{"copied", copyAll("sendmmsg-zc", 4096), "not compared: copied", "copied", every},
		{"invalid", invalidate("sendmmsg-zc", 4096), "not compared: no valid round of zero copy", none, "Of 15 cells that can be measured here 1 has no valid trial."},
		{"the baseline invalid", invalidate("write", 4096), "not compared: no valid round of the baseline", none, "Of 15 cells that can be measured here 1 has no valid trial."},
		{"not reached", leaveOut("", 4096), "", "", "Of 15 cells that can be measured here 3 were not reached by the run."},
		{"unsupported", leaveOut("message too long for the MTU", 4096), "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := holed(tt.change)
			list := settings(s)
			row := ""
			for _, r := range worthRows(list) {
				if r.Size == "4 KiB" {
					row = r.Standing.Text
				}
			}
			body, _ := worthBody(list)
			cell := ""
			if at := slices.Index(body.panels[0].sizes, 4096); at >= 0 {
				cell = body.panels[0].cells[0][at].text
			}
			if row != tt.row || !strings.HasPrefix(cell, tt.cell) || (cell == "") != (tt.cell == "") {
				t.Errorf("table %q, chart %q; want %q, %q", row, cell, tt.row, tt.cell)
			}
			d := alone(s)
			p, err := newPage(d, d.charts(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Records[0].Measured; got != tt.measured {
				t.Errorf("%q, want %q", got, tt.measured)
			}
		})
	}
}

// TestWhyNothingIsShown: of a comparison that has no figures the reason is the right one.
func TestWhyNothingIsShown(t *testing.T) {
	free := func(strategy string) func(*results.Record) {
		return func(rec *results.Record) {
			each(rec, strategy, []int{4096}, func(t *results.Trial) { t.CPUThreadNS, t.CPUHelperNS = 0, 0 })
		}
	}
	for _, tt := range []struct {
		name, metric string
		change       func(*results.Record)
		want         string
	}{
		{"the strategy's rounds are invalid", MetricThroughput, invalidate("sendmmsg-zc", 4096), whyInvalid},
		{"the baseline's rounds are invalid", MetricThroughput, invalidate("write", 4096), whyNoBaseline},
		{"so in CPU time", MetricCPU, invalidate("write", 4096), whyNoBaseline},
		{"CPU time of 0", MetricCPU, free("sendmmsg-zc"), whyNoCPU},
		{"CPU time of 0 of the baseline", MetricCPU, free("write"), whyNoCPU},
		{"no round has both", MetricThroughput, func(rec *results.Record) {
			rec.Trials = slices.DeleteFunc(rec.Trials, func(t results.Trial) bool {
				return t.Cell.Size == 4096 && (t.Cell.Strategy == "sendmmsg-zc") == (t.Round%2 == 0)
			})
		}, whyApart},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, u := range Decide(holed(tt.change)).Settings[0].Buffers[0].NotShown {
				if u.Metric == tt.metric && u.Strategy == "sendmmsg-zc" && slices.Contains(u.SizesBytes, 4096) {
					got = u.Why
				}
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
	cpu := Decide(holed(free("write"))).Settings[0].Buffers[0].CPU
	if i := slices.IndexFunc(cpu, func(l Lead) bool { return l.FromBytes == 4096 && l.ToBytes == 4096 }); i < 0 || cpu[i].Why != whyNoCPU {
		t.Errorf("without CPU time of the baseline at 4096 B: %+v", cpu)
	}
}
