package report

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
	"gonum.org/v1/plot/vg/draw"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// TestRecords holds what is said of several records, and shown across them.
func TestRecords(t *testing.T) {
	for name, list := range sources() {
		t.Run(name, func(t *testing.T) {
			d := settled(list)
			var b strings.Builder
			for _, n := range d.notices {
				fmt.Fprintf(&b, "! %s\n", n)
			}
			for _, e := range d.entries {
				fmt.Fprintf(&b, "%q of %s\n%s\n", e.label, e.file, method(e.summary))
				for _, n := range notices(e.summary) {
					fmt.Fprintf(&b, "- %s\n", n.Text)
				}
				for _, a := range Advise(e.summary).Settings {
					for _, line := range a.Lines {
						fmt.Fprintf(&b, "%s: %s\n", a.Name, line)
					}
				}
				for _, table := range allTables(e.summary, settings(e.summary)) {
					if !strings.HasPrefix(table.ID, tableLosses) {
						continue
					}
					fmt.Fprintf(&b, "%s\n", table.Caption)
					for _, h := range table.Heads {
						fmt.Fprintf(&b, "| %s ", h.Text)
					}
					b.WriteString("\n")
					for _, g := range table.Groups {
						for _, r := range g.Rows {
							fmt.Fprintf(&b, "%s %s", g.Label, r.Name)
							for _, c := range r.Cells {
								fmt.Fprintf(&b, " | %s", c.Text)
							}
							b.WriteString("\n")
						}
					}
				}
			}
			if len(d.entries) > 1 {
				o := newOverview(d)
				for _, line := range o.Short {
					fmt.Fprintf(&b, "* %s\n", line)
				}
				fmt.Fprintf(&b, "%s\n", o.Common)
				for _, table := range o.Tables {
					fmt.Fprintf(&b, "%s\n%s\n", table.Caption, strings.Join(table.Heads, " | "))
					for _, row := range table.Rows {
						fmt.Fprintf(&b, "%s\n", strings.Join(row, " | "))
						if len(row) != len(table.Heads) {
							t.Errorf("%s: %d cells under %d heads", table.ID, len(row), len(table.Heads))
						}
					}
				}
			}
			g := d.charts()
			for _, c := range g.across.drawn {
				fmt.Fprintf(&b, "chart %s\n%s\n%s\n%s", c.name, c.title, c.subtitle, c.body.values())
			}
			for _, m := range g.across.missing {
				fmt.Fprintf(&b, "missing: %s\n", m)
			}
			golden(t, "records/"+name+".golden", b.String())
		})
	}
}

// TestRecordsPage holds pages of several records to what pages of one are held to,
// and their charts to text that neither overlaps nor leaves them.
func TestRecordsPage(t *testing.T) {
	for name, list := range sources() {
		t.Run(name, func(t *testing.T) {
			d := newDocument(list)
			text := renderDocument(t, d)
			t.Logf("%d bytes", len(text))
			prefixes := []string{}
			for _, e := range d.entries {
				prefixes = append(prefixes, e.prefix)
			}
			checkPage(t, text, prefixes...)
			for _, c := range d.charts().across.drawn {
				checkLayout(t, c)
				checkSVG(t, c.svg().standalone(c.title, c.alt))
			}
		})
	}
}

// TestRecordsText holds every line to 100 columns.
func TestRecordsText(t *testing.T) {
	for name, list := range sources() {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := Text(&b, list, TextOptions{}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				if w := uniseg.StringWidth(strings.TrimSuffix(line, "\n")); w > textWidth {
					t.Errorf("%d columns: %s", w, line)
				}
			}
			if n := strings.Count(b.String(), "In short, all records"); (n == 1) != (len(newDocument(list).entries) > 1) {
				t.Errorf("the overview is there %d times", n)
			}
		})
	}
	for _, name := range []string{"before-after", "drops", "tcp"} {
		var b strings.Builder
		if err := settled(sources()[name]).text(&b, TextOptions{}); err != nil {
			t.Fatal(err)
		}
		golden(t, "text/records-"+name+".golden", b.String())
	}
}

