package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"sendbench/runner/results"
)

//go:embed page.html.tmpl
var pageTemplate string

//go:embed page.css
var pageCSS string

// page is what the template shows. Everything of it is text that the template
// escapes, but for Style, Scripts, Data and the charts' SVG, which this package has
// made.
type page struct {
	Title, Footer        string
	Policy               string // Content-Security-Policy
	Style                template.CSS
	Scripts              []template.JS
	Data                 template.JS // of the script; empty where nothing was measured
	Live                 *Live       // nil for a page that stays as it is
	Overview             *overview   // nil for one record
	Notices              []string    // on the records together
	Records              []pageRecord
	Baseline, Confidence string
	Flows, Paced         bool // several flows, or a set rate, is to be explained
}

// pageRecord is what the page has of one record.
type pageRecord struct {
	Prefix                            string // of ids; "" for the only record
	Level, Sub                        int    // of headings: of sections, and below them
	Label                             string
	Lede, Method                      string
	LinkName, LinkDescription, Caveat string
	Baseline, Confidence              string
	Notices, MoreNotices              []notice
	Advice                            Advice
	Worth                             []worthRow
	Sections                          []pageSection
	Missing                           []string
	Tables                            []pageTable
	Refusals                          []pageRefusal
	Measured                          string // whether the other cells have figures
	LeftOut                           []string
	Warnings                          []string
	Environment                       []factGroup
}

// pageSection is charts under one heading.
type pageSection struct {
	Heading string
	Wide    bool // one column
	Charts  []pageChart
}

type pageChart struct {
	Name, Title string
	Subtitle    string // how to read it, again where the chart's own words don't fit
	Table       string // id of the table behind it
	Files       bool   // it is there as PNG and SVG, too
	SVG         template.HTML
}

type pageRefusal struct{ Strategies, Reason, Extent string }

// writePage writes index.html, or the page of a run that goes on if live isn't nil.
// The error is the writer's or the template's.
func writePage(w io.Writer, d document, g galleries, live *Live) error {
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("parsing the page's template: %w", err)
	}
	p, err := newPage(d, g, live)
	if err != nil {
		return err
	}
	if err := t.Execute(w, p); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

func newPage(d document, g galleries, live *Live) (page, error) {
	p := page{
		Style:      template.CSS(pageVariables() + toneRules() + pageCSS), // no part of it is from a record
		Scripts:    []template.JS{template.JS(pageScript)},
		Confidence: confidence(),
		Notices:    d.notices,
		Live:       live,
	}
	var connect []string
	if live != nil {
		p.Scripts = append(p.Scripts, template.JS(live.Script))
		connect = []string{"'self'"}
	}
	p.Policy = contentPolicy(p.Style, p.Scripts, connect)
	data := newPageData(d)
	if len(data.Records) > 0 {
		var err error
		if p.Data, err = data.island(); err != nil {
			return page{}, err
		}
	}
	var made, baselines []string
	for i, e := range d.entries {
		run := e.summary.Run
		list := settings(e.summary)
		p.Records = append(p.Records, newPageRecord(e, list, g.entries[i], live == nil))
		p.Flows = p.Flows || slices.ContainsFunc(list, func(st setting) bool { return st.cell.Flows > 1 })
		p.Paced = p.Paced || slices.ContainsFunc(list, setting.paced)
		made = append(made, fmt.Sprintf("run %s, seed %d, record schema %d", printable(run.ID), run.Seed, run.Schema))
		baselines = addOnce(baselines, printable(run.Plan.Baseline))
	}
	p.Baseline = join(baselines, "or")
	p.Footer = "Made by sendbench from " + strings.Join(made, "; ") + "."
	first := d.entries[0].summary
	if len(d.entries) == 1 {
		p.Title = fmt.Sprintf("Ways of sending compared, %s on %s", pathPhrase(first), orUnknown(first.Run.Environment.Hostname, "a machine without a name"))
		return p, nil
	}
	p.Title = fmt.Sprintf("Ways of sending compared, %d records side by side", len(d.entries))
	o := newOverview(d)
	for _, c := range g.across.drawn {
		o.Charts = append(o.Charts, newPageChart(c, "", live == nil))
	}
	o.Missing = g.across.missing
	p.Overview = &o
	return p, nil
}

func confidence() string { return fmt.Sprintf("%.0f %%", results.Confidence*100) }

