package results

// Bench says of a run that it was read from Go benchmark lines (ReadBench), which tell
// less than a record: no environment beyond a few keys, nothing of the wire, of
// release or of the receiver. What they don't tell is zero in the run and its trials.
type Bench struct {
	// Paired says that every result stands in a round, once at most for each cell. If
	// it is false no two results are of one round, and no ratio can be taken.
	Paired bool
	// FlowsUnknown says that names end in the same -N, N > 1: either GOMAXPROCS, with one
	// flow, or go test's -cpu N, with N of them. One is assumed.
	FlowsUnknown bool
}