// TestRecordsWrite: names of files tell records apart, and a report of several gives
// way to one of a single record.
func TestRecordsWrite(t *testing.T) {
	if testing.Short() {
		t.Skip("it draws dozens of pictures, a minute's work under the race detector")
	}
	dir := filepath.Join(t.TempDir(), "report")
	all := sources()
	if err := Write(dir, all["two-hosts"]); err != nil {
		t.Fatal(err)
	}
	files := filesIn(t, dir)
	for _, want := range []string{
		"index.html", "records-throughput.svg", "records-ratio.png", "records-change-ratio.svg", "records-change-rate.svg", "records-change-cpu.svg",
		"record-1-throughput-default.png", "record-2-throughput-default.svg",
	} {
		if !slices.Contains(files, want) {
			t.Errorf("no %s among %q", want, files)
		}
	}
	if err := Write(dir, all["twice"]); err != nil {
		t.Fatal(err)
	}
	files = filesIn(t, dir)
	if !slices.Contains(files, "throughput-default.svg") || slices.ContainsFunc(files, func(f string) bool { return strings.HasPrefix(f, "record") }) {
		t.Errorf("of a record given twice: %q", files)
	}
	if err := Write(dir, nil); err == nil {
		t.Error("a report on nothing")
	}
}

// TestRecordLabels: records go by what differs, by their files where nothing does.
func TestRecordLabels(t *testing.T) {
	for name, want := range map[string][]string{
		"two-hosts":    {"1 host alpha, Linux 6.18.0", "2 host beta, Linux 6.12.9"},
		"before-after": {"1 before.jsonl", "2 after.jsonl"},
		"twice":        {""},
		"resumed":      {"1 a.jsonl", "2 b.jsonl"},
	} {
		var got []string
		for _, e := range newDocument(sources()[name]).entries {
			got = append(got, e.label)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// checkLayout checks that no text of a chart overlaps another or leaves the chart.
// cutFigure is an interval that goes on.
var cutFigure = regexp.MustCompile(`^[0-9.]+ to .*…$`)

func checkLayout(t *testing.T, c chart) {
	t.Helper()
	height := c.height()
	rec := &textRecorder{svgCanvas: newSVGCanvas(chartWidth, height)}
	c.draw(draw.New(rec))
	if len(rec.boxes) == 0 {
		t.Fatalf("%s is a chart without any text", c.name)
	}
	for i, a := range rec.boxes {
		if cutFigure.MatchString(a.text) {
			t.Errorf("%s: a figure has no room: %s", c.name, a.text)
		}
		if a.Min.X < 0 || a.Min.Y < 0 || a.Max.X > chartWidth || a.Max.Y > height {
			t.Errorf("%s: %q at %v leaves the chart (%v by %v)", c.name, a.text, a.Rectangle, chartWidth, height)
		}
		for _, b := range rec.boxes[i+1:] {
			if a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y && b.Min.Y < a.Max.Y {
				t.Errorf("%s: %q at %v overlaps %q at %v", c.name, a.text, a.Rectangle, b.text, b.Rectangle)
			}
		}
	}
}

// TestOfTwoProtocols: records of datagrams and of a stream are told apart by it, and where
// the sizes that they share aren't the largest each one's own largest is told, too.
func TestOfTwoProtocols(t *testing.T) {
	record := func(id, proto string, sizes ...int) *results.Record {
		rec := resultstest.Planted(resultstest.Options{Profiles: []string{results.ProfileDefault}, Sizes: sizes, HotOnly: true, Strategies: []string{"write", "uring-send", "uring-sendzc"}})
		rec.Run.ID = id
		for i := range rec.Run.Plan.Cells {
			rec.Run.Plan.Cells[i].Proto = proto
		}
		for i := range rec.Trials {
			rec.Trials[i].Cell.Proto = proto
		}
		return rec
	}
	two := func(a, b *results.Record) overview {
		return newOverview(newDocument([]Source{{File: "a.jsonl", Record: a}, {File: "b.jsonl", Record: b}}))
	}
	topics := func(o overview) (out []string) {
		for _, s := range o.Short {
			out = append(out, s.Topic)
		}
		return out
	}
	o := two(record("a", results.ProtoUDP, 1400, 64000), record("b", results.ProtoTCP, 1400, 65536))
	if a, b := o.Tables[0].Rows[0][0], o.Tables[0].Rows[1][0]; a != "1 UDP" || b != "2 TCP" {
		t.Errorf("the records are labelled %q and %q", a, b)
	}
	if got := topics(o); !slices.Contains(got, "Fastest at 1400 B") || !slices.Contains(got, "Fastest at the largest size of each") {
		t.Errorf("in short there is %q", got)
	}
	for _, s := range o.Short {
		if s.Topic == "Fastest at the largest size of each" && (!strings.Contains(s.Text, "1 UDP: at 64000 B ") || !strings.Contains(s.Text, "2 TCP: at 64 KiB ")) {
			t.Errorf("%s", s)
		}
	}
	o = two(record("a", results.ProtoUDP, 1400, 64000), record("b", results.ProtoUDP, 256, 64000))
	if got := topics(o); !slices.Contains(got, "Fastest at 64000 B") || slices.Contains(got, "Fastest at the largest size of each") {
		t.Errorf("of records with one largest size there is %q", got)
	}
}
