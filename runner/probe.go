//go:build linux

package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sendbench/runner/link"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// findings are what a look at every cell showed before the run.
type findings struct {
	sendBuffer  int                   // SO_SNDBUF as granted, in bytes
	congestion  string                // control of TCP, "" with UDP
	unsupported []results.Unsupported // cells that can't be measured, beside those that were known
	// overhead is what a trial takes beside its timed stretches, start what a
	// worker takes before its first, on average.
	overhead, start time.Duration
}

// sight is what became of a probe send under a profile.
type sight struct {
	zeroCopy *bool  // it went without a copy; nil where no strategy could tell
	why      string // presumed reason where zeroCopy isn't true
}

// see finds the reason for what a probe found, while its profile is applied.
func (r *run) see(zeroCopy *bool) sight {
	s := sight{zeroCopy: zeroCopy}
	if zeroCopy == nil || !*zeroCopy {
		s.why = r.link.WhyCopied(zeroCopy != nil)
	}
	return s
}

func (s sight) String() string {
	if s.zeroCopy == nil {
		return "unknown"
	}
	return map[bool]string{true: "seen", false: "not seen"}[*s.zeroCopy]
}

// changed says how what a round's probe found differs from what was found before
// the run, "" if it doesn't.
func (s sight) changed(before sight) string {
	switch {
	case s.String() == before.String():
		return ""
	case s.why == "":
		return fmt.Sprintf("zero copy was %v on this link before the run and is %v in this round; the reason before: %s", before, s, before.why)
	}
	return fmt.Sprintf("zero copy was %v on this link before the run and is %v in this round: %s", before, s, s.why)
}

// probe visits every cell once, for three batches, in a worker a profile. It
// learns what this machine can't do, whether the link copies under each profile,
// and how long things take. The default profile is probed if no cell has it, too:
// whether the link copies is told of that one.
func (r *run) probe(ctx context.Context) (findings, error) {
	var f findings
	var cells, workers int
	plan, without := r.record.Run.Plan, r.unsupported()
	profiles := plan.Profiles
	if !slices.Contains(profiles, results.ProfileDefault) {
		profiles = append([]string{results.ProfileDefault}, profiles...)
	}
	for _, name := range profiles {
		j := job{Profile: name, Proto: r.options.Sweep.Proto, Survey: true}
		for _, c := range plan.Cells {
			if c.NIC == name && !without[c] {
				j.Cells = append(j.Cells, c)
			}
		}
		if len(j.Cells) == 0 && name != results.ProfileDefault {
			continue
		}
		var begun, first time.Time
		err := r.under(r.profiles[name], func() error {
			begun = time.Now()
			return work(ctx, r.link, j, func(reply reply) error {
				if p := reply.Probe; p != nil {
					first = time.Now()
					f.sendBuffer = max(f.sendBuffer, p.SendBuffer)
					f.congestion = cmp.Or(f.congestion, p.Congestion)
					r.seen[name] = r.see(p.ZeroCopy)
				}
				if reply.Unsupported != nil {
					f.unsupported = append(f.unsupported, *reply.Unsupported)
				}
				return nil
			})
		})
		if err != nil {
			return f, err
		}
		if len(j.Cells) > 0 {
			cells += len(j.Cells)
			workers++
			f.start += first.Sub(begun)
			f.overhead += time.Since(first)
		}
	}
	if cells > 0 {
		f.overhead /= time.Duration(cells)
		f.start /= time.Duration(workers)
	}
	if s := r.seen[results.ProfileDefault]; s.why != "" && r.link.Name() == link.Sink {
		r.label = "zero copy was not seen on this link: " + s.why
	}
	return f, nil
}

// probed is what a rig found out before its first trial.
type probed struct {
	ZeroCopy   *bool  // a send went without a copy; nil if no strategy could tell
	SendBuffer int    // SO_SNDBUF as granted, in bytes
	Congestion string // control of TCP, "" with UDP
}

// Probe sends a few messages over a protocol in the ways that ask the kernel not to
// copy, until one can tell whether it did. Later trials rest on what it found.
func (r *Rig) Probe(profile, proto string) (probed, error) {
	var p probed
	mtu, err := r.link.MTU()
	if err != nil {
		return p, err
	}
	for _, s := range strategies.All() {
		if !s.ZeroCopy {
			continue
		}
		// The largest message that needs neither fragments nor segments, which some
		// kernels refuse over a device without checksum offload.
		size := min(link.AutoSegment(r.link.Family(), mtu), probeSize)
		t, err := r.Trial(results.Cell{
			Link: r.link.Name(), Proto: proto, Family: r.link.Family(), Connected: true, NIC: profile, Flows: 1,
			Footprint: min(Hot, int64(len(r.arenas.small.memory))), Fill: results.FillStamp,
			Size: size, Batch: probeBatch, Strategy: s.Name,
		}, Limits{})
		if err != nil && !errors.Is(err, errors.ErrUnsupported) {
			return p, err
		}
		if err != nil || t.Error != "" || t.Notifications == 0 || t.Unreported > 0 {
			continue
		}
		zeroCopy := t.Copied == 0
		p.ZeroCopy = &zeroCopy
		break
	}
	r.copies = p.ZeroCopy != nil && !*p.ZeroCopy
	p.SendBuffer, p.Congestion = r.sendBuffer, r.congestion
	return p, nil
}

// A probe's messages, in bytes, and how many are handed over at once.
const (
	probeSize  = 4096
	probeBatch = 1
)
