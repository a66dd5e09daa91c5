package probe

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// words for outcomes in the table, of four columns at most.
var outcomeWords = map[Outcome]string{
	ZeroCopy: "zero", Copied: "COPY", Sent: "sent", Unreported: "?", Unsupported: "-", Failed: "FAIL",
}

var outcomeAttributes = map[Outcome]string{ZeroCopy: green, Copied: red, Failed: red, Unreported: yellow}

// link is what was tried over it.
func (t text) link(r *Report) {
	l := r.Link
	article := ""
	if r.Privileges != "root" {
		article = "an "
	}
	t.section(fmt.Sprintf("Tried as %s%s on the link %s, MTU %d: %s", article, r.Privileges, l.Name, l.Device.MTU, l.Description))
	t.tries(l.Tries, []tryColumns{
		{fmt.Sprintf("UDP_SEGMENT %d (auto)", l.AutoSegment), l.AutoSegment}, {"UDP_SEGMENT off", 0},
	})
	if len(l.TCPTries) > 0 {
		t.tries(l.TCPTries, []tryColumns{{"TCP", 0}})
	}
	t.item(0, "", "", "zero: from the buffer itself, COPY: copied though asked not to, sent: a way that always copies, ?: the kernel doesn't say, -: unsupported")
	t.failures(slices.Concat(l.Tries, l.TCPTries))
}

// tryColumns are the sizes under one heading.
type tryColumns struct {
	head    string
	segment int
}

// tries is a line a strategy.
func (t text) tries(tries []Try, groups []tryColumns) {
	var order []string
	outcome := map[Try]Outcome{} // by a try's strategy, size and segment
	for _, try := range tries {
		if !slices.Contains(order, try.Strategy) {
			order = append(order, try.Strategy)
		}
		outcome[Try{Strategy: try.Strategy, SizeBytes: try.SizeBytes, SegmentBytes: try.SegmentBytes}] = try.Outcome
	}
	const name = 19
	width := 0
	for _, size := range Sizes {
		width += columnOf(size)
	}
	heads := fmt.Sprintf("  %-*s", name, "")
	for _, g := range groups {
		heads += fmt.Sprintf("  %-*s", width, " "+g.head)
	}
	t.WriteString(strings.TrimRight(heads, " ") + "\n")
	fmt.Fprintf(t, "  %-*s", name, "bytes a message")
	for range groups {
		t.WriteString("  ")
		for _, size := range Sizes {
			fmt.Fprintf(t, "%*d", columnOf(size), size)
		}
	}
	t.WriteByte('\n')
	for _, strategy := range order {
		fmt.Fprintf(t, "  %-*s", name, printable(strategy))
		for _, g := range groups {
			t.WriteString("  ")
			for _, size := range Sizes {
				o := outcome[Try{Strategy: strategy, SizeBytes: size, SegmentBytes: g.segment}]
				word := outcomeWords[o]
				t.WriteString(strings.Repeat(" ", columnOf(size)-len(word)))
				t.paint(outcomeAttributes[o], word)
			}
		}
		t.WriteByte('\n')
	}
}

// columnOf is the width of a size's column.
func columnOf(size int) int { return max(len(strconv.Itoa(size)), len("zero")) + 1 }

// failures are the reasons for which ways sent nothing, the first of each way.
func (t text) failures(tries []Try) {
	var told []string
	reasons := newGroups()
	for _, try := range tries {
		if try.Reason != "" && !slices.Contains(told, try.Strategy) {
			told = append(told, try.Strategy)
			reasons.add(try.Reason, try.Strategy)
		}
	}
	for _, why := range reasons.order {
		t.item(0, "", yellow, strings.Join(reasons.names[why], ", ")+": "+why)
	}
}

// groups are names that share something, in the order in which they came.
type groups struct {
	order []string
	names map[string][]string
}

func newGroups() groups { return groups{names: map[string][]string{}} }

func (g *groups) add(key, name string) {
	if g.names[key] == nil {
		g.order = append(g.order, key)
	}
	g.names[key] = append(g.names[key], name)
}
