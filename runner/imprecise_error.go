//go:build linux

package runner

import (
	"fmt"
	"math"
)

// ImpreciseError says how far a run that is complete otherwise stayed from the
// precision that was asked for. Which ratios they are is told by
// results.Summary.Imprecise.
type ImpreciseError struct {
	Asked          float64 // relative half-width
	Missed, Ratios int     // how many ratios are less precise, of how many
	HalfWidth      float64 // of the widest interval, +Inf where that has none
	Failing        int     // of those missed, the ones of which most rounds failed
	Stop           error   // ErrBudget, or nil where the last look was taken
}

func (e *ImpreciseError) Error() string {
	text := fmt.Sprintf("%d of %d ratios are less precise than ±%s", e.Missed, e.Ratios, percent(e.Asked))
	if !math.IsInf(e.HalfWidth, 1) {
		text += fmt.Sprintf("; the widest interval is ±%s", percent(e.HalfWidth))
	}
	if e.Failing > 0 {
		text += fmt.Sprintf("; of %d of them most rounds failed, which more rounds don't mend", e.Failing)
	}
	if e.Stop != nil {
		return fmt.Sprintf("%v and %s", e.Stop, text)
	}
	return text
}

func (e *ImpreciseError) Unwrap() error { return e.Stop }

func percent(part float64) string { return fmt.Sprintf("%.3g %%", 100*part) }
