//go:build linux

package runner

import (
	"errors"
	"fmt"
	"testing"

	"sendbench/runner/link"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// TestCheckStream: accepted, acknowledged, on the wire and delivered agree.
func TestCheckStream(t *testing.T) {
	const header = 66
	good := streamCounts{acked: 1000, sent: 1000, header: header}
	again := streamCounts{acked: 1000, sent: 1200, retransmitted: 200, header: header}
	wire := func(frames, payload int64) link.Wire {
		return link.Wire{Frames: frames, Bytes: payload + frames*header}
	}
	dropped := wire(3, 1000)
	dropped.Dropped = 1
	for _, c := range []struct {
		name      string
		kind      string
		counts    streamCounts
		wire      link.Wire
		delivered int64 // messages of 100 bytes
		shared    bool
		good      bool
		warnings  int
	}{
		{"all agree", link.Pair, good, wire(2, 1000), 10, false, true, 0},
		{"a window probe is all header", link.Pair, good, wire(3, 1000), 10, false, true, 0},
		{"sent again", link.Pair, again, wire(3, 1200), 10, false, true, 1},
		{"not all acknowledged", link.Pair, streamCounts{acked: 900, sent: 1000, header: header}, wire(2, 1000), 10, false, false, 0},
		{"more sent than accepted", link.Pair, streamCounts{acked: 1000, sent: 1100, header: header}, wire(2, 1100), 10, false, false, 0},
		{"less on the wire", link.Pair, good, wire(2, 999), 10, false, false, 0},
		{"more on the wire", link.Pair, good, wire(2, 1001), 10, false, false, 0},
		{"less delivered", link.Pair, good, wire(2, 1000), 9, false, false, 0},
		{"more delivered", link.Pair, good, wire(2, 1000), 11, false, false, 0},
		{"dropped and sent again", link.Pair, again, dropped, 10, false, true, 2},
		{"dropped and sent anew", link.Pair, streamCounts{acked: 1000, sent: 1200, retransmitted: 100, header: header}, dropped, 10, false, true, 2},
		{"options of acknowledgements", link.Loopback, good, wire(5, 1012), 10, false, true, 0},
		{"more than options", link.Loopback, good, wire(5, 1000+5*ackOptions+1), 10, false, false, 0},
		{"other programs' frames", link.Loopback, good, wire(50, 3000), 10, true, true, 0},
		{"a NIC that counts whole packets", link.NIC, good, wire(1, 1000), 10, true, true, 0},
		{"a NIC that counts segments, and their bytes once", link.NIC, good, link.Wire{Frames: 5, Bytes: 1000 + header}, 10, true, true, 0},
		{"a NIC with frames of others", link.NIC, good, wire(9, 1300), 10, true, true, 1},
		{"a NIC with a frame of control", link.NIC, good, wire(2, 1009), 10, true, true, 0},
		{"a NIC that counts too little", link.NIC, good, link.Wire{Frames: 5, Bytes: 1000 + header - 1}, 10, true, false, 0},
		{"a NIC that counts nothing", link.NIC, good, link.Wire{}, 10, true, false, 0},
		{"a NIC that dropped and sent again", link.NIC, again, dropped, 10, true, true, 2},
		{"a NIC, and not all acknowledged", link.NIC, streamCounts{acked: 900, sent: 1000, header: header}, wire(2, 1000), 10, true, false, 0},
	} {
		bytes := 100 * c.delivered
		trial := results.Trial{
			Cell: results.Cell{Link: c.kind, Size: 100}, Messages: 10, Bytes: 1000,
			DeliveredMessages: &c.delivered, DeliveredBytes: &bytes,
		}
		err := checkStream(&trial, c.counts, c.wire, c.shared)
		if (err == nil) != c.good || len(trial.Warnings) != c.warnings {
			t.Errorf("%s: %v, warnings %q", c.name, err, trial.Warnings)
		}
		if trial.RetransmittedBytes == nil || *trial.RetransmittedBytes != c.counts.retransmitted {
			t.Errorf("%s: the record doesn't say what was sent again", c.name)
		}
	}
}

// TestStreamTrials: over TCP every count agrees, whatever the device makes of it, with
// content looked at and, after a warm-up, not.
func TestStreamTrials(t *testing.T) {
	for _, c := range []struct {
		kind, profile string
		family        int
	}{
		{link.Pair, "default", 4},
		{link.Pair, "default", 6},
		{link.Pair, "tx-tcp-segmentation=off", 4},
		{link.Pair, "tx-scatter-gather=off", 6},
		{link.Pair, "mtu=9000", 4},
		{link.Loopback, "default", 4},
	} {
		t.Run(fmt.Sprintf("%s/v%d/%s", c.kind, c.family, c.profile), func(t *testing.T) {
			r, l := rigOf(t, c.kind, c.family, c.profile, sizes{small: HotStream})
			for _, strategy := range strategies.Names() {
				for _, size := range []int{64, 1400, 65536, 1 << 20} {
					for _, warmup := range []bool{false, true} {
						streamTrial(t, r, l, c.profile, strategy, size, warmup)
					}
				}
			}
		})
	}
}

func streamTrial(t *testing.T, r *Rig, l *link.Link, profile, strategy string, size int, warmup bool) {
	t.Helper()
	cell := cellOn(l, profile, strategy, size, 0)
	cell.Proto, cell.Footprint = results.ProtoTCP, HotStream
	limits := Limits{Messages: 20}
	if warmup {
		limits.Warmup = 1
	}
	trial, err := r.Trial(cell, limits)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		t.Logf("%s: %v", strategy, err)
	case err != nil:
		t.Errorf("%s, %d B: %v", strategy, size, err)
	case trial.Error != "":
		t.Errorf("%s, %d B: %s", strategy, size, trial.Error)
	case trial.Messages != 20 || *trial.DeliveredBytes != 20*int64(size):
		t.Errorf("%s, %d B: %d messages, %d bytes delivered; 20 were sent", strategy, size, trial.Messages, *trial.DeliveredBytes)
	}
}

