package resultstest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"sendbench/runner/results"
)

const trialNS = 25e6

// Planted makes a record to order.
func Planted(o Options) *results.Record {
	o = o.withDefaults()
	p := planter{Options: o, rng: rand.New(rand.NewPCG(o.Seed, 0x5eed))}
	rec := &results.Record{Run: run(o)}
	var cells []results.Cell
	for _, c := range rec.Run.Plan.Cells {
		if reason := p.refusal(c); reason != "" {
			rec.Unsupported = append(rec.Unsupported, results.Unsupported{Record: "unsupported", Cell: c, Reason: reason, Omitted: !o.Unsupported})
		} else {
			cells = append(cells, c)
		}
	}
	rec.Trials = p.trials(cells)
	rec.End = &results.End{Record: "end", Finished: "2026-01-02T03:06:04Z", Status: results.StatusComplete}
	if o.Interrupted {
		rec.Trials = rec.Trials[:len(rec.Trials)/2]
		rec.End = nil
	}
	return rec
}

type planter struct {
	Options
	rng *rand.Rand
}

func (p *planter) refusal(c results.Cell) string {
	switch {
	case p.Unsupported:
		return "io_uring is disabled by kernel.io_uring_disabled = 2; 0 allows it"
	case c.Strategy == sqpoll:
		return "not in the default sweep on 2 CPUs, since it needs 4 to show what it can do; --strategy uring-sendzc-sqpoll measures it all the same"
	}
	return ""
}

// trials visits the profiles in shuffled order in each super-round and the
// cells in shuffled order in each round, as a run does.
func (p *planter) trials(cells []results.Cell) []results.Trial {
	var out []results.Trial
	drift := 1.0
	total := max(1, p.SuperRounds*len(p.Profiles))
	for super := range p.SuperRounds {
		first, last := super*p.Rounds/p.SuperRounds, (super+1)*p.Rounds/p.SuperRounds
		for i, profile := range shuffled(p.rng, p.Profiles) {
			for round := first; round < last; round++ {
				drift *= math.Exp(0.01 * p.rng.NormFloat64())
				if p.Drift {
					drift = 1 + float64(super*len(p.Profiles)+i)/float64(total)
				}
				for _, c := range shuffled(p.rng, cells) {
					if c.NIC == profile {
						out = append(out, p.trial(c, super, round, drift))
					}
				}
			}
		}
	}
	if p.InvalidEvery > 0 {
		for i := p.InvalidEvery - 1; i < len(out); i += p.InvalidEvery {
			out[i].WireFrames--
			out[i].Error = fmt.Sprintf("the far end counted %d frames, %d were expected", out[i].WireFrames, out[i].WireFrames+1)
		}
	}
	return out
}

func (p *planter) trial(c results.Cell, super, round int, drift float64) results.Trial {
	place := slices.Index(p.Strategies, c.Strategy)
	base := costOf(p.Strategies[0], 0)
	own := costOf(c.Strategy, place)
	d := deviceOf(c.NIC)
	copied := p.Copied || d.copies()
	planned := own
	if p.NoDifference {
		planned = base
		planned.zeroCopy = false
	}
	perMessage := messageNS(planned, base, c, d, copied) * drift * math.Exp(p.Noise*p.rng.NormFloat64())
	messages := max(1, int64(trialNS/perMessage))
	elapsed := int64(float64(messages) * perMessage)
	thread := int64(float64(elapsed) * (0.97 + 0.01*p.rng.Float64()))
	ticks := int64(float64(elapsed)*1.1/1e7 + p.rng.Float64())

	t := results.Trial{
		Record: "trial", Round: round, SuperRound: super, Cell: c,
		EffectiveBatch:  effectiveBatch(c),
		TouchedBytes:    c.Footprint / slot(c.Size) * int64(c.Size),
		ElapsedNS:       elapsed,
		Messages:        messages,
		Bytes:           messages * int64(c.Size),
		Syscalls:        messages,
		WireFrames:      messages * d.frames(c.Size),
		CPUThreadNS:     thread,
		CPUMachineTicks: &ticks,
		Warnings:        []string{},
	}
	t.WireBytes = t.Bytes + headers*t.WireFrames
	if place > 0 {
		t.Syscalls = 1 + messages/int64(t.EffectiveBatch)
	}
	if own.zeroCopy {
		t.Notifications = messages
		if copied {
			t.Copied = messages
		}
		t.ReleaseP50NS = int64(perMessage * float64(t.EffectiveBatch))
		t.ReleaseP99NS = 2 * t.ReleaseP50NS
	}
	return t
}

// slot is what one buffer takes of the footprint.
func slot(size int) int64 {
	align := int64(64)
	if size >= 4096 {
		align = 4096
	}
	return (int64(size) + align - 1) / align * align
}

func effectiveBatch(c results.Cell) int {
	return int(max(1, min(int64(c.Batch), c.Footprint/slot(c.Size)/2)))
}

func shuffled[T any](rng *rand.Rand, in []T) []T {
	out := slices.Clone(in)
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}
