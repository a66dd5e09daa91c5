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
	Reason string // of all words but Sent and ZeroCopy
}

// outcomes are those of all strategies of a record, over all its sizes. Every cell that
// the record planned has to be measured without an error or unsupported with a reason,
// and a copy has to have one too; what isn't so is in the error, one line each.
func outcomes(rec *results.Record) (map[string]Outcome, error) {
	var wrong []string
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
	sums := map[string]results.Trial{} // of notifications, by strategy
	list := map[string]Outcome{}
	for _, c := range rec.Run.Plan.Cells {
		t, measured := trials[c]
		reason, unsupported := reasons[c]
		if measured == unsupported {
			wrong = append(wrong, fmt.Sprintf("%s at %d B: measured is %v and unsupported is %v, want one of them", c.Strategy, c.Size, measured, unsupported))
		}
		switch {
		case c.AA || list[c.Strategy].Word == Unsupported: // at one size is enough
		case unsupported:
			list[c.Strategy] = Outcome{Unsupported, reason}
		case measured:
			sum := sums[c.Strategy]
			sum.Notifications += t.Notifications
			sum.Copied += t.Copied
			sum.Unreported += t.Unreported
			sums[c.Strategy] = sum
			list[c.Strategy] = Outcome{Word: word(sum)}
		}
	}
	why := rec.Run.Environment.Link.WhyCopied
	for name, o := range list {
		switch o.Word {
		case Copied, Partly, Unreported:
			if why == "" {
				wrong = append(wrong, fmt.Sprintf("%s is %s without a reason", name, o.Word))
			}
			list[name] = Outcome{o.Word, why}
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

// word is what the releases of sends tell.
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
