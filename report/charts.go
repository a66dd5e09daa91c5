package report

import (
	"cmp"
	"fmt"
	"slices"

	"sendbench/runner/results"
)

// gallery collects the charts of a summary.
type gallery struct {
	s        *results.Summary
	list     []setting
	names    []string // of the settings, for files
	styles   map[string]look
	baseline string
	link     string
	drawn    []chart
	missing  []string
}

// charted are the charts of one part of a document, and why others are missing.
type charted struct {
	drawn   []chart
	missing []string
}

// galleries are all charts of a document.
type galleries struct {
	across  charted // that set records side by side
	entries []charted
}

// charts makes every chart of a document. Those of an entry among several have its
// prefix in their names.
func (d document) charts() galleries {
	var g galleries
	for _, e := range d.entries {
		var of charted
		of.drawn, of.missing = charts(e.summary)
		for i := range of.drawn {
			of.drawn[i].name = e.prefix + of.drawn[i].name
		}
		g.entries = append(g.entries, of)
	}
	if len(d.entries) > 1 {
		g.across.drawn, g.across.missing = d.recordCharts()
	}
	return g
}

// all are the charts of all parts.
func (g galleries) all() []chart {
	out := slices.Clone(g.across.drawn)
	for _, e := range g.entries {
		out = append(out, e.drawn...)
	}
	return out
}

// charts makes every chart that the summary has something to show in, and says
// of the others why they are missing.
func charts(s *results.Summary) (drawn []chart, missing []string) {
	list := settings(s)
	if len(list) == 0 {
		return nil, []string{"There are no charts: no trial was measured."}
	}
	g := gallery{s: s, list: list, names: slugs(list), styles: looks(strategyNames(s)),
		baseline: printable(s.Run.Plan.Baseline), link: pathPhrase(s)}
	paced := 0
	for _, st := range list {
		if st.paced() {
			paced++
		}
	}
	if paced < len(list) {
		g.addZeroCopy()
		g.addEffects()
		g.addProfiles()
	}
	g.addScaling()
	for i, st := range list {
		switch {
		case st.paced():
			g.addLatency(i)
		case more(list, i):
			g.missing = append(g.missing, fmt.Sprintf("No charts by size for %s: they are drawn for the fewest flows, and the chart of flows shows what more of them do. All figures are in the tables.", st.name))
			continue
		default:
			g.addThroughput(i)
			g.addCPU(i)
		}
		g.addRelease(i)
	}
	if paced < len(list) {
		g.addRatio()
		g.addFootprints()
	} else {
		g.missing = append(g.missing, "No charts of throughput and CPU time: messages were sent at a set rate, which all strategies share, by senders that watch the clock between two of them. Latency takes their place.")
	}
	g.addCopied()
	return g.drawn, g.missing
}

// onlySize ends what a chart shows, for a title: at which size, where there is one only.
func onlySize(w walk) string {
	if len(w.groups) == 1 {
		return " at " + sizeText(w.groups[0].Cell.Size)
	}
	return ""
}

// overSizes is that of a chart whose sizes are along an axis.
func overSizes(w walk) string { return cmp.Or(onlySize(w), " by message size") }

// explained says how a chart by size is read.
func explained(b sizedBody) string {
	if b == nil {
		return ""
	}
	return b.explain()
}

// add takes a chart where it has something to show.
func (g *gallery) add(c chart, ok bool, otherwise string) {
	switch {
	case ok:
		c.footer = linkCaveat(g.s.Run.Environment.Link)
		g.drawn = append(g.drawn, c)
	case otherwise != "":
		g.missing = append(g.missing, otherwise)
	}
}

// where names the link and a setting's profile for a title.
func (g *gallery) where(i int) string {
	return fmt.Sprintf("%s, NIC profile %s", g.link, g.list[i].name)
}

func (g *gallery) addZeroCopy() {
	body, ok := worthBody(g.list)
	g.add(chart{
		name: "zerocopy", setting: -1, table: worthTableID, title: "The best zero copy as a ratio to the best that copies: " + g.link,
		subtitle: "Throughput, by how buffers are used and by size in bytes. Blue: some zero copy is ahead of every way that copies. Orange: some way that copies is ahead of every zero copy. " +
			"Uncoloured: undecided (=), or too few rounds (?). Dashes: not compared, and the table says why.",
		alt:  "Heat map of the throughput of the best zero-copy strategy over that of the best that copies, buffers by size, a panel a NIC profile.",
		body: body,
	}, ok, "No chart of zero copy against copying: nowhere was one of each measured.")
}

