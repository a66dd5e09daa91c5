package report

import (
	"strings"
	"unicode/utf8"

	xfont "golang.org/x/image/font"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// textStyle is sans-serif text of a size in points. Every text of a chart takes
// its style from here, so gonum's serif defaults never show.
func textStyle(size vg.Length, bold bool, t tone) draw.TextStyle {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if bold {
		f.Weight = xfont.WeightBold
	}
	return draw.TextStyle{Color: t, Font: f, Handler: plot.DefaultTextHandler}
}

func lineHeight(style draw.TextStyle) vg.Length { return style.Font.Size * 1.35 }

// wrap breaks text into lines no wider than width, at most so many: what doesn't
// fit ends in an ellipsis.
func wrap(style draw.TextStyle, text string, width vg.Length, most int) []string {
	var lines []string
	line := ""
	used, space := vg.Length(0), style.Width(" ")
	for word := range strings.FieldsSeq(text) {
		w := style.Width(word)
		if line != "" && used+space+w <= width {
			line += " " + word
			used += space + w
			continue
		}
		if line != "" {
			if len(lines) == most-1 {
				return append(lines, shorten(style, line+" "+word, width))
			}
			lines = append(lines, line)
		}
		line, used = word, w
		if w > width {
			line = shorten(style, word, width)
			used = width
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// shorten cuts text to a width, with an ellipsis for what it takes off.
func shorten(style draw.TextStyle, text string, width vg.Length) string {
	if style.Width(text) <= width {
		return text
	}
	for text != "" && style.Width(text+"…") > width {
		_, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
	}
	return strings.TrimRight(text, " ") + "…"
}
