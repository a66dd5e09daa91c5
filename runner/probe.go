//go:build linux

package runner

import (
	"context"
	"errors"
	"time"

	"sendbench/runner/link"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// findings are what a look at every cell showed before the run.
type findings struct {
	sendBuffer int // SO_SNDBUF as granted, in bytes
	// zeroCopy says whether a probe send under the default profile went without
	// a copy; nil where no strategy could tell.
	zeroCopy *bool
	// overhead is what a trial takes beside its timed stretches, start what a
	// worker takes before its first, on average.
	overhead, start time.Duration
}

// probe visits every cell once, for three batches, in a worker a profile. It
// learns what this machine can't do and adds it to the record, whether the link
// copies, and how long things take. A record that is resumed knows the first.
func (r *run) probe(ctx context.Context) (findings, error) {
	var f findings
	var cells, workers int
	plan, without := r.record.Run.Plan, r.unsupported()
	for _, name := range plan.Profiles {
		var tries []results.Cell
		for _, c := range plan.Cells {
			if c.NIC == name && !without[c] {
				tries = append(tries, c)
			}
		}
		if len(tries) == 0 {
			continue
		}
		begun, first := time.Now(), time.Time{}
		err := r.under(r.profiles[name], func() error {
			return work(ctx, r.link, job{Cells: tries}, func(reply reply) error {
				if first.IsZero() {
					first = time.Now()
				}
				if p := reply.Probe; p != nil {
					f.sendBuffer = max(f.sendBuffer, p.SendBuffer)
					if name == results.ProfileDefault || f.zeroCopy == nil {
						f.zeroCopy = p.ZeroCopy
					}
				}
				if reply.Unsupported != nil {
					r.record.Unsupported = append(r.record.Unsupported, *reply.Unsupported)
				}
				return nil
			})
		})
		if err != nil {
			return f, err
		}
		cells += len(tries)
		workers++
		f.start += first.Sub(begun)
		f.overhead += time.Since(first)
	}
	if cells > 0 {
		f.overhead /= time.Duration(cells)
		f.start /= time.Duration(workers)
	}
	if f.zeroCopy == nil || !*f.zeroCopy {
		r.why = r.link.WhyCopied(f.zeroCopy != nil)
		if r.link.Name() == link.Sink {
			r.label = "zero copy was not seen on this link: " + r.why
		}
	}
	return f, nil
}

// probed is what a rig found out before its first trial.
type probed struct {
	ZeroCopy   *bool // a send went without a copy; nil if no strategy could tell
	SendBuffer int   // SO_SNDBUF as granted, in bytes
}

// Probe sends a few messages in the ways that ask the kernel not to copy, until
// one can tell whether it did. Later trials rest on what it found.
func (r *Rig) Probe(profile string) (probed, error) {
	var p probed
	mtu, err := r.link.MTU()
	if err != nil {
		return p, err
	}
	for _, s := range strategies.All() {
		if !s.ZeroCopy {
			continue
		}
		// The largest message that needs neither fragments nor segments.
		segment := link.AutoSegment(r.link.Family(), mtu)
		t, err := r.Trial(results.Cell{
			Link: r.link.Name(), Proto: "udp", Family: r.link.Family(), Connected: true, NIC: profile, Flows: 1,
			Footprint: min(Hot, r.arena.size()), Fill: results.FillStamp,
			Segment: segment, Size: min(segment, probeSize), Batch: probeBatch, Strategy: s.Name,
		}, Limits{})
		if err != nil && !errors.Is(err, errors.ErrUnsupported) {
			return p, err
		}
		if err != nil || t.Error != "" || t.Notifications == 0 {
			continue
		}
		zeroCopy := t.Copied == 0
		p.ZeroCopy = &zeroCopy
		break
	}
	r.copies = p.ZeroCopy != nil && !*p.ZeroCopy
	p.SendBuffer = r.sendBuffer
	return p, nil
}

// A probe's messages, in bytes, and how many are handed over at once.
const (
	probeSize  = 4096
	probeBatch = 1
)
