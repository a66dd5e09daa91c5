package report

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

var slugShape = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*$`)

func TestSlugs(t *testing.T) {
	var list []setting
	for _, name := range []string{"default", "Default", "mtu=9000", "../../etc", "星", "☃", "", "con:\x00", strings.Repeat("x", 300)} {
		list = append(list, setting{name: name})
	}
	want := []string{"default", "default-2", "mtu-9000", "etc", "profile", "profile-2", "profile-3", "con", strings.Repeat("x", 60)}
	if got := slugs(list); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// FuzzNames puts a text from outside wherever a record has one.
func FuzzNames(f *testing.F) {
	for _, seed := range []string{"write", "</title><script>alert(1)</script>", "\u202eevil", "a\x00b\xff", strings.Repeat("長", 500), "\" onload=\"x", "%s%n", "\x1b[31mred", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := results.Summarize(resultstest.Planted(resultstest.OneCell()))
		env := &s.Run.Environment
		env.Hostname, env.CPUModel, env.Kernel = text, text, text
		env.Link.Name, env.Link.Caveat, env.Link.Description, env.Link.FellBack = text, text, text, text
		env.Mitigations = map[string]string{text: text}
		s.Run.ID, s.Run.Started = text, text
		d := results.Disturbance{Governor: text, Turbo: text, Taps: []string{text}, Interrupts: map[string]int64{text: 1}, Settings: map[string]string{text: text}}
		env.Counters, env.Warnings, env.Before = text, []string{text}, &d
		s.End = &results.End{Status: text, Reason: text, Warnings: []string{text + text}, After: &results.Disturbance{}}
		s.Unsupported = append(s.Unsupported, results.Unsupported{Cell: results.Cell{NIC: text, Strategy: text, Fill: text}, Reason: text})
		for i := range s.Groups {
			g := &s.Groups[i]
			g.Cell.NIC, g.Cell.Fill = text, text
			g.Cell.Pages, g.AAVerdict = text, results.Faster
			g.Rows[1].Strategy, g.Rows[1].Warnings = text, []string{text}
		}
		c := s.Groups[0].Cell
		c.NIC, c.Strategy = text+"x", text
		s.Effects = []results.Effect{{Cell: c, Reference: text, Ratio: about(0.5, 0.1), Verdict: results.Slower}}
		checkPage(t, renderPage(t, s))
		drawn, _ := charts(s)
		for _, c := range drawn {
			if !slugShape.MatchString(c.name) {
				t.Errorf("file name %q", c.name)
			}
		}
		var b bytes.Buffer
		if err := alone(s).text(&b, TextOptions{}); err != nil {
			t.Fatal(err)
		}
		if i := strings.IndexFunc(b.String(), func(r rune) bool { return r < ' ' && r != '\n' }); i >= 0 {
			t.Errorf("a control character reaches the terminal: %q", b.String()[i:min(i+20, b.Len())])
		}
	})
}

// TestFigureless: a summary of nothing but NaN is drawn without a figure.
func TestFigureless(t *testing.T) {
	s := figureless()
	page := renderPage(t, s)
	checkPage(t, page)
	var text bytes.Buffer
	if err := alone(s).text(&text, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	shown, _, _ := strings.Cut(page, "<script>") // whose words have NaN
	for _, out := range []string{shown, text.String()} {
		if i := strings.Index(out, "NaN"); i >= 0 {
			t.Errorf("NaN is shown: %q", out[max(0, i-60):i+10])
		}
	}
	drawn, _ := charts(s)
	for _, c := range drawn {
		checkSVG(t, c.svg().standalone(c.title, c.alt))
	}
}

// FuzzFigures puts numbers from outside wherever a summary has one.
func FuzzFigures(f *testing.F) {
	for _, seed := range [][3]float64{{1, 0.9, 1.1}, {0, 0, 0}, {-1, -2, -3}, {1e308, 1e-308, 1e308}, {5e-324, 5e-324, 5e-324}, {1.0000001, 1, 1.0000002}} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, center, low, high float64) {
		s := extreme(center, low, high)
		s.Groups = append(s.Groups, flowing(extreme(center, low, high), 2).Groups...)
		s.Groups = append(s.Groups, pacing(extreme(center, low, high), 1).Groups...)
		for i := range s.Groups {
			for j := range s.Groups[i].Rows {
				if l := s.Groups[i].Rows[j].Latency; l != nil {
					l.P50.Center, l.P99.Low, l.P99.High = center, low, high
				}
			}
		}
		iv := results.Interval{Center: center, Low: low, High: high}
		for _, verdict := range []results.Verdict{results.Faster, results.NoDifference} {
			c := s.Groups[0].Cell
			c.NIC, c.Strategy = string(verdict), "write"
			s.Effects = append(s.Effects, results.Effect{Cell: c, Ratio: iv, P: center, CPURatio: iv, Verdict: verdict})
		}
		checkPage(t, renderPage(t, s))
		drawn, _ := charts(s)
		for _, c := range drawn {
			checkSVG(t, c.svg().standalone(c.title, c.alt))
		}
		if err := alone(s).text(&bytes.Buffer{}, TextOptions{}); err != nil {
			t.Fatal(err)
		}
	})
}
