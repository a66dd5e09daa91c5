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
	// Effects are what each NIC profile does to each way of sending, beside the
	// reference profile: the default one, or the plan's first where the sweep left
	// that out. In the order of Groups and Rows.
	Effects []Effect
	Trials  int // without those that a resumed run measured again
	Invalid int // of these, the ones with an error
	Warned  int // of the others, the ones with warnings
}

// Group holds the strategies measured at one point: same link, profile,
// footprint, fill, segment and size.
type Group struct {
	Cell Cell // with Strategy and AA zero
	// NoiseFloor is the half-width of the A/A ratio's interval, or how far its farther
	// end is from 1 where it excludes 1; +Inf if unknown, and then no claim is made.
	NoiseFloor float64
	AA         Interval
	// AAVerdict is how the baseline compares with itself: anything but no difference
	// shown, or too few rounds, says that the harness or the machine is biased.
	AAVerdict Verdict

	CPUNoiseFloor float64 // the same of CPU time a byte
	P99NoiseFloor float64 // the same of the 99th percentile of latency; +Inf without a set rate
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
	P       float64  // of the paired test against the baseline, corrected by Holm within the panel; NaN for the baseline
	Verdict Verdict

	CPUPerByte    Interval // ns: senders' threads and kernel threads on their behalf
	CPUPerMessage Interval // ns
	CPURatio      Interval
	CPUP          float64 // as P
	CPUVerdict    Verdict // Faster is cheaper

	// What else was at work, in ns a byte; the center is NaN where unknown. The process
	// has the CPU time above in it.
	ProcessCPUPerByte Interval
	SoftirqCPUPerByte Interval // kernel threads for soft interrupts
	// MachineCPUPerByte has everything in it. It ticks too coarsely for a trial, so that
	// it is added up over the rounds: what is uncertain of it is the number of ticks.
	MachineCPUPerByte float64
	MachineTicks      int64 // that it was counted in

	// Hardware counters; the center is NaN where the machine has none.
	InstructionsPerByte   Interval
	CyclesPerByte         Interval
	CacheMissesPerMessage Interval

	Notifications int64
	Copied        int64
	Unreported    int64
	Notices       int64
	// ReleaseP50 and ReleaseP99 are in ns; the center is NaN without notifications.
	ReleaseP50   Interval
	ReleaseP99   Interval
	ReleaseMaxNS float64 // the most of any round
	// Held is memory that is the kernel's, in bytes of all flows: on the average over a
	// trial, which is the time to release by the rate (Little's law). The center is NaN
	// without notifications.
	Held         Interval
	HeldMaxBytes float64 // the most of any round
	Syscalls     int64
	Messages     int64
	// EffectiveBatch is the least of its trials: half the slots of a footprint bound
	// what was asked for; 0 without a valid one.
	EffectiveBatch int
	TouchedBytes   int64 // the least of its trials; 0 without one that is valid

	RateRounds  []int     // the valid ones, ascending
	RateSamples []float64 // raw points, of each of these
	CPUSamples  []float64 // of CPUPerByte, likewise

	// Of the rounds that the baseline has too; none for the baseline. Rows of
	// one group are compared with each other round by round.
	RatioRounds     []int
	RatioSamples    []float64
	CPURatioSamples []float64 // NaN where a CPU time is zero

	// FlowRates are the medians over rounds of each flow's rate, bit/s, in the order
	// of flows; none for one flow.
	FlowRates []float64
	Latency   *LatencySummary // nil without a set rate
	Losses    Losses
	Drifting  int  // rounds whose trial wasn't steady
	Unsteady  bool // the rounds drift: the rate of the later ones differs, or neighbours resemble each other; corrected over all rows

	Warnings []string // distinct
	Warned   int      // rounds with any
	Errors   []string // of invalid trials, distinct
}

// LatencySummary is the latency at a set rate: intervals over rounds, in ns, and
// all rounds' messages by upper bound. Messages that were due and never sent are
// later than any that was: a figure that falls among them is +Inf, and so may the
// bounds of its interval be.
type LatencySummary struct {
	P50, P90, P99, P999, Max Interval
	Buckets                  [][2]int64
	Unsent                   int64 // messages that were due and never sent, beside those in Buckets

	P99Rounds  []int     // that have a 99th percentile, ascending
	P99Samples []float64 // of each of these, in ns
}

// Effect is what a NIC profile does to one way of sending: the ratio of its
// throughput to that under the reference profile, paired inside a super-round.
type Effect struct {
	Cell      Cell // under the profile
	Reference string
	Ratio     Interval
	P         float64 // corrected by Holm within profile x footprint x fill
	Floor     float64 // the least change that is told from noise, as a part of 1; +Inf if unknown
	CPURatio  Interval
	Verdict   Verdict
}

// CopiedShare is the share of notifications that say the kernel copied; ok is
// false where there were none, or some that don't say.
func (r Row) CopiedShare() (share float64, ok bool) {
	if r.Notifications == 0 || r.Unreported > 0 {
		return 0, false
	}
	return float64(r.Copied) / float64(r.Notifications), true
}
