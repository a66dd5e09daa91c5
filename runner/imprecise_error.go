//go:build linux

package runner

import (
	"fmt"
	"math"

	"sendbench/runner/results"
)

// ImpreciseError says how far a run that is complete otherwise stayed from the
// precision that was asked for.
type ImpreciseError struct {
	Asked          float64      // relative half-width
	Missed, Ratios int          // how many ratios are less precise, of how many
	Widest         results.Cell // the least precise of them
	HalfWidth      float64      // its interval's, +Inf where it has none
	Stop           error        // ErrBudget, or nil where the last look was taken
}

func (e *ImpreciseError) Error() string {
	text := fmt.Sprintf("%d of %d ratios are less precise than ±%s; the widest interval is ±%s, of %s",
		e.Missed, e.Ratios, percent(e.Asked), percent(e.HalfWidth), describe(e.Widest))
	if math.IsInf(e.HalfWidth, 1) {
		text = fmt.Sprintf("%d of %d ratios are less precise than ±%s; too few trials are valid for any interval of %s",
			e.Missed, e.Ratios, percent(e.Asked), describe(e.Widest))
	}
	if e.Stop != nil {
		return fmt.Sprintf("%v and %s", e.Stop, text)
	}
	return text
}

func (e *ImpreciseError) Unwrap() error { return e.Stop }

func percent(part float64) string { return fmt.Sprintf("%.3g %%", 100*part) }

// describe names a cell by what tells it from others of a sweep.
func describe(c results.Cell) string {
	way := c.Strategy
	if c.AA {
		way += " to itself"
	}
	text := fmt.Sprintf("%s at %d bytes under profile %s, footprint %s, fill %s", way, c.Size, c.NIC, results.FormatBytes(c.Footprint), c.Fill)
	if c.Pages != "" {
		text += ", " + c.Pages + " pages"
	}
	if c.Flows > 1 {
		text += fmt.Sprintf(", %d flows", c.Flows)
	}
	if c.Rate > 0 {
		text += fmt.Sprintf(", %d messages a second", c.Rate)
	}
	return text
}
