package resultstest

import (
	"slices"

	"sendbench/runner/results"
)

// links say what each link is and what it can't show.
var links = map[string]struct{ description, caveat string }{
	"sink": {
		"a veth pair whose far end drops every packet at ingress",
		"the sink has no receiver and no DMA: it shows what sending alone costs",
	},
	"pair": {
		"a veth pair to a receiver in a second network namespace",
		"the pair copies every packet on delivery: zero copy can't show its worth",
	},
	"loopback": {
		"the loopback device and a receiver on it",
		"loopback copies every packet on delivery: zero copy can't show its worth",
	},
}

// run is the opening of the record: a plan with every cell asked for, and a
// made-up machine.
func run(o Options) results.Run {
	zeroCopy := !o.Copied && !o.Unsupported
	link := results.Link{
		Name:        o.Link,
		Description: links[o.Link].description,
		Caveat:      links[o.Link].caveat,
		ZeroCopy:    &zeroCopy,
		Namespace:   "user and network namespace",
		Device: results.Device{
			Name: "sb0", Driver: "veth", MTU: 1500,
			Features: map[string]string{
				"tx-udp-segmentation":    "on",
				"tx-scatter-gather":      "on",
				"tx-checksum-ip-generic": "on",
				"tx-vlan-hw-insert":      "off [fixed]",
			},
			Limits: map[string]int64{"gso_max_size": 65536, "gso_max_segs": 65535, "txqueuelen": 1000},
		},
	}
	if o.Copied {
		link.WhyCopied = "a packet tap is open on the device"
		if o.Link != "sink" {
			link.WhyCopied = "a receiver on the same machine"
		}
	}
	return results.Run{
		Record: "run", Schema: results.Schema, ID: "20260102T030405-planted",
		Started: "2026-01-02T03:04:05Z", Seed: o.Seed,
		Environment: environment(link),
		Plan: results.Plan{
			Baseline: o.Strategies[0], Strategies: o.Strategies, Profiles: o.Profiles,
			Rounds: o.Rounds, SuperRounds: o.SuperRounds, Cells: cells(o),
			TrialNS: trialNS, WarmupNS: 5e6, BudgetNS: 120e9,
		},
	}
}

func cells(o Options) []results.Cell {
	var out []results.Cell
	for i, profile := range o.Profiles {
		sizes := o.Sizes
		if i > 0 {
			sizes = o.OtherSizes
		}
		for _, size := range sizes {
			c := results.Cell{
				Link: o.Link, Proto: "udp", Family: 4, Connected: true, NIC: profile, Flows: 1,
				Footprint: hotFootprint, Fill: results.FillStamp,
				Segment: deviceOf(profile).segment(), Size: size, Batch: 32,
			}
			out = appendStrategies(out, c, o)
			if i > 0 || size < 4096 || o.HotOnly {
				continue
			}
			c.Footprint = coldFootprint
			out = appendStrategies(out, c, o)
			c.Fill = results.FillFull
			out = appendStrategies(out, c, o)
			c.Footprint = hotFootprint
			out = appendStrategies(out, c, o)
		}
	}
	return out
}

// appendStrategies adds the group's cells: each strategy, and the baseline a
// second time.
func appendStrategies(cells []results.Cell, group results.Cell, o Options) []results.Cell {
	for _, s := range append(slices.Clone(o.Strategies), o.Strategies[0]) {
		c := group
		c.Strategy = s
		c.AA = len(cells) > 0 && s == o.Strategies[0] && cells[len(cells)-1].Group() == group
		cells = append(cells, c)
	}
	return cells
}

func environment(link results.Link) results.Environment {
	return results.Environment{
		Hostname: "planted", MachineKey: "0123456789abcdef",
		OS: "linux", Kernel: "6.18.0", KernelFull: "6.18.0 #1 SMP PREEMPT_DYNAMIC", Arch: "amd64", Hypervisor: "KVM",
		CPUModel: "Example CPU @ 3.00GHz", CPUs: 2, CPUsOnline: 2, SenderCPU: 1, SMT: "off",
		Caches: []results.Cache{
			{Level: 1, Type: "Data", Bytes: 48 << 10},
			{Level: 1, Type: "Instruction", Bytes: 32 << 10},
			{Level: 2, Type: "Unified", Bytes: 2 << 20},
			{Level: 3, Type: "Unified", Bytes: 260 << 20},
		},
		LLCBytes: 260 << 20, MemoryBytes: 8 << 30, THP: "madvise",
		Mitigations: map[string]string{"spectre_v2": "Mitigation: Enhanced IBRS", "meltdown": "Not affected"},
		GoVersion:   "go1.26", Build: "fedcba9876543210",
		Privileges: "ordinary user", MemlockBytes: 8 << 20,
		WmemMax: 212992, RmemMax: 212992, OptmemMax: 131072, SendBufferBytes: 425984,
		Warnings: []string{},
		Clocks: []results.Clock{
			{Field: "cpu_thread_ns", Source: "getrusage(RUSAGE_THREAD)", ResolutionNS: 1000},
			{Field: "cpu_machine_ns", Source: "/proc/stat", ResolutionNS: 10e6},
		},
		Link: link,
	}
}
