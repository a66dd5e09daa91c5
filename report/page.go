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
// escapes, but for Style and the charts' SVG, which this package has made.
type page struct {
	Title, Lede                       string
	LinkName, LinkDescription, Caveat string
	Baseline, Confidence, Footer      string
	Style                             template.CSS
	Notices                           []string
	Advice                            Advice
	Worth                             []worthRow
	Sections                          []pageSection
	Missing                           []string
	Tables                            []pageTable
	Refusals                          []pageRefusal
	Warnings                          []string
	Environment                       []factGroup
	Flows, Paced                      bool // several flows, or a set rate, is to be explained
}

// pageSection is charts under one heading.
type pageSection struct {
	Heading string
	Wide    bool // one column
	Charts  []pageChart
}

type pageChart struct {
	Name, Title string
	Table       string // id of the table behind it
	SVG         template.HTML
}

type pageRefusal struct{ Strategies, Reason, Extent string }

// writePage writes index.html. The error is the writer's or the template's.
func writePage(w io.Writer, s *results.Summary, drawn []chart, missing []string) error {
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("parsing the page's template: %w", err)
	}
	if err := t.Execute(w, newPage(s, drawn, missing)); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

func newPage(s *results.Summary, drawn []chart, missing []string) page {
	run, env := s.Run, s.Run.Environment
	list := settings(s)
	p := page{
		Title:           fmt.Sprintf("Ways of sending compared, %s on %s", linkPhrase(env.Link), orUnknown(env.Hostname, "a machine without a name")),
		Lede:            strings.TrimSpace(lede(s) + " " + sent(s)),
		LinkName:        capital(linkPhrase(env.Link)),
		LinkDescription: sentence(env.Link.Description),
		Caveat:          "What it can't show: " + orUnknown(sentence(env.Link.Caveat), "the record doesn't say."),
		Baseline:        printable(run.Plan.Baseline),
		Confidence:      fmt.Sprintf("%.0f %%", results.Confidence*100),
		Footer:          fmt.Sprintf("Made by sendbench from run %s, seed %d, record schema %d.", printable(run.ID), run.Seed, run.Schema),
		Style:           template.CSS(pageVariables() + toneRules() + pageCSS), // no part of it is from the record
		Notices:         notices(s),
		Advice:          Advise(s),
		Worth:           worthRows(list),
		Missing:         missing,
		Tables:          allTables(s, list),
		Warnings:        warnings(s),
		Environment:     environmentFacts(s),
		Flows:           slices.ContainsFunc(list, func(st setting) bool { return st.cell.Flows > 1 }),
		Paced:           slices.ContainsFunc(list, setting.paced),
	}
	for _, r := range refusals(s) {
		p.Refusals = append(p.Refusals, pageRefusal{strings.Join(r.strategies, ", "), r.reason, r.extent()})
	}
	p.Sections = pageSections(drawn, list)
	p.unlink()
	return p
}

// pageSections puts the charts of all profiles first, then those of each; at a set
// rate the other way round, as what counts there is each setting's latency.
func pageSections(drawn []chart, list []setting) []pageSection {
	overall := pageSection{Heading: "All NIC profiles", Wide: true}
	each := make([]pageSection, len(list))
	for _, c := range drawn {
		pc := pageChart{Name: c.name, Title: c.title, Table: c.table, SVG: template.HTML(c.svg().inline("chart-"+c.name, c.title, c.alt))} // escaped by svgCanvas
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
func (p *page) unlink() {
	there := map[string]bool{worthTableID: len(p.Worth) > 0}
	for _, t := range p.Tables {
		there[t.ID] = true
	}
	for _, sec := range p.Sections {
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
		capital(count(run.Plan.Rounds, "round", "rounds")), fmt.Sprint(len(run.Plan.Profiles)), plural(len(run.Plan.Profiles), "profile", "profiles"),
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
	}{{"ink", ink}, {"soft", soft}, {"axis", axis}, {"rule", grid}, {"band", band}, {"paper", paper}, {"link", tone{"link", 0x005a8c, 0x7cc0ec}}}
	var light, dark strings.Builder
	for _, u := range uses {
		fmt.Fprintf(&light, "--%s:#%06x;", u.name, u.tone.light)
		fmt.Fprintf(&dark, "--%s:#%06x;", u.name, u.tone.dark)
	}
	return fmt.Sprintf(":root{color-scheme:light dark;--font:%s;%s}@media screen and (prefers-color-scheme:dark){:root{%s}}", fontStack, light.String(), dark.String())
}
