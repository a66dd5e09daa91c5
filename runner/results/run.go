package results

// Schema is the version of the record format that this package writes.
const Schema = 1

// Run opens a record.
type Run struct {
	Record      string      `json:"record"` // "run"
	Schema      int         `json:"schema"`
	ID          string      `json:"id"`
	Started     string      `json:"started"` // RFC 3339
	Seed        uint64      `json:"seed"`
	Environment Environment `json:"environment"`
	Plan        Plan        `json:"plan"`

	// Bench is not nil where the run was read from bench output and not from a record.
	Bench *Bench `json:"-"`
}

// SameRun reports whether two records are of one run, by what it is given when it
// begins. One of them may have gone further.
func SameRun(a, b Run) bool {
	return a.ID != "" && a.ID == b.ID && a.Started == b.Started && a.Seed == b.Seed
}

// Plan is what a run set out to measure.
type Plan struct {
	Baseline    string   `json:"baseline"`
	Strategies  []string `json:"strategies"`
	Profiles    []string `json:"profiles"`
	Rounds      int      `json:"rounds"`       // of each cell
	SuperRounds int      `json:"super_rounds"` // visits of each profile
	// WhyVisits is why there are fewer visits than rounds: what a change of the
	// device's settings costs. "" where each round is a visit.
	WhyVisits string `json:"why_visits,omitempty"`
	Cells     []Cell `json:"cells"` // every cell asked for, the unsupported ones included
	TrialNS   int64  `json:"trial_ns"`
	WarmupNS  int64  `json:"warmup_ns"`
	BudgetNS  int64  `json:"budget_ns"`
	// Precision is the relative half-width that the intervals of all ratios are to
	// reach (Interval.RelativeHalfWidth), as a part of 1; 0 where rounds were asked
	// for. Rounds is then what every cell has at least, and Looks are the numbers of
	// rounds at which widths are looked at.
	Precision float64 `json:"precision,omitempty"`
	Looks     []int   `json:"looks,omitempty"`
}

// Link describes the path that the packets took.
type Link struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Caveat      string `json:"caveat"`              // what this link can't show
	ZeroCopy    *bool  `json:"zero_copy"`           // what a probe send found: true if it wasn't copied; null where it can't be told
	WhyCopied   string `json:"why_copied"`          // the presumed reason where ZeroCopy isn't true
	FellBack    string `json:"fell_back,omitempty"` // why the run uses this link instead of the one asked for
	Namespace   string `json:"namespace"`           // "network namespace", "user and network namespace" or "none"
	Device      Device `json:"device"`
	// Applied says by NIC profile what was different from Device while it was
	// applied, as read back: what was asked for, and what that took along.
	Applied map[string]map[string]string `json:"applied,omitempty"`
	// CongestionControl is what TCP ran with (TCP_CONGESTION, tcp(7)), "" with UDP and
	// in records from before it was looked at.
	CongestionControl string `json:"congestion_control,omitempty"`
	Peer              *Peer  `json:"peer,omitempty"` // nil where the receiver is on this machine
}

// Peer is the receiver of a run between two hosts, as it told of itself when it
// agreed to receive.
type Peer struct {
	Control  string `json:"control"` // address and port of its control connection
	Hostname string `json:"hostname"`
	Kernel   string `json:"kernel"`
	CPUs     int    `json:"cpus"`
	Device   Device `json:"device"` // that it receives on

	ReceiveBufferBytes int64 `json:"receive_buffer_bytes"` // SO_RCVBUF as granted
	// What it takes at most, and what was agreed where the sender asked for less.
	MaxBitsPerSecond int64    `json:"max_bits_per_second"` // 0 for no limit
	MaxSeconds       int64    `json:"max_seconds"`         // of one run
	Warnings         []string `json:"warnings"`            // what may make it the bottleneck
}

// Device is the sending network device under the default profile.
type Device struct {
	Name     string            `json:"name"`
	Driver   string            `json:"driver"`
	MTU      int               `json:"mtu"`
	Qdisc    string            `json:"qdisc,omitempty"` // kind of the root queueing discipline
	Features map[string]string `json:"features"`        // by ethtool name: "on", "off", with " [fixed]" where it can't be changed
	Limits   map[string]int64  `json:"limits"`          // gso_max_size, gso_max_segs, txqueuelen, rings and channels where the device has them
}