// newPageRecord takes whether there are files of its charts beside the page.
func newPageRecord(e entry, list []setting, g charted, files bool) pageRecord {
	s := e.summary
	link, cover := s.Run.Environment.Link, covered(s)
	r := pageRecord{
		Prefix: e.prefix, Level: 2, Sub: 3, Label: e.label,
		Lede:            lede(s),
		Method:          method(s),
		LinkName:        capital(linkPhrase(link)),
		LinkDescription: sentence(link.Description),
		Caveat:          "What it can't show: " + orUnknown(sentence(link.Caveat), "the record doesn't say."),
		Baseline:        printable(s.Run.Plan.Baseline),
		Confidence:      confidence(),
		Advice:          Advise(s),
		Measured:        cover.words(),
		Worth:           worthRows(list),
		Missing:         g.missing,
		Tables:          allTables(s, list),
		Warnings:        warnings(s),
		Environment:     environmentFacts(s),
	}
	if e.prefix != "" {
		r.Level, r.Sub = 3, 4
	}
	r.Notices, r.MoreNotices = urgent(notices(s))
	refused, left := refusals(s)
	for _, n := range refused {
		r.Refusals = append(r.Refusals, pageRefusal{strings.Join(printables(n.Strategies), ", "), printableText(n.Reason), n.extent()})
	}
	for _, n := range left {
		r.LeftOut = append(r.LeftOut, n.sentence())
	}
	if r.Measured == "" && cover.cells > 0 && len(s.Unsupported) == 0 {
		r.Measured = "Every cell of the sweep could be measured."
	}
	r.Sections = pageSections(g.drawn, list, e.prefix, files)
	r.unlink()
	return r
}

// newPageChart puts a chart on the page. Its table's id takes the prefix of the
// record that it is in.
func newPageChart(c chart, prefix string, files bool) pageChart {
	// What the drawing has of a record svgCanvas has escaped.
	svg := template.HTML(c.svg().inline("chart-"+c.name, c.title, c.alt))
	return pageChart{Name: c.name, Title: c.title, Subtitle: c.subtitle, Table: prefix + c.table, Files: files, SVG: svg}
}

// pageSections puts the charts of all profiles first, then those of each; at a set
// rate the other way round, as what counts there is each setting's latency.
func pageSections(drawn []chart, list []setting, prefix string, files bool) []pageSection {
	overall := pageSection{Heading: "All NIC profiles", Wide: true}
	each := make([]pageSection, len(list))
	for _, c := range drawn {
		pc := newPageChart(c, prefix, files)
		if c.setting < 0 {
			overall.Charts = append(overall.Charts, pc)
			continue
		}
		each[c.setting].Heading = "NIC profile " + list[c.setting].name
		each[c.setting].Charts = append(each[c.setting].Charts, pc)
	}
	var out []pageSection
	order := append([]pageSection{overall}, each...)
	if len(list) > 0 && list[0].paced() {
		order = append(each, overall)
	}
	for _, sec := range order {
		if len(sec.Charts) > 0 {
			out = append(out, sec)
		}
	}
	return out
}

// unlink takes away links from charts to tables that have nothing to show.
func (r *pageRecord) unlink() {
	there := map[string]bool{r.Prefix + worthTableID: len(r.Worth) > 0}
	for _, t := range r.Tables {
		there[r.Prefix+t.ID] = true
	}
	for _, sec := range r.Sections {
		for i := range sec.Charts {
			if !there[sec.Charts[i].Table] {
				sec.Charts[i].Table = ""
			}
		}
	}
}

// lede says in a sentence or two what was run, when and on what.
func lede(s *results.Summary) string {
	run, env := s.Run, s.Run.Environment
	return fmt.Sprintf("%s, Linux %s, %s. %s of %s NIC %s, %s. Started %s.",
		orUnknown(printable(env.CPUModel), "an unnamed CPU"), orUnknown(printable(env.Kernel), "of unknown release"), orUnknown(printable(env.Arch), "unknown architecture"),
		capital(roundsText(s)), fmt.Sprint(len(run.Plan.Profiles)), plural(len(run.Plan.Profiles), "profile", "profiles"),
		count(s.Trials, "trial", "trials"), orUnknown(printable(run.Started), "at an unknown time"))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func orUnknown(text, otherwise string) string {
	if text = printableText(text); text == "" {
		return otherwise
	}
	return text
}

// pageVariables are the tones that the page itself uses, by theme.
func pageVariables() string {
	uses := []struct {
		name string
		tone tone
	}{{"ink", ink}, {"soft", soft}, {"axis", axis}, {"rule", grid}, {"band", band}, {"paper", paper}, {"link", tone{"link", 0x005a8c, 0x7cc0ec}}, {"down", tone{"down", 0xb04a00, 0xf0883e}}}
	var light, dark strings.Builder
	for _, u := range uses {
		fmt.Fprintf(&light, "--%s:#%06x;", u.name, u.tone.light)
		fmt.Fprintf(&dark, "--%s:#%06x;", u.name, u.tone.dark)
	}
	return fmt.Sprintf(":root{color-scheme:light dark;--font:%s;%s}@media screen and (prefers-color-scheme:dark){:root{%s}}", fontStack, light.String(), dark.String())
}
