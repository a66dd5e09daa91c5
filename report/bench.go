package report

import (
	"fmt"

	"sendbench/runner/results"
)

// benchNotices say what bench output lacks, and what follows from that. Unpaired output
// is grave: nothing in it can be compared.
func benchNotices(b *results.Bench) []notice {
	if b == nil {
		return nil
	}
	var out []notice
	if !b.Paired {
		out = append(out, notice{"This is bench output without rounds, in which a benchmark's repetitions stand in a row: it is unpaired. " +
			"Whatever drifted on the machine meanwhile is part of each difference, so that no ratio is taken and no verdict given. " +
			"make bench and sendbench run measure in rounds.", "unpaired"})
	} else {
		out = append(out, notice{"This is bench output, paired by its rounds.", ""})
	}
	out = append(out, notice{"Bench output lacks what a record has, and all that is unknown here and not zero: what reached the wire, was delivered and was lost; " +
		"time to release and memory held; CPU time beside the sender’s; most of the environment. " +
		"An axis that no name carries is taken to be as in BenchmarkSend: UDP over IPv4, connected, 1 flow, batches of 32 or, where that is less, half of the buffers, small pages. Buffers larger than the cache are called warm: " +
		"whether they stayed out of it isn't told.", ""})
	if b.FlowsUnknown {
		out = append(out, notice{"All names end in the same number, which is that of flows if go test was told -cpu, and GOMAXPROCS otherwise: 1 flow is assumed.", ""})
	}
	return out
}

// benchFacts are the environment as far as bench output tells it.
func benchFacts(s *results.Summary) []factGroup {
	run, env := s.Run, s.Run.Environment
	machine := factGroup{Heading: "Machine"}
	machine.add("System", env.OS)
	machine.add("Architecture", env.Arch)
	machine.add("CPU", orUnknown(env.CPUModel, "unknown"))
	if env.CPUs > 0 {
		machine.add("CPUs", fmt.Sprint(env.CPUs))
	}
	machine.add("Kernel", orUnknown(env.Kernel, "unknown"))
	machine.add("Driver", orUnknown(env.Link.Device.Driver, "unknown"))
	machine.add("Privileges", orUnknown(env.Privileges, "unknown"))
	machine.add("All else", "unknown: bench output doesn't tell")
	of := factGroup{Heading: "Run"}
	of.add("Read from", "bench output")
	of.add("Results", fmt.Sprint(s.Trials))
	if run.Bench.Paired {
		of.add("Rounds", fmt.Sprint(run.Plan.Rounds))
	} else {
		of.add("Repetitions", fmt.Sprintf("%d at most, of no round", run.Plan.Rounds))
	}
	of.add("Run", run.ID)
	of.add("Go", orUnknown(env.GoVersion, "unknown"))
	of.add("Commit", orUnknown(env.Commit, "unknown"))
	return []factGroup{machine, of}
}
