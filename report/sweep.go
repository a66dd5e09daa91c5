package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// setting is one state of the path that packets take: a NIC profile and whatever
// else a sweep varies beside size and the use of buffers. Charts are made of one.
type setting struct {
	cell  results.Cell // with size, footprint, pages and fill zero
	name  string       // "mtu=9000", or "mtu=9000, flows 2" where a profile has several
	walks []walk       // stamp before full, hot before cold, small pages before huge ones
}

// walk is one way of going through the sender's buffers, at every size measured.
type walk struct {
	footprint   int64 // bytes a flow
	pages       string
	fill        string
	temperature string // hot, warm or cold
	groups      []results.Group
	blanks      map[strategyAt]string // why cells have no figures
	gaps        []gap                 // ascending by size
}

// holds reports whether a cell belongs to the walk.
func (w walk) holds(c results.Cell) bool {
	return w.footprint == c.Footprint && w.pages == c.Pages && w.fill == c.Fill
}

// paced reports whether messages were sent at set times: then all strategies have
// one rate, and latency is what tells them apart.
func (st setting) paced() bool { return st.cell.Rate > 0 }

// paced reports so of a walk.
func (w walk) paced() bool { return len(w.groups) > 0 && w.groups[0].Cell.Rate > 0 }

// settings puts a summary's groups in order. The first walk of each setting is
// the one that short answers and most charts are about: hot stamped, where that
// was measured.
func settings(s *results.Summary) []setting {
	var list []setting
	for _, g := range s.Groups {
		if g.Cell.Size < 1 {
			continue // the reader refuses such a record; it has no place on a logarithmic axis
		}
		key := g.Cell
		key.Size, key.Footprint, key.Pages, key.Fill = 0, 0, "", ""
		i := slices.IndexFunc(list, func(st setting) bool { return st.cell == key })
		if i < 0 {
			i = len(list)
			list = append(list, setting{cell: key})
		}
		st := &list[i]
		j := slices.IndexFunc(st.walks, func(w walk) bool { return w.holds(g.Cell) })
		if j < 0 {
			j = len(st.walks)
			st.walks = append(st.walks, walk{footprint: g.Cell.Footprint, pages: g.Cell.Pages, fill: g.Cell.Fill})
		}
		st.walks[j].groups = append(st.walks[j].groups, g)
	}
	of := make(map[results.Cell][]blank) // by walk
	for _, b := range blanks(s) {
		of[walkKey(b.cell)] = append(of[walkKey(b.cell)], b)
	}
	for i := range list {
		list[i].name = settingName(list, i)
		slices.SortStableFunc(list[i].walks, func(a, b walk) int {
			return cmp.Or(cmp.Compare(fillRank(a.fill), fillRank(b.fill)), cmp.Compare(a.footprint, b.footprint), cmp.Compare(a.pages, b.pages))
		})
		for j := range list[i].walks {
			w := &list[i].walks[j]
			w.temperature = w.warmth(s.Run.Environment.LLCBytes)
			slices.SortStableFunc(w.groups, func(a, b results.Group) int { return cmp.Compare(a.Cell.Size, b.Cell.Size) })
			w.addBlanks(of[walkKey(w.groups[0].Cell)])
		}
	}
	return list
}

// walkKey is a cell without what differs within a walk.
func walkKey(c results.Cell) results.Cell {
	c = c.Group()
	c.Size = 0
	return c
}

// fillRank orders fills: a stamp, the full payload, then any that are new.
func fillRank(fill string) int {
	switch fill {
	case results.FillStamp:
		return 0
	case results.FillFull:
		return 1
	}
	return 2
}

// settingName names a setting by its profile and by those axes that the sweep
// has more than one value of within the profile.
func settingName(list []setting, i int) string {
	c := list[i].cell
	parts := []string{printable(c.NIC)}
	axes := []struct {
		value func(results.Cell) any
		name  string
	}{
		{func(c results.Cell) any { return c.Link }, "link " + printable(c.Link)},
		{func(c results.Cell) any { return c.Proto }, printable(c.Proto)},
		{func(c results.Cell) any { return c.Family }, fmt.Sprintf("IPv%d", c.Family)},
		{func(c results.Cell) any { return c.Connected }, connectedName(c.Connected)},
		{func(c results.Cell) any { return c.Flows }, fmt.Sprintf("flows %d", c.Flows)},
		{func(c results.Cell) any { return c.Segment }, segmentName(c.Segment)},
		{func(c results.Cell) any { return c.Batch }, fmt.Sprintf("batch %d", c.Batch)},
		{func(c results.Cell) any { return c.Rate }, rateName(c.Rate)},
	}
	for _, a := range axes {
		if slices.ContainsFunc(list, func(o setting) bool { return o.cell.NIC == c.NIC && a.value(o.cell) != a.value(c) }) {
			parts = append(parts, a.name)
		}
	}
	return strings.Join(parts, ", ")
}

