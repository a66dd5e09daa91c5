package results

// Interval is a median with its order-statistic confidence interval. With too
// few samples for the confidence asked for, Low and High are infinite.
type Interval struct {
	Center, Low, High float64
	Confidence        float64 // attained, 0 to 1
	N                 int
}

// Verdict says how a strategy's throughput compares with the baseline's.
type Verdict string

const (
	Faster       Verdict = "faster"
	Slower       Verdict = "slower"
	NoDifference Verdict = "no difference shown"
	TooFew       Verdict = "too few rounds"
	Baseline     Verdict = "baseline"
)

// Summary is a record boiled down: one Group for each point of the sweep that
// has trials.
type Summary struct {
	Run         Run
	Groups      []Group // in the order profile, footprint, fill, segment, size
	Unsupported []Unsupported
	End         *End // nil if the run was killed
	Trials      int  // without those that a resumed run measured again
	Invalid     int  // of these, the ones with an error
	Warned      int  // of the others, the ones with warnings
}

// Group holds the strategies measured at one point: same link, profile,
// footprint, fill, segment and size.
type Group struct {
	Cell       Cell    // with Strategy and AA zero
	NoiseFloor float64 // half-width of the A/A ratio's interval; +Inf if unknown
	AA         Interval

	CPUNoiseFloor float64 // the same of CPU time a byte
	Rows          []Row   // in the order of Plan.Strategies
}

// Row is one strategy in one group. Ratios are taken to the baseline inside a
// round; one above 1 is faster (Ratio) or dearer (CPURatio).
type Row struct {
	Strategy string
	Rounds   int // valid ones
	Invalid  int

	Rate    Interval // bit/s of payload
	MsgRate Interval // messages/s
	Ratio   Interval // exactly 1 for the baseline
	Verdict Verdict

	CPUPerByte        Interval // ns: sender's thread and kernel threads on its behalf
	CPURatio          Interval
	MachineCPUPerByte float64 // ns, all CPUs, added up over the rounds; NaN where unknown

	Notifications int64
	Copied        int64
	Unreported    int64
	ReleaseP50NS  float64 // median over rounds; NaN without notifications
	ReleaseP99NS  float64
	Syscalls      int64
	Messages      int64
	TouchedBytes  int64 // the least of its trials; 0 without one that is valid

	RateSamples []float64 // raw points, in round order

	// Of the rounds that the baseline has too; none for the baseline. Rows of
	// one group are compared with each other round by round.
	RatioRounds     []int
	RatioSamples    []float64
	CPURatioSamples []float64 // NaN where a CPU time is zero

	Warnings []string // distinct
	Warned   int      // rounds with any
	Errors   []string // of invalid trials, distinct
}

// CopiedShare is the share of notifications that say the kernel copied; ok is
// false where there were none, or some that don't say.
func (r Row) CopiedShare() (share float64, ok bool) {
	if r.Notifications == 0 || r.Unreported > 0 {
		return 0, false
	}
	return float64(r.Copied) / float64(r.Notifications), true
}
