package report

import (
	"slices"

	"sendbench/runner/results"
)

// DecisionSchema is the version of a Decision's JSON form. Fields may be added to it;
// those that are there keep their names, their units and their meaning.
const DecisionSchema = 1

// Decision is what one record lets a reader decide, with its evidence. All words that a
// report has for it, on the page and in text, are made from one.
//
// In JSON, figures that there are none of are null, lists without elements [], and names
// carry their units: bytes, ns, bits_per_second.
type Decision struct {
	Schema       int     `json:"schema"` // DecisionSchema
	Label        string  `json:"label"`  // what tells the record from the others; "" for the only one
	File         string  `json:"file"`
	Confidence   float64 `json:"confidence"`   // of every interval, at least
	Significance float64 `json:"significance"` // that claims of one family are held to

	Run         DecidedRun        `json:"run"`
	Settings    []SettingDecision `json:"settings"` // in the order of the plan; none where nothing was measured
	NIC         *NICDecision      `json:"nic_settings"`
	Flows       []FlowDecision    `json:"flows"` // none where all cells have as many
	NotMeasured []NotMeasured     `json:"not_measured"`
	Notices     []string          `json:"notices"` // what bears on whether all this may be believed, the gravest first
	Words       Advice            `json:"words"`
}

// DecidedRun says what was run, and how far it came.
type DecidedRun struct {
	ID        string `json:"id"`
	Started   string `json:"started"` // RFC 3339
	Status    string `json:"status"`  // complete, interrupted, or killed where the record has no end
	Hostname  string `json:"hostname"`
	Kernel    string `json:"kernel"`
	CPUModel  string `json:"cpu_model"`
	Link      string `json:"link"`
	Device    string `json:"device"`
	Receiver  string `json:"receiver"`   // its host, "" where that is this machine or there is none
	ZeroCopy  *bool  `json:"zero_copy"`  // whether a probe send went without a copy; null where it can't be told
	WhyCopied string `json:"why_copied"` // presumably
	Baseline  string `json:"baseline"`
	Rounds    int    `json:"rounds"`         // measured, of the cell with most
	Planned   int    `json:"rounds_planned"` // of each cell, before a precision asked for more
	Trials    int    `json:"trials"`
	Invalid   int    `json:"invalid_trials"` // of these; their figures are not used

	Cells          int `json:"cells"`                     // planned that can be measured here
	CellsInvalid   int `json:"cells_without_valid_trial"` // of these
	CellsUnreached int `json:"cells_not_reached"`         // of these, by the run
}

// statusKilled is the status of a run whose record has no end.
const statusKilled = "killed"

// SettingDecision is the decision under one NIC profile, and one value of each other
// axis of which a sweep has several.
type SettingDecision struct {
	Name         string `json:"name"` // mtu=9000, or mtu=9000, flows 2
	Link         string `json:"link"`
	Proto        string `json:"proto"`
	Family       int    `json:"family"`
	Connected    bool   `json:"connected"`
	NIC          string `json:"nic"`
	Flows        int    `json:"flows"`
	Rate         int64  `json:"messages_per_second"` // 0 for as many as go
	SegmentBytes int    `json:"segment_bytes"`
	Batch        int    `json:"batch"`

	Buffers []BufferDecision `json:"buffers"` // stamped before filled, hot before cold
}

// BufferDecision is the decision for one way of using the sender's buffers. At a set
// rate throughput and CPU time say nothing, and there is P99 instead.
type BufferDecision struct {
	Name           string `json:"name"` // hot stamped
	FootprintBytes int64  `json:"footprint_bytes"`
	Pages          string `json:"pages"` // "" for small ones
	Fill           string `json:"fill"`
	Temperature    string `json:"temperature"` // hot, warm or cold

	Rounds       int    `json:"rounds"`        // valid ones, of the cell with most
	RoundsNeeded int    `json:"rounds_needed"` // for a verdict on any of its comparisons
	NoVerdict    string `json:"no_verdict"`    // why there can be none; "" where there can

	Throughput []Lead    `json:"most_throughput"`
	CPU        []Lead    `json:"least_cpu_per_byte"`
	P99        []Lead    `json:"lowest_p99_latency"`
	ZeroCopy   *ZeroCopy `json:"zero_copy"`   // nil where there is nothing to compare
	Copied     []Copied  `json:"copied"`      // of each strategy that asks for zero copy and is told
	Held       []Held    `json:"held"`        // of those that lead and lend their buffers
	Paced      []Paced   `json:"at_set_rate"` // all strategies and sizes; none without a set rate
	NotShown   []Unshown `json:"not_shown"`

	walk  walk
	curve []ratioAt // of zero copy over copying, the sizes at which they can't be compared among them
}

