package results

import (
	"strings"
	"unicode"
)

// More than any honest name or text of a record has, in runes, where people read it.
const (
	LongestName = 120
	LongestText = 2000
)

// Printable makes text of a record, which may be anybody's, fit for a terminal, a line
// of a table or a page: whatever isn't graphic by Unicode, escape sequences, line breaks
// and what turns the direction of writing among it, is replaced by U+FFFD, and what goes
// beyond so many runes by an ellipsis.
func Printable(text string, longest int) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		if n == longest {
			b.WriteRune('…')
			break
		}
		if !unicode.IsGraphic(r) {
			r = unicode.ReplacementChar
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// plainField is text for a field of a table that a spreadsheet may open. What begins
// with one of =+-@ it takes for a formula, unless it is quoted by an apostrophe.
func plainField(text string) string {
	text = Printable(text, maxName)
	if text != "" && strings.IndexByte("=+-@", text[0]) >= 0 {
		return "'" + text
	}
	return text
}
