package results

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// BenchRoot is the Go benchmark that every cell is a sub-benchmark of.
const BenchRoot = "BenchmarkSend"

// Axes are those of a cell that a benchmark's name carries only where they
// tell cells apart.
type Axes struct {
	Proto, Family, Connected, Flows, Pages, Batch, Rate bool
}

// VaryingAxes finds the axes that the cells have more than one value of.
func VaryingAxes(cells []Cell) Axes {
	var a Axes
	for _, c := range cells {
		first := cells[0]
		a.Proto = a.Proto || c.Proto != first.Proto
		a.Family = a.Family || c.Family != first.Family
		a.Connected = a.Connected || c.Connected != first.Connected
		a.Flows = a.Flows || c.Flows != first.Flows
		a.Pages = a.Pages || c.Pages != first.Pages
		a.Batch = a.Batch || c.Batch != first.Batch
		a.Rate = a.Rate || c.Rate != first.Rate
	}
	return a
}

// BenchName is the cell's name as a sub-benchmark of BenchRoot, without a
// leading slash: link=sink/nic=default/…/strategy=write. It carries link, nic,
// footprint, fill, segment, size and strategy, the axes that vary, in the order
// of Cell's fields, and aa=true at last for the baseline's second visit.
//
// Values are escaped so that package testing and the readers of the Go
// benchmark format (https://go.dev/design/14313-benchmark-format) leave them as
// they are, and url.PathUnescape undoes it: slashes, percent signs, white
// space and what can't be printed become %XX, and so does a hyphen before
// digits that end a value. At the end of a name these would be taken for
// GOMAXPROCS.
func BenchName(c Cell, varying Axes) string {
	var b strings.Builder
	add := func(key, value string) {
		if b.Len() > 0 {
			b.WriteByte('/')
		}
		b.WriteString(key)
		b.WriteByte('=')
		b.WriteString(escapeName(value))
	}
	add("link", c.Link)
	if varying.Proto {
		add("proto", c.Proto)
	}
	if varying.Family {
		add("family", strconv.Itoa(c.Family))
	}
	if varying.Connected {
		add("connected", strconv.FormatBool(c.Connected))
	}
	add("nic", c.NIC)
	if varying.Flows {
		add("flows", strconv.Itoa(c.Flows))
	}
	if varying.Rate {
		add("rate", strconv.FormatInt(c.Rate, 10))
	}
	add("footprint", FormatBytes(c.Footprint))
	if varying.Pages {
		add("pages", cmp.Or(c.Pages, "small"))
	}
	add("fill", c.Fill)
	add("segment", strconv.Itoa(c.Segment))
	add("size", strconv.Itoa(c.Size))
	if varying.Batch {
		add("batch", strconv.Itoa(c.Batch))
	}
	add("strategy", c.Strategy)
	if c.AA {
		add("aa", "true")
	}
	return b.String()
}

func escapeName(s string) string {
	digits := len(strings.TrimRight(s, "0123456789"))
	var b strings.Builder
	for i, r := range s {
		_, width := utf8.DecodeRuneInString(s[i:])
		hyphen := r == '-' && i == digits-1 && digits < len(s)
		broken := r == utf8.RuneError && width == 1
		if r == '/' || r == '%' || hyphen || broken || unicode.IsSpace(r) || !strconv.IsPrint(r) {
			for _, raw := range []byte(s[i : i+width]) {
				fmt.Fprintf(&b, "%%%02X", raw)
			}
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