// Environment is the machine, the kernel and the build that a run was made
// with, as far as they bear on its figures.
type Environment struct {
	Hostname   string `json:"hostname"`
	MachineKey string `json:"machine_key"` // a hash that tells machines apart
	OS         string `json:"os"`
	Kernel     string `json:"kernel"` // release
	KernelFull string `json:"kernel_full"`
	Arch       string `json:"arch"`
	Hypervisor string `json:"hypervisor"` // "" on bare metal

	CPUModel    string            `json:"cpu_model"`
	CPUs        int               `json:"cpus"`         // that this process may run on
	CPUsOnline  int               `json:"cpus_online"`  //
	SenderCPU   int               `json:"sender_cpu"`   // the CPU the sender is pinned to
	SMT         string            `json:"smt"`          // on, off, notsupported…
	Governor    string            `json:"governor"`     // "" where there is none
	Turbo       string            `json:"turbo"`        // on, off, ""
	Caches      []Cache           `json:"caches"`       // of the sender's CPU
	LLCBytes    int64             `json:"llc_bytes"`    // last-level cache
	MemoryBytes int64             `json:"memory_bytes"` //
	THP         string            `json:"thp"`          // transparent huge pages setting
	Mitigations map[string]string `json:"mitigations"`

	GoVersion string `json:"go_version"`
	Commit    string `json:"commit"` // "" where the build doesn't know it
	Build     string `json:"build"`  // hash of the executable

	Privileges      string `json:"privileges"` // "root" or "ordinary user"
	MemlockBytes    int64  `json:"memlock_bytes"`
	MemlockExempt   bool   `json:"memlock_exempt"`    // CAP_IPC_LOCK in the initial user namespace
	WmemMax         int64  `json:"wmem_max"`          // bytes, -1 unknown
	RmemMax         int64  `json:"rmem_max"`          //
	OptmemMax       int64  `json:"optmem_max"`        //
	IOUringDisabled int    `json:"io_uring_disabled"` // the sysctl, -1 where the kernel hasn't it
	SendBufferBytes int64  `json:"send_buffer_bytes"` // SO_SNDBUF as granted

	Warnings []string `json:"warnings"` // what of all this makes figures uncertain

	// Before is what disturbed the machine when the run began; nil in records from
	// before it was looked at.
	Before *Disturbance `json:"before,omitempty"`

	Clocks   []Clock `json:"clocks"`             // of the CPU figures
	Counters string  `json:"counters,omitempty"` // why there are no hardware counters, "" where there are
	Link     Link    `json:"link"`
}

// Cache is one cache of a CPU.
type Cache struct {
	Level int    `json:"level"`
	Type  string `json:"type"` // Data, Instruction, Unified
	Bytes int64  `json:"bytes"`
}

// Clock says where a CPU figure comes from and how finely it counts.
type Clock struct {
	Field        string `json:"field"`
	Source       string `json:"source"`
	ResolutionNS int64  `json:"resolution_ns"`
}

// Disturbance is what else goes on on a machine and bears on figures, at one
// moment. Counts are since boot: two of them tell what went on between.
type Disturbance struct {
	Load1          float64           `json:"load1"`            // the one-minute load average
	BusyTicks      int64             `json:"busy_ticks"`       // of all CPUs, stolen ones included
	StolenTicks    int64             `json:"stolen_ticks"`     // in a virtual machine: wanted and not had
	TicksPerSecond int64             `json:"ticks_per_second"` // a CPU's
	FrequencyKHz   int64             `json:"frequency_khz"`    // of the sender's CPU, 0 unknown
	Governor       string            `json:"governor"`
	Turbo          string            `json:"turbo"`
	Throttled      int64             `json:"throttled"`  // times that the sender's CPU was too hot, -1 unknown
	Taps           []string          `json:"taps"`       // packet sockets, by program and device
	Interrupts     map[string]int64  `json:"interrupts"` // by CPU: those of devices, "cpu0": n
	Settings       map[string]string `json:"settings"`   // busy-poll, interrupt and steering settings, by name
	// CgroupThrottledUS is for how many µs, added up over CPUs, the control group's
	// threads had been kept from running for having spent its CPU quota; 0 unknown.
	CgroupThrottledUS int64 `json:"cgroup_throttled_us,omitempty"`
}
