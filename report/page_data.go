package report

import (
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"

	"sendbench/runner/results"
)

// pageData is what the page's script draws its views from: the figures of all
// groups, with their raw points.
type pageData struct {
	Confidence string       `json:"confidence"` // of intervals: "95 %"
	Metrics    []dataMetric `json:"metrics"`
	Records    []dataRecord `json:"records"` // those that measured something
}

// dataMetric is a figure that a view may show.
type dataMetric struct {
	Key   string `json:"key"`
	Name  string `json:"name"`
	Unit  string `json:"unit"`
	Ratio bool   `json:"ratio,omitempty"` // to the baseline: has a line at 1 and a noise floor
	// Verdict is the index of the row's verdict on it, or -1 for what isn't compared.
	Verdict int `json:"verdict"`
}

type dataRecord struct {
	Label      string         `json:"label"`
	Strategies []dataStrategy `json:"strategies"`
	Profiles   []dataProfile  `json:"profiles"`
}

// dataStrategy is a strategy and its look.
type dataStrategy struct {
	Name   string `json:"name"`
	Hue    string `json:"hue"`   // of the style sheet's classes
	Shape  string `json:"shape"` // of its mark, about the origin, as path data
	Hollow bool   `json:"hollow,omitempty"`
}

type dataProfile struct {
	Name    string        `json:"name"`
	Buffers []dataBuffers `json:"buffers"`
}

type dataBuffers struct {
	Name  string     `json:"name"`
	Title string     `json:"title"`
	Sizes []dataSize `json:"sizes"`
}

// dataSize is a group. Lists of figures are in the order of metrics; what isn't there
// is null, and left out at the end.
type dataSize struct {
	Bytes int         `json:"bytes"`
	Label string      `json:"label"`
	Text  string      `json:"text"`
	Floor []*jsNumber `json:"floor"`
	Rows  []dataRow   `json:"rows"`
}

type dataRow struct {
	Strategy int            `json:"strategy"` // index in the record's
	Rounds   int            `json:"rounds"`
	Invalid  int            `json:"invalid,omitempty"`
	Sampled  int            `json:"sampled,omitempty"` // raw points that there are, where not all are here
	Values   []*[3]jsNumber `json:"values"`            // median, low, high
	Raw      [][]jsPoint    `json:"raw"`
	Verdicts []string       `json:"verdicts,omitempty"` // on throughput and on CPU time
}

// trimmed leaves out what is empty at the end of a list.
func trimmed[T any](list []T, empty func(T) bool) []T {
	for len(list) > 0 && empty(list[len(list)-1]) {
		list = list[:len(list)-1]
	}
	return list
}

// jsNumber is a figure to six digits: more than any view prints. One that isn't
// finite is null.
type jsNumber float64

// jsPoint is a raw point, to the digits that are printed and one more.
type jsPoint float64

func (p jsPoint) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(p), 'g', 4, 64), nil
}

func (n jsNumber) MarshalJSON() ([]byte, error) {
	if !finite(float64(n)) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(n), 'g', 6, 64), nil
}

// viewMetric is a metric that views may show.
type viewMetric struct {
	dataMetric
	metric
}

// viewMetrics are the metrics of views, what tells strategies apart best first. There
// is latency only at a set rate, and then nothing else is shown.
var viewMetrics = []viewMetric{
	{dataMetric{"ratio", "Throughput as a ratio to the baseline", "", true, 0}, ratioMetric},
	{dataMetric{"rate", "Throughput", "Gbit/s", false, 0}, rateMetric},
	{dataMetric{"cpu-ratio", "CPU time a byte as a ratio to the baseline", "", true, 1}, cpuRatioMetric},
	{dataMetric{"cpu", "CPU time a byte", "ns", false, 1}, cpuMetric},
	{dataMetric{"release-p50", "Time to release, median", "µs", false, -1}, releaseP50Metric},
	{dataMetric{"release-p99", "Time to release, p99", "µs", false, -1}, releaseP99Metric},
	{dataMetric{"held", "Memory held by the kernel", "KiB", false, -1}, heldMetric},
	{dataMetric{"latency-p50", "Latency, median", "µs", false, -1}, latencyP50Metric},
	{dataMetric{"latency-p99", "Latency, p99", "µs", false, -1}, latencyP99Metric},
	{dataMetric{"latency-p999", "Latency, p99.9", "µs", false, -1}, latency999Metric},
}

// rowVerdicts are a row's verdicts in words.
func rowVerdicts(r results.Row) []string {
	return []string{verdictText(rateMark(r.Verdict), r.P), verdictText(costMark(r.CPUVerdict), r.CPUP)}
}

