package report

import (
	"fmt"
	"math"
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
	body     body
}

// chartKinds are what names of charts begin with.
var chartKinds = []string{"zerocopy", "throughput", "cpu", "ratio", "footprint", "copied"}

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

// charts makes every chart that the summary has something to show in, and says
// of the others why they are missing.
func charts(s *results.Summary) (drawn []chart, missing []string) {
	list := settings(s)
	if len(list) == 0 {
		return nil, []string{"There are no charts: no trial was measured."}
	}
	styles := looks(strategyNames(s))
	names := slugs(list)
	baseline := printable(s.Run.Plan.Baseline)
	link := linkPhrase(s.Run.Environment.Link)
	caveat := linkCaveat(s.Run.Environment.Link)
	add := func(c chart, ok bool, otherwise string) {
		if !ok {
			missing = append(missing, otherwise)
			return
		}
		c.footer = caveat
		drawn = append(drawn, c)
	}

	worth, compared := worthBody(list)
	add(chart{
		name: "zerocopy", setting: -1, title: "The best zero copy as a ratio to the best that copies: " + link,
		subtitle: "Throughput, by how buffers are used and by size in bytes. Blue: some zero copy is ahead of every way that copies. Orange: some way that copies is ahead of every zero copy. " +
			"Grey figure without colour: undecided.",
		alt:  "Heat map of the throughput of the best zero-copy strategy over that of the best that copies, buffers by size, a panel a NIC profile.",
		body: worth,
	}, compared, "No chart of zero copy against copying: nowhere was one of each measured.")

	for i, st := range list {
		w := st.walks[0]
		where := fmt.Sprintf("%s, NIC profile %s", link, st.name)
		how := fmt.Sprintf("%s. Sizes in bytes; all axes logarithmic. Marks are medians over rounds, whiskers their %.0f %% intervals. "+
			"Grey band: the noise floor, within which no difference is claimed. In the lower panel the marks of one size stand side by side.",
			capital(w.title()), results.Confidence*100)

		body, ok := throughputBody(w, styles, baseline)
		add(chart{
			name: "throughput-" + names[i], setting: i, title: "Throughput by message size: " + where,
			subtitle: how,
			alt:      "Throughput of each strategy by message size, and its ratio to " + baseline + ". The figures are in the tables.",
			body:     body,
		}, ok, fmt.Sprintf("No throughput chart for %s: no size has a valid trial.", st.name))

		body, ok = cpuBody(w, styles, baseline)
		add(chart{
			name: "cpu-" + names[i], setting: i, title: "CPU time a byte by message size: " + where,
			subtitle: how + " CPU time is that of the sender's thread and of kernel threads that send for it.",
			alt:      "CPU time a payload byte of each strategy by message size, and its ratio to " + baseline + ". The figures are in the tables.",
			body:     body,
		}, ok, fmt.Sprintf("No CPU chart for %s: the record has no CPU times for it.", st.name))
	}

	ratios := ratioBody(list, s, baseline)
	add(chart{
		name: "ratio", setting: -1, title: fmt.Sprintf("Throughput as a ratio to %s: %s", baseline, link),
		subtitle: fmt.Sprintf("%s. Coloured: the interval excludes 1 and the difference exceeds the noise floor. Grey figure without colour: no difference shown. "+
			"Hatched: unsupported here. The row of %s holds the noise floor.", capital(list[0].walks[0].title()), baseline),
		alt:  "Heat map of the ratio of each strategy's throughput to " + baseline + ", strategy by size, a panel a NIC profile. The figures are in the tables.",
		body: ratios,
	}, true, "")

	walked := 0
	for i, st := range list {
		if len(st.walks) < 2 {
			continue
		}
		name := "footprint"
		if walked > 0 {
			name += "-" + names[i]
		}
		walked++
		body, ok := footprintBody(st, styles, baseline)
		add(chart{
			name: name, setting: i, title: fmt.Sprintf("Hot or cold, stamped or filled, throughput as a ratio to %s: %s, NIC profile %s", baseline, link, st.name),
			subtitle: "Hot buffers are copied from cache, which flatters copying. Stamped ones (16 B written before each send) flatter zero copy: a program that makes " +
				"its data fills them. One scale for all panels, the sizes that all share. Whiskers: intervals. Grey band: noise floor.",
			alt:  "Ratio of each strategy's throughput to " + baseline + " by size, a panel a footprint and fill. The figures are in the tables.",
			body: body,
		}, ok, fmt.Sprintf("No chart of hot, cold and filled for %s: no ratio could be taken.", st.name))
	}
	if walked == 0 {
		missing = append(missing, "No chart of hot, cold and filled: the sweep has one footprint and one fill only, so how far they decide the answer was not shown.")
	}

	copied, ok := copiedBody(list, s)
	add(chart{
		name: "copied", setting: -1, title: "Share of zero-copy sends that the kernel copied: " + link,
		subtitle: "By the kernel's own notifications, over all uses of buffers. 0 % is true zero copy; at 100 % no zero copy happened.",
		alt:      "Share of notifications that say the kernel copied, strategy by size, a panel a NIC profile. The figures are in the tables.",
		body:     copied,
	}, ok, "No chart of copied shares: no strategy asked for zero copy and was notified of it.")
	return drawn, missing
}

// linkPhrase names the link for a title.
func linkPhrase(l results.Link) string {
	if l.Name == "" {
		return "unnamed link"
	}
	return "link " + printable(l.Name)
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