// Decide makes the decision of a summary.
func Decide(s *results.Summary) Decision {
	d := Decision{
		Schema: DecisionSchema, Confidence: results.Confidence, Significance: results.Significance,
		Run: decidedRun(s), Settings: []SettingDecision{}, NotMeasured: notMeasured(s), Notices: []string{},
	}
	list := settings(s)
	for _, st := range list {
		d.Settings = append(d.Settings, decideSetting(st))
	}
	d.NIC = decideNIC(s, list)
	d.Flows = decideFlows(list)
	for _, n := range notices(s) {
		d.Notices = append(d.Notices, n.Text)
	}
	d.Words = d.advise(s)
	return d
}

func decidedRun(s *results.Summary) DecidedRun {
	run, env, cover := s.Run, s.Run.Environment, covered(s)
	_, rounds := measuredRounds(s)
	r := DecidedRun{
		ID: run.ID, Started: run.Started, Status: statusKilled,
		Hostname: env.Hostname, Kernel: env.Kernel, CPUModel: env.CPUModel,
		Link: env.Link.Name, Device: env.Link.Device.Name, ZeroCopy: env.Link.ZeroCopy, WhyCopied: env.Link.WhyCopied,
		Baseline: run.Plan.Baseline, Rounds: rounds, Planned: run.Plan.Rounds, Trials: s.Trials, Invalid: s.Invalid,
		Cells: cover.cells, CellsInvalid: cover.invalid, CellsUnreached: cover.unreached,
	}
	if s.End != nil {
		r.Status = s.End.Status
	}
	if p := env.Link.Peer; p != nil {
		r.Receiver = p.Hostname
	}
	return r
}

func decideSetting(st setting) SettingDecision {
	c := st.cell
	d := SettingDecision{
		Name: st.name, Link: c.Link, Proto: c.Proto, Family: c.Family, Connected: c.Connected, NIC: c.NIC,
		Flows: c.Flows, Rate: c.Rate, SegmentBytes: c.Segment, Batch: c.Batch,
	}
	for _, w := range st.walks {
		d.Buffers = append(d.Buffers, decideBuffers(w))
	}
	return d
}

// paced reports whether messages were sent at set times.
func (d SettingDecision) paced() bool { return d.Rate > 0 }

// decideBuffers decides for a walk.
func decideBuffers(w walk) BufferDecision {
	d := BufferDecision{
		Name: w.name(), FootprintBytes: w.footprint, Pages: w.pages, Fill: w.fill, Temperature: w.temperature,
		Rounds: mostRounds(w), RoundsNeeded: results.RoundsFor(comparisons(w)), NoVerdict: noVerdict(w),
		Throughput: []Lead{}, CPU: []Lead{}, P99: []Lead{}, Copied: copiedShares(w), Held: []Held{}, Paced: []Paced{}, NotShown: []Unshown{},
		walk: w,
	}
	if w.paced() {
		d.P99, d.Paced = leads(w, MetricP99), pacedRows(w)
		return d
	}
	if d.NoVerdict == "" {
		d.Throughput, d.CPU = leads(w, MetricThroughput), leads(w, MetricCPU)
		fought := contests(w)
		d.ZeroCopy, d.curve = decideZeroCopy(w, fought), curveOf(w, fought)
		d.Held = heldBy(w, slices.Concat(d.Throughput, d.CPU))
	}
	d.NotShown = unshown(w)
	return d
}
