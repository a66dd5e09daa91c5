package results

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// benchBaseline is the strategy that others are compared with in bench output, which
// doesn't name one: strategies.Baseline.
const benchBaseline = "write"

// benchCell is what a benchmark's name says.
type benchCell struct {
	cell  Cell
	procs int // its -N, which package testing puts there for GOMAXPROCS; 1 without
}

// benchAxis reads the value of an axis into a cell.
type benchAxis struct {
	key    string
	needed bool // in every name; the others are there where they vary
	want   string
	set    func(c *Cell, value string) bool
}

// benchAxes are those that BenchName writes.
var benchAxes = []benchAxis{
	{"link", true, "a name", func(c *Cell, v string) bool { c.Link = v; return v != "" }},
	{"proto", false, "udp or tcp", func(c *Cell, v string) bool { c.Proto = v; return v == ProtoUDP || v == ProtoTCP }},
	{"family", false, "4 or 6", func(c *Cell, v string) bool { return setInt(&c.Family, v) }},
	{"connected", false, "true or false", func(c *Cell, v string) bool { return setBool(&c.Connected, v) }},
	{"nic", true, "a NIC profile", func(c *Cell, v string) bool { c.NIC = v; return v != "" }},
	{"flows", false, "a whole number", func(c *Cell, v string) bool { return setInt(&c.Flows, v) }},
	{"rate", false, "0: a latency at a set rate is a distribution, which bench output lacks; give the record", func(_ *Cell, v string) bool { return v == "0" }},
	{"footprint", true, "a number of bytes", func(c *Cell, v string) (ok bool) { return setBytes(&c.Footprint, v) }},
	{"pages", false, "small or huge", func(c *Cell, v string) bool { return setPages(&c.Pages, v) }},
	{"fill", true, "stamp or full", func(c *Cell, v string) bool { c.Fill = v; return v == FillStamp || v == FillFull }},
	{"segment", true, "a whole number of bytes", func(c *Cell, v string) bool { return setInt(&c.Segment, v) }},
	{"size", true, "a whole number of bytes", func(c *Cell, v string) bool { return setInt(&c.Size, v) }},
	{"batch", false, "a whole number", func(c *Cell, v string) bool { return setInt(&c.Batch, v) }},
	{"strategy", true, "a name", func(c *Cell, v string) bool { c.Strategy = v; return v != "" }},
	{"aa", false, "true", func(c *Cell, v string) bool { c.AA = true; return v == "true" }},
}

// defaultBenchCell is a cell of BenchmarkSend as far as its name, where nothing else
// varies, doesn't tell it.
var defaultBenchCell = Cell{Proto: ProtoUDP, Family: 4, Connected: true, Flows: 1, Batch: 32}

// parseBenchName reads what BenchName wrote, behind the name of the benchmark and
// before package testing's -N.
func parseBenchName(name string) (benchCell, error) {
	b := benchCell{cell: defaultBenchCell, procs: 1}
	rest, ok := strings.CutPrefix(name, BenchRoot+"/")
	if !ok {
		return b, fmt.Errorf("%s is none of BenchmarkSend's; %s", excerpt([]byte(name)), wantBench)
	}
	if i := strings.LastIndexByte(rest, '-'); i >= 0 {
		// A name of ours has no hyphen before digits that end it, see escapeName.
		if n, err := strconv.ParseUint(rest[i+1:], 10, 16); err == nil && n > 0 {
			b.procs, rest = int(n), rest[:i]
		}
	}
	seen := make(map[string]bool, len(benchAxes))
	for element := range strings.SplitSeq(rest, "/") {
		key, escaped, _ := strings.Cut(element, "=")
		value, err := url.PathUnescape(escaped)
		axis := benchAxisOf(key)
		switch {
		case axis == nil:
			return b, fmt.Errorf("%s in the benchmark's name is no axis of BenchmarkSend; %s", excerpt([]byte(element)), wantBench)
		case seen[key]:
			return b, fmt.Errorf("%s is twice in the benchmark's name; each axis is there once", key)
		case err != nil || !axis.set(&b.cell, value):
			return b, fmt.Errorf("%s is %s in the benchmark's name; it is %s", key, excerpt([]byte(escaped)), axis.want)
		}
		seen[key] = true
	}
	for _, axis := range benchAxes {
		if axis.needed && !seen[axis.key] {
			return b, fmt.Errorf("%s is missing in the benchmark's name; %s", axis.key, wantBench)
		}
	}
	return b, b.cell.check()
}

func benchAxisOf(key string) *benchAxis {
	for i := range benchAxes {
		if benchAxes[i].key == key {
			return &benchAxes[i]
		}
	}
	return nil
}

func setInt(to *int, value string) (ok bool) {
	n, err := strconv.ParseUint(value, 10, 31)
	*to = int(n)
	return err == nil
}

func setBool(to *bool, value string) (ok bool) {
	*to = value == "true"
	return *to || value == "false"
}

func setBytes(to *int64, value string) (ok bool) {
	n, err := ParseBytes(value)
	*to = n
	return err == nil
}

func setPages(to *string, value string) (ok bool) {
	if value == PagesHuge {
		*to = PagesHuge
	}
	return value == PagesHuge || value == "small"
}
