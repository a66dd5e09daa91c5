package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/rivo/uniseg"

	"sendbench/runner/results"
)

// TextOptions say how the terminal summary looks. The zero value suits a file.
type TextOptions struct {
	Color bool // mark headings and verdicts with ANSI colours, which add no meaning
}

// textWidth is the most columns that a line takes.
const textWidth = 100

// column is a column of the summary table.
type column struct {
	head  string
	width int
	right bool
}

var textColumns = []column{
	{"size, B", 7, true}, {"strategy", 23, false}, {"Gbit/s", 8, true}, {"ratio", 6, true},
	{"95 % interval", 15, false}, {"verdict", 15, false}, {"CPU ns/B", 9, true}, {"copied", 6, true},
}

// Text writes the summary of a run for a terminal: what was measured where, then
// what can't be measured here and why, and last, next to the prompt, the verdict.
// The error is the writer's.
func Text(w io.Writer, s *results.Summary, opts TextOptions) error {
	t := &textWriter{w: bufio.NewWriter(w), opts: opts}
	t.paragraph("", linkCaveat(s.Run.Environment.Link))
	for _, n := range notices(s) {
		t.paragraph("! ", n)
	}
	for _, st := range settings(s) {
		for _, walk := range st.walks {
			t.line("")
			t.styled(bold, fmt.Sprintf("NIC profile %s · %s", st.name, walk.title()))
			t.table(walk)
		}
	}
	t.section("Unsupported here")
	for _, r := range refusals(s) {
		t.paragraph("- ", fmt.Sprintf("%s: %s [%s]", join(r.strategies, "and"), r.reason, r.extent()))
	}
	t.section("Warnings")
	for _, text := range warnings(s) {
		t.paragraph("- ", text)
	}
	for _, a := range Advise(s).Settings {
		t.section(fmt.Sprintf("Verdict, NIC profile %s (%s)", a.Name, a.Basis))
		for _, line := range a.Lines {
			t.paragraph("- ", line.String())
		}
	}
	if err := t.w.Flush(); err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	return nil
}

// ANSI attributes.
const (
	bold  = "1"
	green = "32"
	red   = "31"
	dim   = "2"
)

// textWriter writes lines; the first error stays in its buffer until Flush.
type textWriter struct {
	w       *bufio.Writer
	opts    TextOptions
	pending string // heading of a section that has no line yet
}

func (t *textWriter) line(text string) { fmt.Fprintln(t.w, strings.TrimRight(text, " ")) }

func (t *textWriter) styled(attribute, text string) {
	for _, line := range foldText(text, textWidth) {
		t.line(t.paint(attribute, line))
	}
}

func (t *textWriter) paint(attribute, text string) string {
	if !t.opts.Color || attribute == "" {
		return text
	}
	return "\x1b[" + attribute + "m" + text + "\x1b[0m"
}

// section holds its heading back until it has something to say.
func (t *textWriter) section(heading string) { t.pending = heading }

// paragraph writes text behind a bullet, its further lines indented alike.
func (t *textWriter) paragraph(bullet, text string) {
	if t.pending != "" {
		t.line("")
		t.styled(bold, t.pending)
		t.pending = ""
	}
	for i, line := range foldText(text, textWidth-len(bullet)) {
		if i > 0 {
			bullet = strings.Repeat(" ", len(bullet))
		}
		t.line(bullet + line)
	}
}

func (t *textWriter) table(w walk) {
	heads := make([]string, len(textColumns))
	for i, c := range textColumns {
		heads[i] = c.head
	}
	t.row(heads, dim)
	for _, g := range w.groups {
		size := fmt.Sprint(g.Cell.Size)
		for _, r := range g.Rows {
			cells, attribute := textCells(g, r)
			cells[0], size = size, ""
			t.row(cells, attribute)
		}
	}
}

// textCells are a row's cells, and the attribute of its verdict.
func textCells(g results.Group, r results.Row) ([]string, string) {
	interval, mark, attribute := between(r.Ratio, ratioFigure), "= no difference", dim
	switch r.Verdict {
	case results.Baseline:
		interval, mark, attribute = "noise "+noise(g.NoiseFloor), "  baseline", ""
	case results.Faster:
		mark, attribute = "+ faster", green
	case results.Slower:
		mark, attribute = "- slower", red
	case results.TooFew:
		mark = "? too few"
	}
	copied := none
	if share, ok := r.CopiedShare(); ok {
		copied = percent(share)
	}
	return []string{"", printable(r.Strategy), figure(gigabits(r.Rate.Center)), ratioFigure(r.Ratio.Center),
		interval, mark, figure(r.CPUPerByte.Center), copied}, attribute
}

// verdictColumn is the one that takes the row's attribute; of a row of headings,
// all do.
const verdictColumn = 5

func (t *textWriter) row(cells []string, attribute string) {
	parts := make([]string, len(cells))
	for i, c := range textColumns {
		parts[i] = pad(clip(cells[i], c.width), c.width, c.right)
		if i == verdictColumn || cells[0] == textColumns[0].head {
			parts[i] = t.paint(attribute, parts[i])
		}
	}
	t.line(strings.Join(parts, " "))
}

// pad fills text to a width in columns.
func pad(text string, width int, right bool) string {
	fill := strings.Repeat(" ", max(0, width-uniseg.StringWidth(text)))
	if right {
		return fill + text
	}
	return text + fill
}

// clip cuts text to a width in columns, between characters as a reader sees them.
func clip(text string, width int) string {
	if uniseg.StringWidth(text) <= width {
		return text
	}
	var b strings.Builder
	used := 0
	for g := uniseg.NewGraphemes(text); g.Next(); {
		if used+g.Width() > width-1 {
			break
		}
		used += g.Width()
		b.WriteString(g.Str())
	}
	return b.String() + "…"
}

// foldText breaks text into lines of at most width columns; a longer word is cut.
func foldText(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		word = clip(word, width)
		switch {
		case line == "":
			line = word
		case uniseg.StringWidth(line)+1+uniseg.StringWidth(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}
