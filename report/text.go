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

// signsExplained says what the signs of verdicts mean, and how they come about.
const signsExplained = "▲ faster or cheaper, ▼ slower or dearer, = no difference shown, ? too few rounds: by a paired signed-rank test, corrected by Holm, " +
	"the interval and the noise floor. Beside = stands why: within the noise; 1 inside the interval; corrected, when p, for all " +
	"comparisons, exceeds 0.05."

// textWidth is the most columns that a line takes.
const textWidth = 100

// Text writes the summary of runs for a terminal, one after the other: what was
// measured where, what that cost at the largest size, what can't be measured here and
// why, the decision tables, and last the answer in short with what makes it uncertain. Of several records there
// follows, next to the prompt, what sets them side by side. The error is the
// writer's.
func Text(w io.Writer, sources []Source, opts TextOptions) error {
	return newDocument(sources).text(w, opts)
}

func (d document) text(w io.Writer, opts TextOptions) error {
	t := &textWriter{w: bufio.NewWriter(w), opts: opts}
	for _, n := range d.notices {
		t.paragraph("! ", n)
	}
	for i, e := range d.entries {
		if e.label != "" {
			if i > 0 {
				t.line("")
			}
			t.styled(bold, "Record "+e.label)
		}
		t.summary(e.summary)
	}
	if len(d.entries) > 1 {
		t.overview(newOverview(d))
	}
	if err := t.w.Flush(); err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	return nil
}

// summary writes that of one run.
func (t *textWriter) summary(s *results.Summary) {
	t.paragraph("", linkCaveat(s.Run.Environment.Link))
	if text := method(s); text != "" {
		t.paragraph("", text)
	}
	shown, rest := urgent(notices(s))
	for _, n := range rest {
		t.paragraph("- ", n.Text)
	}
	list := settings(s)
	for i, st := range list {
		if i == 0 {
			t.paragraph("", signsExplained)
		}
		for _, walk := range st.walks {
			t.line("")
			t.styled(bold, fmt.Sprintf("NIC profile %s · %s", st.name, walk.title()))
			t.results(st, walk)
		}
	}
	if len(list) > 0 {
		t.costs(s, list[0])
	}
	t.flows(list)
	t.effects(s)
	t.losses(list)
	refused, left := refusals(s)
	t.section("Unsupported here")
	for _, r := range refused {
		t.paragraph("- ", fmt.Sprintf("%s: %s [%s]", join(printables(r.Strategies), "and"), printableText(r.Reason), r.extent()))
	}
	t.section("Without figures")
	if text := covered(s).words(); text != "" {
		t.paragraph("- ", text)
	}
	t.section("Left out of this sweep")
	for _, r := range left {
		t.paragraph("- ", r.sentence())
	}
	t.section("Warnings")
	for _, text := range warnings(s) {
		t.paragraph("- ", text)
	}
	t.advice(Advise(s), printable(s.Run.Plan.Baseline))
	for _, n := range shown { // beside the answer that they make uncertain
		t.paragraph("! ", n.Text)
	}
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

// heading writes the heading that was held back.
func (t *textWriter) heading() {
	if t.pending != "" {
		t.line("")
		t.styled(bold, t.pending)
		t.pending = ""
	}
}

// paragraph writes text behind a bullet, its further lines indented alike.
func (t *textWriter) paragraph(bullet, text string) {
	t.heading()
	for i, line := range foldText(text, textWidth-len(bullet)) {
		if i > 0 {
			bullet = strings.Repeat(" ", len(bullet))
		}
		t.line(bullet + line)
	}
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
