package results_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sendbench/runner/results"
)

var cell = results.Cell{
	Link: "sink", Proto: "udp", Family: 4, Connected: true, NIC: "default", Flows: 1,
	Footprint: 1 << 20, Fill: results.FillStamp, Segment: 1472, Size: 64000, Batch: 32, Strategy: "write",
}

func TestBenchName(t *testing.T) {
	all := results.Axes{Proto: true, Family: true, Connected: true, Flows: true, Batch: true}
	for _, tt := range []struct {
		name    string
		edit    func(c *results.Cell)
		varying results.Axes
		want    string
	}{
		{"plain", func(*results.Cell) {}, results.Axes{},
			"link=sink/nic=default/footprint=1Mi/fill=stamp/segment=1472/size=64000/strategy=write"},
		{"every axis", func(*results.Cell) {}, all,
			"link=sink/proto=udp/family=4/connected=true/nic=default/flows=1/footprint=1Mi/fill=stamp/segment=1472/size=64000/batch=32/strategy=write"},
		{"A/A", func(c *results.Cell) { c.AA = true }, results.Axes{},
			"link=sink/nic=default/footprint=1Mi/fill=stamp/segment=1472/size=64000/strategy=write/aa=true"},
		{"settings of a profile", func(c *results.Cell) { c.NIC = "mtu=9000,tx-udp-segmentation=off" }, results.Axes{},
			"link=sink/nic=mtu=9000,tx-udp-segmentation=off/footprint=1Mi/fill=stamp/segment=1472/size=64000/strategy=write"},
		{"digits at the end", func(c *results.Cell) { c.Strategy = "foo-1" }, results.Axes{},
			"link=sink/nic=default/footprint=1Mi/fill=stamp/segment=1472/size=64000/strategy=foo%2D1"},
		{"hyphen without digits", func(c *results.Cell) { c.Strategy = "foo-1-zc" }, results.Axes{},
			"link=sink/nic=default/footprint=1Mi/fill=stamp/segment=1472/size=64000/strategy=foo-1-zc"},
		{"foreign signs", func(c *results.Cell) { c.NIC, c.Strategy = "a/b c\t%\u00a0ö\x01\xff", "-7" }, results.Axes{},
			"link=sink/nic=a%2Fb%20c%09%25%C2%A0ö%01%FF/footprint=1Mi/fill=stamp/segment=1472/size=64000/strategy=%2D7"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := cell
			tt.edit(&c)
			if got := results.BenchName(c, tt.varying); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestVaryingAxes(t *testing.T) {
	if got := results.VaryingAxes(nil); got != (results.Axes{}) {
		t.Errorf("of no cells: %+v", got)
	}
	six, slow := cell, cell
	six.Family, slow.NIC, slow.Batch = 6, "mtu=9000", 1
	if got, want := results.VaryingAxes([]results.Cell{cell, six, slow}), (results.Axes{Family: true, Batch: true}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// FuzzBenchName holds names to what the format and package testing ask of them.
func FuzzBenchName(f *testing.F) {
	f.Add("default", "write")
	f.Add("a b/c", "foo-1")
	f.Add("\u2028%41", "-\xff-0")
	gomaxprocs := regexp.MustCompile(`-[0-9]+$`)
	f.Fuzz(func(t *testing.T, nic, strategy string) {
		c := cell
		c.NIC, c.Strategy = nic, strategy
		name := results.BenchName(c, results.Axes{})
		if gomaxprocs.MatchString(name) || len(strings.Fields(name)) != 1 {
			t.Errorf("not safe: %q", name)
		}
		parts := strings.Split(name, "/")
		if len(parts) != 7 {
			t.Fatalf("%d parts: %q", len(parts), name)
		}
		for i, want := range map[int]string{1: "nic=" + nic, 6: "strategy=" + strategy} {
			if got, err := url.PathUnescape(parts[i]); err != nil || got != want {
				t.Errorf("part %q unescapes to %q, %v; want %q", parts[i], got, err, want)
			}
		}
	})
}

// TestTestingKeepsTheName runs sub-tests: package testing would rewrite spaces
// and unprintable runes, and the two drivers would disagree.
func TestTestingKeepsTheName(t *testing.T) {
	c := cell
	c.NIC, c.Strategy = "a b\x01/\u00a0\u2028ö,=%", "foo-1"
	name := results.BenchName(c, results.Axes{})
	t.Run(name, func(t *testing.T) {
		if want := "TestTestingKeepsTheName/" + name; t.Name() != want {
			t.Errorf("testing calls it %q, want %q", t.Name(), want)
		}
	})
}
