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

	Notifications int64 `json:"notifications"`
	Copied        int64 `json:"copied"`     // notifications that say the kernel copied
	Unreported    int64 `json:"unreported"` // notifications that don't say whether it did (Linux before 6.2)
	ReleaseP50NS  int64 `json:"release_p50_ns"`
	ReleaseP99NS  int64 `json:"release_p99_ns"`

	CPUThreadNS     int64  `json:"cpu_thread_ns"`     // the sender's thread
	CPUHelperNS     int64  `json:"cpu_helper_ns"`     // kernel threads that send on its behalf (SQPOLL)
	CPUMachineNS    *int64 `json:"cpu_machine_ns"`    // null where the source ticks too coarsely for a trial
	CPUMachineTicks *int64 `json:"cpu_machine_ticks"` // busy ticks of all CPUs, to be added up over a cell

	Preemptions int64 `json:"preemptions"` // times the sender's thread had to give up its CPU

	Warnings []string `json:"warnings"`
	Error    string   `json:"error"` // not empty: the trial is invalid and its figures are not used
}

// Unsupported says why a cell can't be measured here.
type Unsupported struct {
	Record string `json:"record"` // "unsupported"
	Cell   Cell   `json:"cell"`
	Reason string `json:"reason"`
}

// Statuses of an End.
const (
	StatusComplete    = "complete"
	StatusInterrupted = "interrupted"
)

// End closes a record. A record without one belongs to a run that was killed.
type End struct {
	Record   string `json:"record"` // "end"
	Finished string `json:"finished"`
	Status   string `json:"status"`
	Reason   string `json:"reason,omitempty"` // why it ended before its plan did
}