// TestStreamProbe: a probe over TCP tells that the pair copies.
func TestStreamProbe(t *testing.T) {
	r, _ := rigOn(t, link.Pair, 4, "default")
	p, err := r.Probe("default", results.ProtoTCP)
	if err != nil {
		t.Fatal(err)
	}
	if p.ZeroCopy != nil && *p.ZeroCopy {
		t.Error("the pair is said not to copy")
	}
}

// TestStreamSweep: the axes of the default sweep over TCP, and what it can't have.
func TestStreamSweep(t *testing.T) {
	s := Sweep{Link: link.Pair, Proto: results.ProtoTCP, Family: 4, Segment: SegmentAuto, Batch: DefaultBatch, LLC: 300 << 20, CPUs: 2}
	profiles, err := DefaultProfiles(results.ProtoTCP)
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[int]bool{}
	for _, p := range profiles {
		cells, _, err := s.Cells(p, 1472)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cells {
			sizes[c.Size] = true
			if c.Proto != results.ProtoTCP || c.Segment != 0 {
				t.Errorf("%+v", c)
			}
			if slots := c.Footprint / int64(strategies.Stride(c.Size)); slots < 2 {
				t.Errorf("a footprint of %d has room for %d messages of %d", c.Footprint, slots, c.Size)
			}
			if c.Footprint != HotStream && c.Footprint/int64(strategies.Stride(c.Size))*int64(c.Size) < 2*s.LLC {
				t.Errorf("size %d touches less than twice the cache", c.Size)
			}
		}
	}
	if !sizes[65536] || !sizes[1<<20] || sizes[64000] {
		t.Errorf("sizes %v", sizes)
	}
	for name, wrong := range map[string]func(*Sweep){
		"a sink":    func(s *Sweep) { s.Link = link.Sink },
		"a segment": func(s *Sweep) { s.Segment = 1400 },
		"too large": func(s *Sweep) { s.Sizes = []int{1<<20 + 1} },
		"too small": func(s *Sweep) { s.Sizes = []int{15} },
		"no room":   func(s *Sweep) { s.Sizes, s.Footprints = []int{1 << 20}, []int64{1 << 20} },
	} {
		w := s
		wrong(&w)
		if err := w.Check(); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// TestStreamRun: a run over TCP records the congestion control that it had, and goes on
// under no other.
func TestStreamRun(t *testing.T) {
	o := short(t)
	o.Sweep.Link, o.Sweep.Proto, o.Sweep.Segment = link.Pair, results.ProtoTCP, SegmentAuto
	o.Sweep.Sizes, o.Sweep.Footprints, o.Sweep.Profiles = []int{65536}, []int64{HotStream}, o.Sweep.Profiles[:1]
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if got := read(t, o.Out).Run.Environment.Link.CongestionControl; got != "reno" {
		t.Errorf("congestion control %q over links of our own, want reno", got)
	}
	for _, c := range []struct {
		old, now string
		same     bool
	}{{"reno", "reno", true}, {"", "cubic", true}, {"bbr", "cubic", false}} {
		if err := sameCongestion(c.old, c.now); (err == nil) != c.same {
			t.Errorf("from %q to %q: %v", c.old, c.now, err)
		}
	}
}
