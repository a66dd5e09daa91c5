package vmtest

import (
	"fmt"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// What became of a strategy.
const (
	Sent        = "sent"        // it asks for no zero copy
	ZeroCopy    = "zero copy"   // by the kernel's own word
	Copied      = "copied"      // likewise
	Partly      = "partly"      // some messages were copied
	Unreported  = "not told"    // it was sent; this kernel doesn't say whether it copied
	Unsupported = "unsupported" // with a reason
)

// Outcome is what became of a strategy in a record.
type Outcome struct {
	Word   string
	Reason string // of Unsupported
}

// outcomes are those of all strategies of a record at its largest size: on most
// paths that is the one whose pieces go furthest. Every cell that the record planned
// has to be measured without an error or unsupported with a reason; what isn't is in
// the error, one line each.
func outcomes(rec *results.Record) (map[string]Outcome, error) {
	var wrong []string
	largest := 0
	reasons := map[results.Cell]string{}
	for _, u := range rec.Unsupported {
		if u.Reason == "" {
			wrong = append(wrong, fmt.Sprintf("%s at %d B is unsupported without a reason", u.Cell.Strategy, u.Cell.Size))
		}
		reasons[u.Cell] = u.Reason
	}
	trials := map[results.Cell]results.Trial{}
	for _, t := range rec.Trials {
		if t.Error != "" {
			wrong = append(wrong, fmt.Sprintf("%s at %d B: %s", t.Cell.Strategy, t.Cell.Size, t.Error))
		}
		trials[t.Cell] = t
	}
	for _, c := range rec.Run.Plan.Cells {
		largest = max(largest, c.Size)
	}
	list := map[string]Outcome{}
	for _, c := range rec.Run.Plan.Cells {
		t, measured := trials[c]
		reason, unsupported := reasons[c]
		if measured == unsupported {
			wrong = append(wrong, fmt.Sprintf("%s at %d B: measured is %v and unsupported is %v, want one of them", c.Strategy, c.Size, measured, unsupported))
		}
		switch {
		case c.Size != largest || c.AA:
		case unsupported:
			list[c.Strategy] = Outcome{Unsupported, reason}
		case measured:
			list[c.Strategy] = Outcome{Word: word(t)}
		}
	}
	if len(list) == 0 {
		wrong = append(wrong, "the record has no cell")
	}
	if wrong != nil {
		slices.Sort(wrong)
		return list, fmt.Errorf("%s", strings.Join(slices.Compact(wrong), "\n"))
	}
	return list, nil
}

func word(t results.Trial) string {
	switch {
	case t.Notifications == 0:
		return Sent
	case t.Unreported > 0:
		return Unreported
	case t.Copied == 0:
		return ZeroCopy
	case t.Copied == t.Notifications:
		return Copied
	}
	return Partly
}