func (g *gallery) addEffects() {
	size, list := largestEffects(g.s)
	if len(list) == 0 {
		return // a sweep of one profile asks nothing of this chart
	}
	body, ok := effectsBody(list, g.styles)
	g.add(chart{
		name: "settings", setting: -1, table: effectsTableID, title: fmt.Sprintf("What each NIC setting does at %s: %s", sizeText(size), g.link),
		subtitle: fmt.Sprintf("Throughput under the setting as a ratio to that under %s, %s, taken inside super-rounds. Right of 1 is faster; whiskers are %.0f %% intervals. "+
			"A grey figure shows no difference (=), or has too few super-rounds (?).%s", printable(list[0].reference), g.list[0].walks[0].title(), results.Confidence*100, body.floorSentence()),
		alt:  "Ratio of each strategy's throughput under each NIC setting to that under the reference profile. The figures are in the tables.",
		body: body,
	}, ok, "No chart of NIC settings: no ratio could be taken.")
}

// addProfiles sets NIC profiles side by side, of the settings that send as fast as
// they can with the fewest flows.
func (g *gallery) addProfiles() {
	var list []setting
	for i, st := range g.list {
		if !st.paced() && !more(g.list, i) {
			list = append(list, st)
		}
	}
	if len(list) < 2 {
		return // a sweep of one profile asks nothing of this chart
	}
	body, ok := profilesBody(list, g.styles)
	g.add(chart{
		name: "profiles", setting: -1, table: tableID(tableResults, 0, 0), title: "Throughput under each NIC profile" + onlySize(sharedSizes(firstWalks(list))[0]) + ": " + g.link,
		subtitle: capital(list[0].walks[0].title()) + ". One scale for all panels, the sizes that all share. " + explained(body),
		alt:      "Throughput of each strategy by message size, a panel a NIC profile. The figures are in the tables.",
		body:     body,
	}, ok, "No chart of throughput under each NIC profile: no size has a valid trial.")
}

func (g *gallery) addScaling() {
	for i, sc := range scalings(g.list) {
		name := "scaling"
		if i > 0 {
			name += "-" + slug(sc.name) + fmt.Sprintf("-%d", i+1)
		}
		body, ok := scalingBody(sc, g.list, g.styles)
		g.add(chart{
			name: name, setting: -1, table: tableID(tableFlows, i, 0), title: fmt.Sprintf("Throughput by number of flows: %s, NIC profile %s", g.link, sc.name),
			subtitle: fmt.Sprintf("All flows together, each with a thread, a CPU and a socket of its own. Both axes logarithmic. Whiskers: %.0f %% intervals. Dashed: in proportion to the number of flows. "+
				"Of many sizes the smallest, a middle and the largest are drawn.", results.Confidence*100),
			alt:  "Throughput of all flows together by the number of flows, a panel a size and use of buffers. The figures are in the tables.",
			body: body,
		}, ok, fmt.Sprintf("No chart of flows for %s: no size was measured with several.", sc.name))
	}
}

func (g *gallery) addThroughput(i int) {
	st := g.list[i]
	body, ok := throughputBody(st.walks[0], g.styles, g.baseline)
	g.add(chart{
		name: "throughput-" + g.names[i], setting: i, table: tableID(tableResults, i, 0), title: "Throughput" + overSizes(st.walks[0]) + ": " + g.where(i),
		subtitle: capital(st.walks[0].title()) + ". " + explained(body),
		alt:      "Throughput of each strategy by message size, and its ratio to " + g.baseline + ". The figures are in the tables.",
		body:     body,
	}, ok, fmt.Sprintf("No throughput chart for %s: no size has a valid trial.", st.name))
}

func (g *gallery) addLatency(i int) {
	st := g.list[i]
	body, ok := latencyBody(st, g.styles)
	g.add(chart{
		name: "latency-" + g.names[i], setting: i, table: tableID(tableLatency, i, 0), title: fmt.Sprintf("Latency at %s: %s", rateName(st.cell.Rate), g.where(i)),
		subtitle: fmt.Sprintf("The share of messages that took longer than a time, from when each was to be sent until its buffer was the sender's again. Further left is faster. Both axes logarithmic; "+
			"all rounds together, with marks at their percentiles; dashed, what was never sent. Below, apart from that: the median of the rounds' p99, with its %.0f %% interval, a row a strategy.", results.Confidence*100),
		alt:  "Distribution of each strategy's latency, a panel a size and use of buffers. The percentiles are in the tables.",
		body: body,
	}, ok, fmt.Sprintf("No latency chart for %s: no trial has latencies.", st.name))
}

