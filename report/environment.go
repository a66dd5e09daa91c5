package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sendbench/runner/results"
)

// factGroup is what is known of one part of the machine or the run.
type factGroup struct {
	Heading string
	Facts   []fact
}

type fact struct{ Name, Value string }

// environmentFacts lists what bears on the figures. What the record doesn't know
// is left out.
func environmentFacts(s *results.Summary) []factGroup {
	run, env := s.Run, s.Run.Environment
	if run.Bench != nil {
		return benchFacts(s)
	}
	groups := []factGroup{machineFacts(env), kernelFacts(env), linkFacts(env.Link)}
	if env.Link.Peer != nil {
		groups = append(groups, peerFacts(*env.Link.Peer))
	}
	groups = append(groups, factGroup{Heading: "Run"})
	last := &groups[len(groups)-1]
	last.add("Plan", fmt.Sprintf("%s of each cell in %s of each NIC profile", count(run.Plan.Rounds, "round", "rounds"), count(run.Plan.SuperRounds, "visit", "visits")))
	last.add("Why fewer visits", run.Plan.WhyVisits)
	if run.Plan.Precision > 0 {
		last.add("Precision", "±"+precisionFigure(run.Plan.Precision)+" of every ratio")
	}
	last.add("Trial", nanoseconds(run.Plan.TrialNS)+" after "+nanoseconds(run.Plan.WarmupNS)+" of warm-up")
	last.add("Budget", nanoseconds(run.Plan.BudgetNS))
	last.add("Trials", fmt.Sprintf("%d, %d invalid", s.Trials, s.Invalid))
	last.add("Started", run.Started)
	if s.End != nil {
		last.add("Ended", strings.TrimPrefix(s.End.Finished+", "+s.End.Status, ", "))
	}
	last.add("Go", env.GoVersion)
	last.add("Commit", env.Commit)
	last.add("Build", env.Build)
	for _, c := range env.Clocks {
		last.add("Clock "+c.Field, fmt.Sprintf("%s, resolution %s", c.Source, nanoseconds(c.ResolutionNS)))
	}
	last.add("Hardware counters", counters(s))
	if g := disturbanceFacts(s); len(g.Facts) > 0 {
		groups = append(groups, g)
	}
	return groups
}

func (g *factGroup) add(name, value string) {
	if value = printableText(value); value != "" {
		g.Facts = append(g.Facts, fact{printable(name), value})
	}
}

func machineFacts(env results.Environment) factGroup {
	g := factGroup{Heading: "Machine"}
	g.add("Host", env.Hostname)
	g.add("CPU", env.CPUModel)
	g.add("CPUs", fmt.Sprintf("%d of %d online may be used; the sender is on CPU %d", env.CPUs, env.CPUsOnline, env.SenderCPU))
	g.add("Hypervisor", env.Hypervisor)
	g.add("SMT", env.SMT)
	g.add("Governor", env.Governor)
	g.add("Turbo", env.Turbo)
	for _, c := range env.Caches {
		g.add(fmt.Sprintf("L%d %s", c.Level, strings.ToLower(c.Type)), bytesLabel(c.Bytes))
	}
	if env.MemoryBytes > 0 {
		g.add("Memory", fmt.Sprintf("%.1f GiB", float64(env.MemoryBytes)/(1<<30)))
	}
	g.add("Huge pages", env.THP)
	return g
}

func kernelFacts(env results.Environment) factGroup {
	g := factGroup{Heading: "Kernel and limits"}
	g.add("Kernel", orUnknown(env.KernelFull, env.Kernel))
	g.add("Architecture", strings.TrimSpace(env.OS+" "+env.Arch))
	g.add("Privileges", env.Privileges)
	memlock := bytesLabel(env.MemlockBytes)
	if env.MemlockBytes < 0 {
		memlock = "unlimited"
	}
	if env.MemlockExempt {
		memlock += ", exempt"
	}
	g.add("Locked memory", memlock)
	for _, l := range []struct {
		name  string
		bytes int64
	}{{"wmem_max", env.WmemMax}, {"rmem_max", env.RmemMax}, {"optmem_max", env.OptmemMax}, {"SO_SNDBUF granted", env.SendBufferBytes}} {
		if l.bytes > 0 {
			g.add(l.name, bytesLabel(l.bytes))
		}
	}
	if env.IOUringDisabled >= 0 {
		g.add("io_uring_disabled", fmt.Sprint(env.IOUringDisabled))
	}
	for _, name := range slices.Sorted(maps.Keys(env.Mitigations)) {
		g.add(name, env.Mitigations[name])
	}
	return g
}

func linkFacts(l results.Link) factGroup {
	g := factGroup{Heading: "Link and device"}
	g.add("Link", l.Name)
	g.add("Inside", l.Namespace)
	switch {
	case l.ZeroCopy == nil:
		g.add("Probe send", "whether it was copied can't be told")
	case *l.ZeroCopy:
		g.add("Probe send", "not copied")
	default:
		g.add("Probe send", "copied")
	}
	g.add("Why copied", l.WhyCopied)
	g.addDevice(l.Device)
	return g
}

// addDevice adds what a network device is set to.
func (g *factGroup) addDevice(d results.Device) {
	g.add("Device", strings.TrimSpace(d.Name+" "+d.Driver))
	if d.MTU > 0 {
		g.add("MTU", fmt.Sprint(d.MTU))
	}
	g.add("Queueing", d.Qdisc)
	for _, name := range slices.Sorted(maps.Keys(d.Limits)) {
		g.add(name, fmt.Sprint(d.Limits[name]))
	}
	// A device has dozens of features: those that are on say what it can do.
	var on []string
	for _, name := range slices.Sorted(maps.Keys(d.Features)) {
		if strings.HasPrefix(d.Features[name], "on") {
			on = append(on, name)
		}
	}
	g.add("Features on", strings.Join(on, ", "))
}

// nanoseconds prints a planned duration; nothing for none.
func nanoseconds(ns int64) string {
	if ns <= 0 {
		return ""
	}
	return time.Duration(ns).String()
}
