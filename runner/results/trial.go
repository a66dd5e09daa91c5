package results

// Trial is one timed stretch of sending in one cell. Its clock stops after the
// drain: when every buffer is the sender's again.
type Trial struct {
	Record     string `json:"record"` // "trial"
	Round      int    `json:"round"`  // counts from 0 within a NIC profile
	SuperRound int    `json:"super_round"`
	Cell       Cell   `json:"cell"`

	EffectiveBatch int   `json:"effective_batch"`
	TouchedBytes   int64 `json:"touched_bytes"` // payload bytes the walk visits before it comes back to a slot
	ElapsedNS      int64 `json:"elapsed_ns"`
	Messages       int64 `json:"messages"` // buffers accepted by the kernel, not segments
	Bytes          int64 `json:"bytes"`    // payload accepted by the kernel
	Syscalls       int64 `json:"syscalls"`
	Retries        int64 `json:"retries"` // sends refused for lack of memory or space and tried again

	WireFrames        int64  `json:"wire_frames"` // as the far end's device counts them
	WireBytes         int64  `json:"wire_bytes"`  // with Ethernet headers
	DeliveredMessages *int64 `json:"delivered_messages"`
	DeliveredBytes    *int64 `json:"delivered_bytes"`
	// Where messages were lost that weren't delivered; null where there is no receiver.
	// Of UDP over link nic all four are in datagrams, and with the delivered ones they
	// are all that were sent.
	DroppedDevice *int64 `json:"dropped_device,omitempty"` // frames that the sending device couldn't pass on
	DroppedSocket *int64 `json:"dropped_socket,omitempty"` // datagrams that the receiver's buffer had no room for
	// On a receiver of its own host (link nic).
	DroppedReceiver *int64 `json:"dropped_receiver,omitempty"` // frames that the receiving device or the receiver's kernel dropped before its socket
	DroppedPath     *int64 `json:"dropped_path,omitempty"`     // frames that left the sending device and reached no counter of the receiver's
	// By their sequence numbers, as the receiver saw them arrive.
	Missing    *int64 `json:"missing,omitempty"`    // never came, whole or in part
	Reordered  *int64 `json:"reordered,omitempty"`  // came after one that was sent later
	Duplicated *int64 `json:"duplicated,omitempty"` // came again

	// Of TCP: payload that the sender's kernel sent more than once (TCP_INFO,
	// tcpi_bytes_retrans).
	RetransmittedBytes *int64 `json:"retransmitted_bytes,omitempty"`

	Notifications int64 `json:"notifications"` // messages of which the kernel said that it needs their buffer no more
	Copied        int64 `json:"copied"`        // notifications that say the kernel copied
	Unreported    int64 `json:"unreported"`    // notifications that don't say whether it did (Linux before 6.2)
	// Notices counts the completions or error-queue messages that brought the
	// notifications: one may tell of several messages.
	Notices int64 `json:"notices"`

	// Time from when a message is handed over until its buffer is the sender's
	// again.
	ReleaseMeanNS int64 `json:"release_mean_ns"`
	ReleaseP50NS  int64 `json:"release_p50_ns"`
	ReleaseP99NS  int64 `json:"release_p99_ns"`
	ReleaseMaxNS  int64 `json:"release_max_ns"`
	InFlightMax   int   `json:"in_flight_max"` // most buffers that were the kernel's at once, in one flow

	CPUThreadNS     int64  `json:"cpu_thread_ns"`     // the senders' threads
	CPUHelperNS     int64  `json:"cpu_helper_ns"`     // kernel threads that send on their behalf (SQPOLL)
	CPUProcessNS    int64  `json:"cpu_process_ns"`    // all threads of the sending process, those kernel threads among them
	CPUSoftirqNS    *int64 `json:"cpu_softirq_ns"`    // the kernel's threads for soft interrupts, of all CPUs; null where they can't be seen
	CPUMachineNS    *int64 `json:"cpu_machine_ns"`    // null where the source ticks too coarsely for a trial
	CPUMachineTicks *int64 `json:"cpu_machine_ticks"` // busy ticks of all CPUs, to be added up over a cell

	// Hardware counters of the senders' threads, user and kernel; null where the
	// machine has none, of which the environment gives the reason.
	Instructions *int64 `json:"instructions"`
	Cycles       *int64 `json:"cycles"`
	CacheMisses  *int64 `json:"cache_misses"`

	// Steadiness, of the rates of Slices stretches of the trial: the second half's
	// over the first's, and how far neighbours resemble each other.
	HalfRatio       float64 `json:"half_ratio"`      // 0 if unknown
	Autocorrelation float64 `json:"autocorrelation"` // lag 1, -1 to 1

	// Of several flows, each.
	PerFlow []Flow `json:"per_flow,omitempty"`

	// At a set rate: how late a message's buffer was the sender's again, counted
	// from when it was to be sent.
	Latency *Latency `json:"latency,omitempty"`

	Preemptions int64 `json:"preemptions"` // times the sender's thread had to give up its CPU

	Warnings []string `json:"warnings"`
	Error    string   `json:"error"` // not empty: the trial is invalid and its figures are not used
}

// Slices is how many stretches of a trial its steadiness is judged by.
const Slices = 16

// Flow is one sender of several.
type Flow struct {
	CPU         int   `json:"cpu"`        // that it is pinned to
	ElapsedNS   int64 `json:"elapsed_ns"` // from the common start to its own drain
	Messages    int64 `json:"messages"`
	Bytes       int64 `json:"bytes"`
	CPUThreadNS int64 `json:"cpu_thread_ns"`
}

// Latency is the distribution of times in ns that a message took from when it was
// to be sent until its buffer was the sender's again.
type Latency struct {
	P50NS  int64 `json:"p50_ns"`
	P90NS  int64 `json:"p90_ns"`
	P99NS  int64 `json:"p99_ns"`
	P999NS int64 `json:"p999_ns"`
	MaxNS  int64 `json:"max_ns"`
	// Buckets are the upper bounds in ns, ascending, and how many messages each
	// has: with the last, all of them.
	Buckets [][2]int64 `json:"buckets"`
	// Due is how many messages were due while the trial lasted, sent or not; 0 if
	// unknown. Those that weren't sent are in none of the figures above.
	Due int64 `json:"due"`
}

// Unsupported says why a cell can't be measured here.
type Unsupported struct {
	Record string `json:"record"` // "unsupported"
	Cell   Cell   `json:"cell"`
	Reason string `json:"reason"`
	// Omitted says that the sweep did without the cell, though it could be measured
	// here: nothing is wrong with it.
	Omitted bool `json:"omitted,omitempty"`
}

// Statuses of an End.
const (
	StatusComplete    = "complete"
	StatusInterrupted = "interrupted"
)

// ReasonBudget is what an End's reason begins with where the run's budget ended it.
const ReasonBudget = "the budget is spent"

// End closes a record. A record without one belongs to a run that was killed.
type End struct {
	Record   string `json:"record"` // "end"
	Finished string `json:"finished"`
	Status   string `json:"status"`
	Reason   string `json:"reason,omitempty"` // why it ended before its plan did, or how far from its precision
	// After is what disturbed the machine when the run ended, and Warnings what
	// disturbed it since Environment.Before, or since the run was resumed, beside
	// what the environment warns of.
	After    *Disturbance `json:"after,omitempty"`
	Warnings []string     `json:"warnings,omitempty"`
}
