package report

import (
	"math"
	"slices"
	"sync"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// source is a planted record of few sizes, made over by change.
func source(file string, o resultstest.Options, change func(*results.Record)) Source {
	if o.Profiles == nil {
		o.Profiles = []string{results.ProfileDefault}
	}
	if o.Sizes == nil {
		o.Sizes = []int{1400, 16384, 64000}
	}
	if o.Strategies == nil {
		o.Strategies = []string{"write", "sendmmsg", "uring-send", "uring-sendzc-fixed"}
	}
	o.OtherSizes, o.HotOnly, o.SuperRounds = []int{64000}, true, 12
	rec := resultstest.Planted(o)
	rec.Run.ID = file
	if change != nil {
		change(rec)
	}
	return Source{File: "out/" + file, Record: rec}
}

// sources are records to be set side by side, by what is special about them. Nothing
// changes records.
var sources = sync.OnceValue(func() map[string][]Source {
	return map[string][]Source{
		"two-hosts":    {source("alpha.jsonl", resultstest.Options{}, onHost("alpha", "6.18.0")), source("beta.jsonl", resultstest.Options{Seed: 2}, slower("beta", "6.12.9"))},
		"before-after": {source("before.jsonl", resultstest.Options{Noise: 0.005}, nil), source("after.jsonl", resultstest.Options{Noise: 0.005, Seed: 2}, quickened)},
		"twice":        {source("a.jsonl", resultstest.Options{}, nil), source("a.jsonl", resultstest.Options{}, nil)},
		"resumed":      {source("a.jsonl", resultstest.Options{Interrupted: true}, nil), source("a.jsonl", resultstest.Options{}, nil), source("b.jsonl", resultstest.Options{Seed: 2}, nil)},
		"tcp":          {source("nic.jsonl", resultstest.Options{Profiles: []string{results.ProfileDefault, "tx-scatter-gather=off,mtu=1500", "mtu=9000"}}, overNIC)},
		"drops":        {source("drops.jsonl", resultstest.Options{Link: "pair", Copied: true}, dropping)},
		"other-axes": {
			source("sizes.jsonl", resultstest.Options{Sizes: []int{256, 4096, 65536}}, nil),
			source("filled.jsonl", resultstest.Options{Profiles: []string{"mtu=9000"}}, refilled),
			source("paced.jsonl", resultstest.Options{Sizes: []int{1400}}, atRate),
			source("nothing.jsonl", resultstest.Options{Unsupported: true}, nil),
			source("few.jsonl", resultstest.Options{Rounds: 3}, nil),
		},
		"hostile": {
			source("<script>alert(1)</script>.jsonl", resultstest.Hostile(), onHost("\"><script>\u202e", "6.18")),
			source("../../☃", resultstest.Hostile(), hostilePeer),
		},
		"three": {
			source("a.jsonl", resultstest.Options{}, onHost("alpha", "6.18.0")), source("b.jsonl", resultstest.Options{Seed: 2}, overNIC),
			source("c.jsonl", resultstest.Options{Seed: 3}, slower("gamma", "6.18.0")),
		},
	}
})

// settled is the document of sources with settled figures, so that goldens hold what
// is made of them.
func settled(list []Source) document {
	d := newDocument(list)
	for i, e := range d.entries {
		losses := make(map[results.Cell]results.Losses)
		paced := make(map[results.Cell]*results.LatencySummary)
		for _, g := range e.summary.Groups {
			for _, r := range g.Rows {
				at := g.Cell
				at.Strategy = r.Strategy
				losses[at], paced[at] = r.Losses, r.Latency
			}
		}
		d.entries[i].summary = settle(e.summary)
		for _, g := range e.summary.Groups {
			for j := range g.Rows {
				at := g.Cell
				at.Strategy = g.Rows[j].Strategy
				g.Rows[j].Losses, g.Rows[j].Latency = losses[at], paced[at]
			}
		}
	}
	return d
}

func onHost(name, kernel string) func(*results.Record) {
	return func(rec *results.Record) {
		rec.Run.Environment.Hostname, rec.Run.Environment.Kernel = name, kernel
	}
}

// hostilePeer is a receiver that says what it likes, and counts what can't be.
func hostilePeer(rec *results.Record) {
	const evil = "</title><script>alert(1)</script>\x00\u202e"
	onHost(evil, "")(rec)
	device := results.Device{Name: evil, Driver: evil, MTU: -1, Qdisc: evil, Features: map[string]string{evil: "on"}, Limits: map[string]int64{evil: math.MinInt64}}
	l := &rec.Run.Environment.Link
	l.Name, l.Device = evil, device
	l.Applied = map[string]map[string]string{`mtu=9000,"><script>alert(1)</script>`: {evil: evil, "mtu": evil}}
	l.Peer = &results.Peer{Control: evil, Hostname: evil, Kernel: evil, CPUs: -1, Device: device, ReceiveBufferBytes: -1, MaxBitsPerSecond: math.MaxInt64, MaxSeconds: math.MaxInt64, Warnings: []string{evil, ""}}
	rec.Run.Plan.WhyVisits = evil
	for i := range rec.Trials {
		t := &rec.Trials[i]
		most, least := int64(math.MaxInt64), int64(math.MinInt64)
		t.DeliveredMessages, t.DroppedSocket, t.Missing, t.RetransmittedBytes = &least, &most, &least, &most
	}
}

// slower is a host on which everything takes twice the time, and copying thrice.
func slower(name, kernel string) func(*results.Record) {
	return func(rec *results.Record) {
		onHost(name, kernel)(rec)
		rec.Run.Environment.CPUModel = "Another CPU @ 2.00GHz"
		timesLonger(rec, func(c results.Cell) float64 {
			if c.Strategy == "uring-sendzc-fixed" {
				return 2
			}
			return 3
		})
	}
}

// quickened takes 10 % less for one strategy and 20 % more for another.
func quickened(rec *results.Record) {
	rec.Run.Started, rec.Run.Environment.Commit = "2026-02-03T04:05:06Z", "abcdef012345"
	timesLonger(rec, func(c results.Cell) float64 {
		switch c.Strategy {
		case "uring-sendzc-fixed":
			return 0.9
		case "sendmmsg":
			return 1.2
		}
		return 1
	})
}

// timesLonger makes trials take longer.
func timesLonger(rec *results.Record, by func(results.Cell) float64) {
	for i := range rec.Trials {
		t := &rec.Trials[i]
		f := by(t.Cell)
		t.ElapsedNS = int64(float64(t.ElapsedNS) * f)
		t.CPUThreadNS = int64(float64(t.CPUThreadNS) * f)
	}
}

// remake changes every cell of a record.
func remake(rec *results.Record, change func(*results.Cell)) {
	for i := range rec.Run.Plan.Cells {
		change(&rec.Run.Plan.Cells[i])
	}
	for i := range rec.Trials {
		change(&rec.Trials[i].Cell)
	}
	for i := range rec.Unsupported {
		change(&rec.Unsupported[i].Cell)
	}
}

func refilled(rec *results.Record) {
	remake(rec, func(c *results.Cell) { c.Fill = results.FillFull })
}

// atRate is a record at a set rate.
func atRate(rec *results.Record) {
	remake(rec, func(c *results.Cell) { c.Rate = 50000 })
	for i := range rec.Trials {
		t := &rec.Trials[i]
		late := t.ElapsedNS / t.Messages * 10
		t.Latency = &results.Latency{P50NS: late, P90NS: 2 * late, P99NS: 4 * late, P999NS: 8 * late, MaxNS: 9 * late, Buckets: [][2]int64{{9 * late, t.Messages}}, Due: t.Messages}
	}
}

// overNIC is TCP to a receiver on another host, with settings that took others along.
func overNIC(rec *results.Record) {
	onHost("alpha", "6.18.0")(rec)
	l := &rec.Run.Environment.Link
	*l = results.Link{
		Name: "nic", Description: "a real device, to a receiver on another host", Caveat: "what the receiving host can't take limits all strategies alike",
		ZeroCopy: l.ZeroCopy, Namespace: "none",
		Device: results.Device{Name: "eth1", Driver: "ixgbe", MTU: 9000, Features: map[string]string{"tx-scatter-gather": "on"}, Limits: map[string]int64{"ring.tx": 512}},
		Applied: map[string]map[string]string{
			"tx-scatter-gather=off,mtu=1500": {"tx-scatter-gather": "off", "tx-tcp-segmentation": "off", "tx-generic-segmentation": "off", "mtu": "1492"},
			"mtu=9000":                       {},
		},
		Peer: &results.Peer{
			Control: "192.0.2.7:9999", Hostname: "beta", Kernel: "6.12.9", CPUs: 8,
			Device:             results.Device{Name: "ens3", Driver: "mlx5_core", MTU: 9000},
			ReceiveBufferBytes: 4 << 20, MaxBitsPerSecond: 25e9, MaxSeconds: 600,
			Warnings: []string{"rmem_max is 212992: a receiver of 25 Gbit/s wants 16777216"},
		},
	}
	rec.Run.Plan.SuperRounds, rec.Run.Plan.WhyVisits = 3, "each change of eth1 takes its link down for 4 s"
	remake(rec, func(c *results.Cell) { c.Link, c.Proto, c.Segment = "nic", results.ProtoTCP, 0 })
	for i := range rec.Trials {
		t := &rec.Trials[i]
		again := int64(i%3) * 1448
		t.RetransmittedBytes, t.DeliveredMessages, t.DeliveredBytes = &again, &t.Messages, &t.Bytes
	}
}

// dropping loses one message in eight at the receiver's buffer, and a few elsewhere.
func dropping(rec *results.Record) {
	for i := range rec.Trials {
		t := &rec.Trials[i]
		socket, device, path := t.Messages/8, int64(i%2), int64(0)
		delivered := t.Messages - socket - device
		reordered := int64(7)
		t.DeliveredMessages, t.DroppedSocket, t.DroppedDevice, t.DroppedPath, t.Missing, t.Reordered = &delivered, &socket, &device, &path, &socket, &reordered
		if slices.Contains([]string{"write"}, t.Cell.Strategy) {
			t.Duplicated = &device
		}
	}
}
