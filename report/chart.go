package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"sendbench/runner/results"
)

// Lengths of a chart's frame, in points. A chart is 600 points wide and as high
// as it needs to be; at 192 dots an inch that makes 1600 pixels.
const (
	chartWidth  = vg.Length(600)
	chartMargin = vg.Length(12)
)

// chart is one picture: words above and below, a body between.
type chart struct {
	name     string // of its files, without the extension
	title    string // what it shows, and for which link and profile
	subtitle string // how to read it
	footer   string // what the link can't show
	alt      string // the gist, for those who can't see it
	setting  int    // index of the setting that it shows, -1 for all
	table    string // id of the table behind it
	body     body
}

// chartKinds are what names of charts begin with.
var chartKinds = []string{"zerocopy", "settings", "profiles", "scaling", "throughput", "latency", "cpu", "release", "ratio", "footprint", "copied", "records"}

// body is what fills a chart. Its values are what goldens hold.
type body interface {
	height() vg.Length
	draw(draw.Canvas)
	values() string // one line a plotted value
}

// Text of charts.
var (
	titleText  = textStyle(12, true, ink)
	noteText   = textStyle(8.5, false, soft)
	labelText  = textStyle(8.5, false, ink)
	headText   = textStyle(9, true, ink)
	footerText = textStyle(7.5, false, soft)
)

func (c chart) lines(style draw.TextStyle, text string, most int) []string {
	return wrap(style, text, chartWidth-2*chartMargin, most)
}

// parts lays out the words and returns what they leave for the body.
func (c chart) parts() (titles, notes, footers []string, height vg.Length) {
	titles = c.lines(titleText, c.title, 2)
	notes = c.lines(noteText, c.subtitle, 4)
	footers = c.lines(footerText, c.footer, 4)
	height = 2*chartMargin + lineHeight(titleText)*vg.Length(len(titles)) + lineHeight(noteText)*vg.Length(len(notes)) +
		lineHeight(footerText)*vg.Length(len(footers)) + 14 + c.body.height()
	return titles, notes, footers, height
}

func (c chart) height() vg.Length {
	_, _, _, h := c.parts()
	return h
}

func (c chart) draw(dc draw.Canvas) {
	titles, notes, footers, _ := c.parts()
	left := dc.Min.X + chartMargin
	y := drawLines(dc, titleText, titles, left, dc.Max.Y-chartMargin)
	top := drawLines(dc, noteText, notes, left, y-2)
	bottom := dc.Min.Y + chartMargin + lineHeight(footerText)*vg.Length(len(footers))
	drawLines(dc, footerText, footers, left, bottom)
	c.body.draw(draw.Crop(dc, chartMargin, -chartMargin, bottom+4-dc.Min.Y, top-8-dc.Max.Y))
}

// drawLines sets lines of text downwards from y and returns where they end.
func drawLines(dc draw.Canvas, style draw.TextStyle, lines []string, x, y vg.Length) vg.Length {
	style.YAlign = draw.YTop
	for _, line := range lines {
		dc.FillText(style, vg.Point{X: x, Y: y}, line)
		y -= lineHeight(style)
	}
	return y
}

// linkPhrase names the link for a title.
func linkPhrase(l results.Link) string {
	if l.Name == "" {
		return "unnamed link"
	}
	return "link " + printable(l.Name)
}

// pathPhrase names the way that packets took, for a title: the link, the receiver's
// host, and the protocol if that isn't UDP.
func pathPhrase(s *results.Summary) string {
	l := s.Run.Environment.Link
	text := linkPhrase(l)
	if l.Peer != nil {
		text += " to " + peerName(*l.Peer)
	}
	stream := func(g results.Group) bool { return g.Cell.Proto == results.ProtoTCP }
	if len(s.Groups) > 0 && !slices.ContainsFunc(s.Groups, func(g results.Group) bool { return !stream(g) }) {
		text += ", TCP"
	}
	return text
}

// linkCaveat is what the link can't show, as a sentence.
func linkCaveat(l results.Link) string {
	if l.Caveat == "" {
		return capital(linkPhrase(l)) + ": the record names no caveat."
	}
	return fmt.Sprintf("%s: %s", capital(linkPhrase(l)), sentence(l.Caveat))
}

// sentence makes free text of a record end like one.
func sentence(text string) string {
	text = strings.TrimSpace(printableText(text))
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// positive reports whether a value has a place on a logarithmic axis.
func positive(v float64) bool { return v > 0 && !math.IsInf(v, 1) }
