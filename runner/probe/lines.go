package probe

import (
	"bufio"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ANSI attributes of what is marked; they add no meaning.
const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
)

// textWidth is where lines of words are broken, in columns.
const textWidth = 79

// text writes the parts; the first error stays in its buffer until Flush.
type text struct {
	*bufio.Writer
	color bool
}

// section begins a part of the text, under a head.
func (t text) section(head string) {
	t.WriteByte('\n')
	t.flow(0, 2, bold, head)
}

// item is words behind a name, in a column of their own.
func (t text) item(width int, name, attribute, words string) {
	column := 2
	if width > 0 {
		column += width + 2
	}
	name = printable(name)
	t.WriteString("  " + name + strings.Repeat(" ", max(0, column-2-utf8.RuneCountInString(name))))
	t.flow(max(column, 2+utf8.RuneCountInString(name)), column, attribute, words)
}

// flow writes words from a column on, and breaks lines at the text's width; those
// after the first begin at indent. Spaces between words are kept.
func (t text) flow(column, indent int, attribute, words string) {
	var line strings.Builder
	for i, word := range strings.Split(printable(words), " ") {
		length := utf8.RuneCountInString(word)
		switch {
		case i == 0:
			column += length
		case column+1+length > textWidth:
			t.paint(attribute, strings.TrimRight(line.String(), " "))
			line.Reset()
			fmt.Fprintf(t, "\n%*s", indent, "")
			column = indent + length
		default:
			line.WriteByte(' ')
			column += 1 + length
		}
		line.WriteString(word)
	}
	t.paint(attribute, line.String())
	t.WriteByte('\n')
}

func (t text) paint(attribute, words string) {
	if t.color && attribute != "" {
		words = "\x1b[" + attribute + "m" + words + "\x1b[0m"
	}
	t.WriteString(words)
}

// printable makes foreign text safe for a terminal and for a line.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}
