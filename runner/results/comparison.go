package results

// MetricRatio is the metric of a Change that is the ratio of a strategy's rate to
// the baseline's in the same round. The others go by their units.
const MetricRatio = "ratio"

// Comparison is what changed between two records.
type Comparison struct {
	Old, New    Run
	Environment []Difference
	// OldWarnings and NewWarnings are what either run said at its end that makes its
	// figures doubtful, such as what other programs took.
	OldWarnings, NewWarnings []string
	// Changes are by metric, in the order ratio, bit/s, cpu-ns/B, and in each in the
	// order of Groups and Rows. Records with different baselines have no ratio.
	Changes   []Change
	Unmatched []Unmatched
	Lost      []Lost // in the order of Groups and Rows
}

// Change is how one figure of one cell differs between two records.
type Change struct {
	Cell                 Cell
	Metric               string
	Old, New             float64  // medians; NaN without valid rounds, +Inf for a percentile that wasn't reached
	OldRounds, NewRounds int      // that have the figure
	Ratio                Interval // of new to old; N is the rounds of both. Above all bounds if only New is +Inf
	P                    float64  // of the rank-sum test, corrected by Holm within panel and metric; NaN without rounds
	Floor                float64  // the least change that is told from noise and drift, as a part of 1; +Inf if unknown
	Verdict              Verdict  // on the new figure; Faster is cheaper where it is a cost

	claim claim // before it was corrected
	cost  bool  // less is more
}

// Unmatched is a cell that only one of two records has trials of.
type Unmatched struct {
	Cell   Cell
	Side   Side   // that has it
	Reason string // why the other could not measure it, "" if it doesn't say
}

// Lost is a cell that the old record has valid rounds of and the new one none.
type Lost struct {
	Cell   Cell
	Reason string // what the new record says of it: why it is unsupported, or an invalid trial's error; "" if nothing
}

// Side is one of the two records of a Comparison.
type Side string

// Sides.
const (
	Old Side = "old"
	New Side = "new"
)
