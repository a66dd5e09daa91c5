package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sendbench/runner/results"
)

// TestTables holds every table of figures to what it said.
func TestTables(t *testing.T) {
	all := planted()
	for _, name := range []string{"counted", "disturbed", "flows", "rate", "too-few", "unsupported"} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			for _, table := range allTables(all[name], settings(all[name])) {
				fmt.Fprintf(&b, "%s %q folded %v\n", table.ID, table.Caption, table.Folded)
				for _, h := range table.Heads {
					fmt.Fprintf(&b, "| %s ", h.Text)
				}
				b.WriteString("\n")
				for _, g := range table.Groups {
					for _, r := range g.Rows {
						fmt.Fprintf(&b, "%s | %s", g.Label, r.Name)
						for _, c := range r.Cells {
							fmt.Fprintf(&b, " | %s%s", c.Sign, c.Text)
						}
						b.WriteString("\n")
					}
				}
				for _, n := range table.Notes {
					fmt.Fprintf(&b, "note: %s\n", n)
				}
			}
			golden(t, "tables/"+name+".golden", b.String())
		})
	}
}

// TestTablesAreWhole: under each head of every table are as many cells as it spans.
func TestTablesAreWhole(t *testing.T) {
	for name, s := range planted() {
		for _, table := range allTables(s, settings(s)) {
			want := 0
			for _, h := range table.Heads {
				want += h.Span
			}
			for _, g := range table.Groups {
				for _, r := range g.Rows {
					if len(r.Cells) != want {
						t.Errorf("%s, %s: %d cells under heads for %d", name, table.ID, len(r.Cells), want)
					}
				}
			}
		}
	}
}

// TestNoColumnOfDashes: what no row has a figure of has no column.
func TestNoColumnOfDashes(t *testing.T) {
	heads := func(s *results.Summary) string {
		table, _ := newTable(entries(settings(s)[0].walks[0], everyRow), costColumns)
		var out []string
		for _, h := range table.Heads {
			out = append(out, h.Text)
		}
		return strings.Join(out, ", ")
	}
	all := planted()
	if got := heads(all["winner"]); strings.Contains(got, "Cycles") || !strings.Contains(got, "Calls/message") {
		t.Errorf("without counters: %s", got)
	}
	if got := heads(all["counted"]); !strings.Contains(got, "Cycles") {
		t.Errorf("with counters: %s", got)
	}
}

func TestEnvironmentFacts(t *testing.T) {
	var b strings.Builder
	for _, g := range environmentFacts(planted()["disturbed"]) {
		fmt.Fprintf(&b, "%s\n", g.Heading)
		for _, f := range g.Facts {
			fmt.Fprintf(&b, "  %s: %s\n", f.Name, f.Value)
		}
	}
	golden(t, "environment.golden", b.String())
}

// TestMarks: each verdict has a sign of its own, and the words are those of the
// summary.
func TestMarks(t *testing.T) {
	var signs []string
	for _, v := range []results.Verdict{results.Faster, results.Slower, results.NoDifference, results.TooFew, results.Baseline} {
		m := rateMark(v)
		if m.words != string(v) || m.sign != costMark(v).sign || slices.Contains(signs, m.sign) {
			t.Errorf("%s is marked %+v, as a cost %+v", v, m, costMark(v))
		}
		signs = append(signs, m.sign)
	}
	if m := costMark(results.Faster); m.words != "cheaper" {
		t.Errorf("less CPU time is called %q", m.words)
	}
	if m := rateMark(""); m.words != none {
		t.Errorf("no verdict is called %q", m.words)
	}
}
