package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// disturbanceFacts list what went on beside the run, as it began and as it ended.
func disturbanceFacts(s *results.Summary) factGroup {
	g := factGroup{Heading: "Disturbance, before and after"}
	before := s.Run.Environment.Before
	if before == nil {
		return g
	}
	after, ended := *before, s.End != nil && s.End.After != nil
	if ended {
		after = *s.End.After
	}
	both := func(name string, of func(results.Disturbance) string) {
		g.add(name, fromTo(of(*before), of(after)))
	}
	both("Load average", func(d results.Disturbance) string { return fmt.Sprintf("%.2f", d.Load1) })
	if ended {
		g.add("Busy, all CPUs", fmt.Sprintf("%s, %d of them stolen", count(int(after.BusyTicks-before.BusyTicks), "tick", "ticks"), after.StolenTicks-before.StolenTicks))
	}
	both("Frequency", func(d results.Disturbance) string {
		if d.FrequencyKHz <= 0 {
			return ""
		}
		return fmt.Sprintf("%.2f GHz", float64(d.FrequencyKHz)/1e6)
	})
	both("Governor", func(d results.Disturbance) string { return printableText(d.Governor) })
	both("Turbo", func(d results.Disturbance) string { return printableText(d.Turbo) })
	if ended && before.Throttled >= 0 && after.Throttled >= 0 {
		g.add("Throttled", count(int(after.Throttled-before.Throttled), "time", "times"))
	}
	both("Packet taps", func(d results.Disturbance) string { return cmp.Or(strings.Join(d.Taps, ", "), "none") })
	if ended {
		var parts []string
		for _, cpu := range slices.Sorted(maps.Keys(after.Interrupts)) {
			parts = append(parts, fmt.Sprintf("%s %d", cpu, after.Interrupts[cpu]-before.Interrupts[cpu]))
		}
		g.add("Device interrupts", strings.Join(parts, ", "))
	}
	names := slices.Collect(maps.Keys(before.Settings))
	for name := range after.Settings {
		names = addOnce(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		both(name, func(d results.Disturbance) string { return d.Settings[name] })
	}
	return g
}

// fromTo is a value that may have changed.
func fromTo(before, after string) string {
	if before == after {
		return before
	}
	return fmt.Sprintf("%s before, %s after", cmp.Or(before, "unknown"), cmp.Or(after, "unknown"))
}
