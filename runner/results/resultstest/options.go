// Package resultstest makes records of runs that never happened, for tests of
// whatever reads records. Their figures are realistic, and the same options
// always give the same record.
package resultstest

import (
	"fmt"

	"sendbench/runner/results"
)

// Default is a complete run of the whole default sweep.
func Default() *results.Record { return Planted(Options{}) }

// Options say what to plant. The zero value is the default sweep.
type Options struct {
	Seed        uint64   // of the noise; 0 is 1
	Profiles    []string // nil for the default sweep's; the first gets every size, footprint and fill
	Strategies  []string // nil for the eight; the first is the baseline
	Sizes       []int    // on the first profile, in bytes; nil for the default sweep's
	OtherSizes  []int    // on the other profiles; nil for the default sweep's
	Link        string   // "" for sink
	Rounds      int      // of each cell; 0 is 12
	SuperRounds int      // 0 is 4
	Noise       float64  // of one trial's duration, as a share; 0 is 0.02

	HotOnly      bool // no cold footprint and no full fill
	Copied       bool // every zero-copy send was copied after all
	NoDifference bool // every strategy is as fast as the baseline
	Drift        bool // the machine slows down by half in the course of the run
	Unsupported  bool // no cell can be measured
	Interrupted  bool // killed half-way: no end, and the last round is partial
	InvalidEvery int  // each n-th trial has an error; 0 for none
}

// OneCell plants a single point of the sweep: the default profile, hot, with a
// stamp, at 64000 bytes.
func OneCell() Options {
	return Options{Profiles: []string{results.ProfileDefault}, Sizes: []int{64000}, HotOnly: true}
}

// Wide plants more strategies and sizes than any chart was drawn for first.
func Wide(strategies, sizes int) Options {
	o := Options{
		Profiles:   []string{results.ProfileDefault},
		Strategies: append([]string(nil), strategyNames()...),
		HotOnly:    true,
	}
	for i := len(o.Strategies); i < strategies; i++ {
		o.Strategies = append(o.Strategies, fmt.Sprintf("candidate-%d", i+1))
	}
	o.Strategies = o.Strategies[:strategies]
	for i := range sizes {
		o.Sizes = append(o.Sizes, 64+i*i*(64000-64)/max(1, (sizes-1)*(sizes-1)))
	}
	return o
}

// Hostile plants names that a page, a chart or a file name could trip over.
func Hostile() Options {
	return Options{
		Profiles:   []string{results.ProfileDefault, `mtu=9000,"><script>alert(1)</script>`, "../../étoile 星/☃"},
		Strategies: []string{"write", "zéro-copie", "<b>&amp;", "foo-1", "a strategy with a name that goes on and on"},
		HotOnly:    true,
	}
}

func (o Options) withDefaults() Options {
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Profiles == nil {
		o.Profiles = []string{results.ProfileDefault, "tx-udp-segmentation=off", "tx-scatter-gather=off", "mtu=9000"}
	}
	if o.Strategies == nil {
		o.Strategies = strategyNames()
	}
	if o.Sizes == nil {
		o.Sizes = []int{64, 256, 1400, 4096, 8192, 16384, 32768, 64000}
	}
	if o.OtherSizes == nil {
		o.OtherSizes = []int{1400, 8192, 16384, 64000}
	}
	if o.Link == "" {
		o.Link = "sink"
	}
	if o.Rounds == 0 {
		o.Rounds = 12
	}
	if o.SuperRounds == 0 {
		o.SuperRounds = min(4, o.Rounds)
	}
	if o.Noise == 0 {
		o.Noise = 0.02
	}
	return o
}
