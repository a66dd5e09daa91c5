package report

import (
	"fmt"
	"strings"
)

// column is a column of a table in text.
type column struct {
	head  string
	width int
}

// choiceColumns are those of the decision table; what has no room in a cell goes
// on below.
var choiceColumns = []column{
	{"buffers", 12}, {"size", 14}, {"fastest", 22}, {"rate", 12},
	{"cheapest in CPU time", 21}, {"CPU a byte", 12},
}

func (t *textWriter) advice(a Advice, baseline string) {
	explained := false
	for _, st := range a.Settings {
		t.section("Which way to send · NIC profile " + st.Name)
		if len(st.Choices) > 0 {
			if !explained {
				t.paragraph("", fmt.Sprintf("Rate and CPU time a byte are multiples of %s's, with their intervals; ≈ joins what was not told apart.", baseline))
				explained = true
			}
			t.heading()
			t.choices(st.Choices)
		}
		for _, line := range st.Lines {
			t.paragraph("- ", line.String())
		}
	}
	t.section("In short")
	for _, line := range a.Short {
		t.paragraph("- ", line.String())
	}
}

func (t *textWriter) choices(rows []Choice) {
	heads := make([]string, len(choiceColumns))
	for i, c := range choiceColumns {
		heads[i] = c.head
	}
	t.cells(choiceColumns, heads, dim)
	for _, r := range rows {
		t.cells(choiceColumns, []string{r.Walk, r.Sizes, r.Fastest.Names + " " + r.Fastest.Ties, r.Fastest.Amount,
			r.Cheapest.Names + " " + r.Cheapest.Ties, r.Cheapest.Amount}, "")
	}
}

// cells writes a row of words, on as many lines as its fullest cell takes.
func (t *textWriter) cells(columns []column, texts []string, attribute string) {
	folded := make([][]string, len(texts))
	most := 0
	for i, text := range texts {
		folded[i] = foldText(text, columns[i].width)
		most = max(most, len(folded[i]))
	}
	for n := range most {
		parts := make([]string, len(folded))
		for i, lines := range folded {
			line := ""
			if n < len(lines) {
				line = lines[n]
			}
			parts[i] = t.paint(attribute, pad(line, columns[i].width, false))
		}
		t.line(strings.Join(parts, " "))
	}
}
