package probe

import (
	"math"

	"sendbench/runner/link"
	"sendbench/runner/results"
)

// plantedFeatures are a few of each state.
func plantedFeatures(state State, why string) []Feature {
	var found []Feature
	for _, name := range []string{"io_uring", "IORING_OP_SEND_ZC", usageReports, "MSG_ZEROCOPY for UDP", "UDP_SEGMENT of 128 segments"} {
		found = append(found, Feature{name, state, why})
	}
	return found
}

// plantedTries are those of a few ways, of which zero says what becomes of each that
// asks for zero copy.
func plantedTries(autoSegment int, zero func(strategy string, size, segment int) Try) []Try {
	var tries []Try
	for _, strategy := range []string{"write", "sendmmsg-zc", "uring-sendzc-sqpoll"} {
		for _, segment := range []int{autoSegment, 0} {
			for _, size := range Sizes {
				try := Try{Outcome: Sent}
				if strategy != "write" {
					try = zero(strategy, size, segment)
				}
				try.Strategy, try.SizeBytes, try.SegmentBytes = strategy, size, segment
				tries = append(tries, try)
			}
		}
	}
	return tries
}

func plantedLink(name, description string, tries []Try) Link {
	l := Link{
		Name: name, Description: description, Namespace: "network namespace", Family: 4, AutoSegment: 1472,
		Device: results.Device{Name: "send0", Driver: "veth", MTU: 1500}, Tries: tries,
	}
	l.Verdict = judgeLink(name, tries, l.AutoSegment)
	return l
}

var noLimits = Limits{
	MemlockBytes: math.MaxInt64, MemlockExempt: true, OptmemMaxBytes: 131072, WmemMaxBytes: 16 << 20, RmemMaxBytes: 16 << 20,
	OpenFiles: 1 << 20, IOUringGroup: -1, MaxUserNamespaces: 96365,
}

// normal is a machine on which all is well.
func normal() *Report {
	r := &Report{
		Schema:   Schema,
		Features: plantedFeatures(Yes, ""), PiecesMax: 17,
		Behaviours:   []Feature{{Name: SumsSegments, State: Yes}, {Name: CountsHugePages, State: Yes}},
		Surroundings: Surroundings{Kernel: "6.18.5", Privileges: "root", Limits: noLimits, RootAdds: []string{}},
	}
	fragments := func(size, segment int) Try {
		facts := link.CopyFacts{Kind: link.Sink, Device: "send0", Size: size, Segment: segment, Room: 1472}
		if len(facts.Reasons()) == 0 {
			return Try{Outcome: ZeroCopy}
		}
		reason := facts.Reason()
		return Try{Outcome: Copied, Copy: &reason}
	}
	r.Link = plantedLink(link.Sink, "a veth pair whose far end drops every frame as it comes in",
		plantedTries(1472, func(_ string, size, segment int) Try { return fragments(size, segment) }))
	return r.finished()
}

// missing is a machine on which nothing is as it should be.
func missing() *Report {
	r := &Report{
		Schema:   Schema,
		Features: append(plantedFeatures(No, "seccomp or a security module refuses it"), Feature{"UDP_GRO", Unknown, "socket: too many open files"}),
		Behaviours: []Feature{
			{SumsSegments, Unknown, "lo: tx-checksum-ip-generic=off: it is fixed"}, {CountsHugePages, Unknown, "io_uring is unsupported here"},
		},
		Surroundings: Surroundings{
			Kernel: "5.4.0", Privileges: "ordinary user",
			Limits: Limits{
				MemlockBytes: 65536, OptmemMaxBytes: 20480, WmemMaxBytes: 212992, RmemMaxBytes: 212992, OpenFiles: 32,
				IOUringDisabled: 1, IOUringGroup: 27, SeccompMode: 2, MaxUserNamespaces: 0,
				Namespace: "can't make a user and network namespace: user.max_user_namespaces is 0",
			},
			RootAdds: []string{"the names of other users' programs that hold packet taps"},
			FellBack: "loopback was tried in place of the link sink, which needs a network namespace of its own",
		},
	}
	r.Link = plantedLink(link.Loopback, "loopback, with a receiver on it",
		plantedTries(1472, func(strategy string, size, _ int) Try {
			if strategy == "sendmmsg-zc" && size > 4096 {
				return Try{Outcome: Failed, Reason: "no completion came"}
			}
			return Try{Outcome: Unsupported, Reason: "io_uring is unsupported here: seccomp or a security module refuses it"}
		}))
	for _, try := range r.Link.Tries {
		if try.SegmentBytes == 0 {
			r.Link.TCPTries = append(r.Link.TCPTries, try)
		}
	}
	return r.finished()
}

// hostile has names that aim at the terminal and at the table, and a device with all
// that stands against zero copy.
func hostile() *Report {
	r := normal()
	r.Kernel = "6.18\x1b[2J\n"
	r.Features[2].State, r.Features[2].Why = No, "it takes Linux 6.2 or later"
	r.Behaviours = []Feature{{Name: SumsSegments, State: No}, {CountsHugePages, Unknown, "no huge \x1b[2J page"}}
	facts := link.CopyFacts{
		Device: "eth\x1b]0;x\a1", Driver: "igb", Room: 1472,
		Taps: []string{"every device"}, Holders: []link.Holder{{Program: "\x1b[31mtcp\ndump", PID: 1234}, {Program: "on\u202eeth0"}},
		ScatterGather: "off", Checksum: "off [fixed]", ChecksumName: "tx-checksum-ipv4",
	}
	d := &Device{
		Device: results.Device{
			Name: facts.Device, Driver: "a driver\twith a name that is far longer than any other and goes on and on and on", MTU: 1500,
			Features: map[string]string{"tx-scatter-gather": "off", "tx-checksum-ipv4": "off [fixed]"},
			Limits:   map[string]int64{"gso_max_size": 65536},
		},
		Family: 4, AutoSegment: 1472, Reasons: facts.Reasons(),
		Notes: []Note{segmentNote(facts.Reasons()[2]), {About: "tx-udp-segmentation", Value: "off", Means: "the kernel cuts", Low: true, Cure: "ethtool -K " + facts.Device + " tx-udp-segmentation on"}},
	}
	for _, segment := range []int{1472, 0} {
		for _, size := range Sizes {
			d.Sizes = append(d.Sizes, Presumed{size, segment, true, facts.Reason()})
		}
	}
	d.Verdict = judgeDevice(d.Name, d.Driver, d.Sizes, d.AutoSegment)
	r.Device = d
	return r.finished()
}

// finished fills in what follows from the rest.
func (r *Report) finished() *Report {
	r.Limits.Notes = r.Limits.notes()
	r.Verdict = r.Link.Verdict.Line
	if r.Device != nil {
		r.Device.onSegments(find(r.Behaviours, SumsSegments))
		r.Verdict = r.Device.Verdict.Line
	}
	return r
}