func (g *gallery) addCPU(i int) {
	st := g.list[i]
	body, ok := cpuBody(st.walks[0], g.styles, g.baseline)
	g.add(chart{
		name: "cpu-" + g.names[i], setting: i, table: tableID(tableResults, i, 0), title: "CPU time a byte" + overSizes(st.walks[0]) + ": " + g.where(i),
		subtitle: capital(st.walks[0].title()) + ". " + explained(body) + " CPU time is that of the senders' threads and of kernel threads that send for them.",
		alt:      "CPU time a payload byte of each strategy by message size, and its ratio to " + g.baseline + ". The figures are in the tables.",
		body:     body,
	}, ok, fmt.Sprintf("No CPU chart for %s: the record has no CPU times for it.", st.name))
}

func (g *gallery) addRelease(i int) {
	st := g.list[i]
	body, ok := releaseBody(st.walks[0], g.styles)
	g.add(chart{
		name: "release-" + g.names[i], setting: i, table: tableID(tableRelease, i, 0), title: "How long zero copy keeps a buffer: " + g.where(i),
		subtitle: capital(st.walks[0].title()) + ". From when a message is handed over until the kernel says that its buffer is free, medians over rounds" + together(st.walks[0]) + ". One scale. " + explained(body),
		alt:      "Time to release of each zero-copy strategy by message size, median and 99th percentile. The figures are in the tables.",
		body:     body,
	}, ok, "")
}

func (g *gallery) addRatio() {
	g.add(chart{
		name: "ratio", setting: -1, table: tableID(tableResults, 0, 0), title: fmt.Sprintf("Throughput as a ratio to %s: %s", g.baseline, g.link),
		subtitle: fmt.Sprintf("%s. Coloured: shown to differ, beyond the noise floor. Uncoloured: no difference shown (=), or too few rounds (?). "+
			"Hatched: unsupported here, or left out. The row of %s holds the noise floor.", capital(g.list[0].walks[0].title()), g.baseline),
		alt:  "Heat map of the ratio of each strategy's throughput to " + g.baseline + ", strategy by size, a panel a NIC profile. The figures are in the tables.",
		body: ratioBody(g.list, g.s, g.baseline),
	}, true, "")
}

func (g *gallery) addFootprints() {
	walked := 0
	for i, st := range g.list {
		if len(st.walks) < 2 || st.paced() || more(g.list, i) {
			continue
		}
		name := "footprint"
		if walked > 0 {
			name += "-" + g.names[i]
		}
		walked++
		body, ok := footprintBody(st, g.styles)
		g.add(chart{
			name: name, setting: i, table: tableID(tableResults, i, 0), title: fmt.Sprintf("Hot or cold, stamped or filled, throughput as a ratio to %s%s: %s", g.baseline, onlySize(sharedSizes(st.walks)[0]), g.where(i)),
			subtitle: "Hot buffers are copied from cache, which flatters copying. Stamped ones (16 B written before each send) flatter zero copy: a program that makes " +
				"its data fills them. One scale for all panels, the sizes that all share. " + explained(body),
			alt:  "Ratio of each strategy's throughput to " + g.baseline + " by size, a panel a use of buffers. The figures are in the tables.",
			body: body,
		}, ok, fmt.Sprintf("No chart of hot, cold and filled for %s: no ratio could be taken.", st.name))
	}
	if walked == 0 {
		g.missing = append(g.missing, "No chart of hot, cold and filled: the sweep has one footprint and one fill only, so how far they decide the answer was not shown.")
	}
}

func (g *gallery) addCopied() {
	body, ok := copiedBody(g.list, g.s)
	g.add(chart{
		name: "copied", setting: -1, table: tableID(tableResults, 0, 0), title: "Share of zero-copy sends that the kernel copied: " + g.link,
		subtitle: "By the kernel's own notifications, over all uses of buffers. 0 % is true zero copy; at 100 % no zero copy happened.",
		alt:      "Share of notifications that say the kernel copied, strategy by size, a panel a NIC profile. The figures are in the tables.",
		body:     body,
	}, ok, "No chart of copied shares: no strategy asked for zero copy and was notified of it.")
}