func connectedName(connected bool) string {
	if connected {
		return "connected"
	}
	return "unconnected"
}

func segmentName(bytes int) string {
	if bytes == 0 {
		return "no segmentation"
	}
	return fmt.Sprintf("segment %d", bytes)
}

func rateName(messages int64) string {
	if messages == 0 {
		return "no set rate"
	}
	return fmt.Sprintf("%d messages/s", messages)
}

// warmth says what a walk finds in a last-level cache of llc bytes (0 if
// unknown, when 1 MiB is taken to fit and nothing else): all of it, none of it,
// or something between. Hot goes by the buffers set aside for all flows, cold by
// the bytes that every trial is known to have touched.
func (w walk) warmth(llc int64) string {
	if llc <= 0 {
		llc = 1 << 20
	}
	flows, touched := 1, w.footprint
	for _, g := range w.groups {
		flows = max(flows, g.Cell.Flows)
		for _, r := range g.Rows {
			if r.Rounds > 0 {
				touched = min(touched, r.TouchedBytes)
			}
		}
	}
	switch {
	case w.footprint <= llc/int64(flows):
		return "hot"
	case touched/2 >= llc:
		return "cold"
	}
	return "warm"
}

// use is the temperature and the fill: hot stamped, cold filled.
func (w walk) use() string {
	switch w.fill {
	case results.FillStamp:
		return w.temperature + " stamped"
	case results.FillFull:
		return w.temperature + " filled"
	}
	return w.temperature + " " + printable(w.fill)
}

// name is that with the pages, where they aren't small: hot stamped, huge pages.
func (w walk) name() string {
	if w.pages == "" {
		return w.use()
	}
	return w.use() + ", " + printable(w.pages) + " pages"
}

// kind is the name as an adjective for buffers in a sentence: hot stamped
// huge-page.
func (w walk) kind() string {
	if w.pages == "" {
		return w.use()
	}
	return w.use() + " " + printable(w.pages) + "-page"
}

// title also says what that means, in bytes.
func (w walk) title() string {
	in, written := "", ""
	if w.pages != "" {
		in = " in " + printable(w.pages) + " pages"
	}
	switch w.fill {
	case results.FillStamp:
		written = ", 16 B written before each send"
	case results.FillFull:
		written = ", the whole payload written before each send"
	}
	return fmt.Sprintf("%s buffers%s: %s%s", w.use(), in, bytesLabel(w.footprint), written)
}

// sizes lists those measured, ascending.
func (w walk) sizes() []int {
	out := make([]int, len(w.groups))
	for i, g := range w.groups {
		out[i] = g.Cell.Size
	}
	return out
}

// rowOf finds a strategy in a group.
func rowOf(g results.Group, strategy string) (results.Row, bool) {
	i := slices.IndexFunc(g.Rows, func(r results.Row) bool { return r.Strategy == strategy })
	if i < 0 {
		return results.Row{}, false
	}
	return g.Rows[i], true
}

// zeroCopy reports whether the strategy asks for zero copy: only such sends are
// notified of.
func zeroCopy(r results.Row) bool { return r.Notifications > 0 }

// slug turns a name into a part of a file name that every file system takes:
// lower-case letters, digits, dots and dashes.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.' && b.Len() > 0:
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 60 {
			break
		}
	}
	if s := strings.Trim(b.String(), "-."); s != "" {
		return s
	}
	return "profile"
}

// slugs gives each setting a name of its own; what clashes is numbered.
func slugs(list []setting) []string {
	out := make([]string, len(list))
	for i, st := range list {
		base := slug(st.name)
		out[i] = base
		for n := 2; slices.Contains(out[:i], out[i]); n++ {
			out[i] = fmt.Sprintf("%s-%d", base, n)
		}
	}
	return out
}
