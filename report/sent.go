package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// sent says how messages were sent, of what the figures don't name each time: protocol
// and family, segmentation, batches, flows, rates and pages, with every value that the
// sweep has.
func sent(s *results.Summary) string {
	if len(s.Groups) == 0 {
		return ""
	}
	each := func(value func(results.Cell) string) string {
		var values []string
		for _, g := range s.Groups {
			if v := value(g.Cell); v != "" {
				values = addOnce(values, v)
			}
		}
		return join(values, "and")
	}
	most := ""
	if s.Run.Bench != nil {
		most = " at most" // half of the buffers, where that is less, which bench output doesn't tell
	}
	parts := []string{
		each(func(c results.Cell) string {
			return fmt.Sprintf("%s over IPv%d", strings.ToUpper(printable(c.Proto)), c.Family)
		}),
		each(func(c results.Cell) string {
			if c.Proto == results.ProtoTCP {
				return "" // a stream, which the kernel segments as it likes
			}
			return segmentName(c.Segment)
		}),
		each(func(c results.Cell) string { return count(c.Flows, "flow", "flows") }),
		each(func(c results.Cell) string { return fmt.Sprintf("batches of %d", c.Batch) }) + most + cutBatches(s.Groups),
	}
	for _, more := range []string{
		each(func(c results.Cell) string {
			if c.Rate > 0 {
				return rateName(c.Rate)
			}
			return ""
		}),
		each(func(c results.Cell) string {
			if c.Pages != "" {
				return "buffers in " + printable(c.Pages) + " pages"
			}
			return ""
		}),
	} {
		if more != "" {
			parts = append(parts, more)
		}
	}
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" })
	return "Sent: " + strings.Join(parts, ", ") + "."
}

// visited says why profiles were visited less often than there are rounds; nothing
// where each round was a visit.
func visited(p results.Plan) string {
	if p.WhyVisits == "" {
		return ""
	}
	return fmt.Sprintf("Each NIC profile was visited %s for %s of each cell: %s", count(p.SuperRounds, "time", "times"),
		count(p.Rounds, "round", "rounds"), sentence(p.WhyVisits))
}

// method is how messages were sent and received, in a few sentences.
func method(s *results.Summary) string {
	return sentences(sent(s), visited(s.Run.Plan), peerSentence(s.Run.Environment.Link))
}

// sentences are those that there are, one after the other.
func sentences(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(text string) bool { return text == "" }), " ")
}

// cutBatches says where buffers are too few for the batches that were asked for.
func cutBatches(groups []results.Group) string {
	type cut struct {
		footprint   int64
		size, batch int
	}
	var cuts []cut
	for _, g := range groups {
		for _, r := range g.Rows {
			if r.EffectiveBatch > 0 && r.EffectiveBatch < g.Cell.Batch {
				c := cut{g.Cell.Footprint, g.Cell.Size, r.EffectiveBatch}
				if !slices.Contains(cuts, c) {
					cuts = append(cuts, c)
				}
			}
		}
	}
	slices.SortFunc(cuts, func(a, b cut) int {
		return cmp.Or(cmp.Compare(a.footprint, b.footprint), cmp.Compare(a.size, b.size), cmp.Compare(a.batch, b.batch))
	})
	var parts []string
	for i, c := range cuts {
		text := fmt.Sprintf("%d at %s", c.batch, sizeText(c.size))
		if i == len(cuts)-1 || cuts[i+1].footprint != c.footprint {
			text += fmt.Sprintf(" in %s", bytesLabel(c.footprint))
		}
		parts = append(parts, text)
	}
	if parts == nil {
		return ""
	}
	return fmt.Sprintf(" (%s, half of the buffers)", strings.Join(parts, ", "))
}

// together says that a batch is released at once, where a smaller one would otherwise
// look like quicker release.
func together(w walk) string {
	if len(w.groups) == 0 {
		return ""
	}
	return fmt.Sprintf("; a batch is waited for together: of %d%s", w.groups[0].Cell.Batch, cutBatches(w.groups))
}