func verdictText(m mark, p float64) string {
	text := m.words
	if m.sign != "" {
		text = m.sign + " " + text
	}
	if tested := probability(p); tested != "" {
		text += ", " + tested
	}
	return text
}

// Raw points that the page has: of each row the first number, less where that would
// make more than the second of all rows, and none where that leaves fewer than the
// third.
const (
	mostRawOfRow  = 48
	mostRawOfPage = 50_000
	leastRaw      = 5
)

// newPageData collects what a document's views show.
func newPageData(d document) pageData {
	data := pageData{Confidence: confidence(), Metrics: []dataMetric{}, Records: []dataRecord{}}
	rows := 0
	for _, e := range d.entries {
		for _, g := range e.summary.Groups {
			rows += 4 * len(g.Rows) // so many metrics have raw points
		}
	}
	most := min(mostRawOfRow, mostRawOfPage/max(1, rows))
	if most < leastRaw {
		most = 0
	}
	for _, m := range viewMetrics {
		data.Metrics = append(data.Metrics, m.dataMetric)
	}
	for _, e := range d.entries {
		if list := settings(e.summary); len(list) > 0 {
			data.Records = append(data.Records, newDataRecord(e, list, most))
		}
	}
	return data
}

func newDataRecord(e entry, list []setting, most int) dataRecord {
	r := dataRecord{Label: e.label}
	styles := looks(strategyNames(e.summary))
	names := slices.DeleteFunc(strategyNames(e.summary), func(name string) bool {
		return !slices.ContainsFunc(e.summary.Groups, func(g results.Group) bool { _, ok := rowOf(g, name); return ok })
	})
	index := make(map[string]int, len(names))
	for i, name := range names {
		l := styles[name]
		index[name] = i
		r.Strategies = append(r.Strategies, dataStrategy{printable(name), l.hue.name, l.glyph.pathData(4), l.glyph.hollow})
	}
	for _, st := range list {
		p := dataProfile{Name: st.name}
		for _, w := range st.walks {
			b := dataBuffers{Name: w.name(), Title: capital(w.title())}
			for _, g := range w.groups {
				b.Sizes = append(b.Sizes, newDataSize(g, st.paced(), index, most))
			}
			p.Buffers = append(p.Buffers, b)
		}
		r.Profiles = append(r.Profiles, p)
	}
	return r
}

func newDataSize(g results.Group, paced bool, index map[string]int, most int) dataSize {
	size := dataSize{Bytes: g.Cell.Size, Label: sizeLabel(g.Cell.Size), Text: sizeText(g.Cell.Size), Rows: []dataRow{}}
	for _, m := range viewMetrics {
		var floor *jsNumber
		if m.floor != nil && finite(m.floor(g)) && !paced {
			floor = new(jsNumber(m.floor(g)))
		}
		size.Floor = append(size.Floor, floor)
	}
	size.Floor = trimmed(size.Floor, func(f *jsNumber) bool { return f == nil })
	for _, r := range g.Rows {
		size.Rows = append(size.Rows, newDataRow(r, paced, index[r.Strategy], most))
	}
	return size
}

func newDataRow(r results.Row, paced bool, strategy, most int) dataRow {
	row := dataRow{Strategy: strategy, Rounds: r.Rounds, Invalid: r.Invalid}
	if !paced {
		row.Verdicts = rowVerdicts(r)
	}
	for _, m := range viewMetrics {
		var value *[3]jsNumber
		var raw []jsPoint
		if iv := m.of(r); positive(iv.Center) && (!paced || strings.HasPrefix(m.Key, "latency")) {
			value = &[3]jsNumber{jsNumber(iv.Center), jsNumber(iv.Low), jsNumber(iv.High)}
			if m.raw != nil {
				all := m.raw(r)
				if len(all) > most {
					row.Sampled = len(all)
				}
				for _, v := range thin(all, most) {
					raw = append(raw, jsPoint(v))
				}
			}
		}
		row.Values, row.Raw = append(row.Values, value), append(row.Raw, raw)
	}
	row.Values = trimmed(row.Values, func(v *[3]jsNumber) bool { return v == nil })
	row.Raw = trimmed(row.Raw, func(raw []jsPoint) bool { return raw == nil })
	return row
}

// island is the data as JSON that has no character that HTML gives a meaning:
// encoding/json escapes <, > and &.
func (d pageData) island() (template.JS, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("encoding the page's data: %w", err)
	}
	return template.JS(text), nil
}

// pathData is a glyph's outline about the origin.
func (g glyph) pathData(r vg.Length) string {
	var path vg.Path
	g.trace(&path, vg.Point{}, r)
	return newSVGCanvas(0, 0).pathData(path)
}
