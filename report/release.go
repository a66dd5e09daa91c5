package report

import (
	"math"

	"sendbench/runner/results"
)

// releaseColumns are what zero copy costs of its own: buffers that are lent, for
// how long and how much memory that is, and the kernel's word that they are back.
var releaseColumns = []tableColumn{
	intervalColumn("Release p50", duration, func(r results.Row) results.Interval { return r.ReleaseP50 }),
	intervalColumn("Release p99", duration, func(r results.Row) results.Interval { return r.ReleaseP99 }),
	figureColumn("Release max", duration, func(r results.Row) float64 { return r.ReleaseMaxNS }),
	intervalColumn("Memory held", memory, func(r results.Row) results.Interval { return r.Held }),
	figureColumn("Most held", memory, func(r results.Row) float64 { return r.HeldMaxBytes }),
	copiedColumn,
	figureColumn("Notices/message", figure, noticesPerMessage),
}

// releaseTimes is how many of these are times; the others are memory.
const releaseTimes = 3

// noticesPerMessage is NaN where the record has none.
func noticesPerMessage(r results.Row) float64 {
	if r.Messages < 1 || r.Notices < 1 {
		return math.NaN()
	}
	return float64(r.Notices) / float64(r.Messages)
}
