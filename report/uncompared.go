package report

import (
	"slices"
	"strings"

	"sendbench/runner/results"
)

// Reasons for which there is nothing to compare, beside those for which a cell has no
// figures.
const (
	whyCopied     = "copied"
	whyUntold     = "not told whether copied"
	whyUnasked    = "not sent as zero copy"
	whyNoBaseline = "no valid round of the baseline"
	whyNoCPU      = "no CPU time"
	whyAlone      = "no valid round of another"
)

// Uncompared are sizes at which two sides can't be compared, and why.
type Uncompared struct {
	SizesBytes []int  `json:"sizes_bytes"`
	Why        string `json:"why"`
}

// uncomparedIn are those of a curve, by reason.
func uncomparedIn(curve []ratioAt) []Uncompared {
	out := []Uncompared{}
	for _, r := range curve {
		if r.standing != uncompared {
			continue
		}
		i := slices.IndexFunc(out, func(u Uncompared) bool { return u.Why == r.why })
		if i < 0 {
			i = len(out)
			out = append(out, Uncompared{Why: r.why})
		}
		out[i].SizesBytes = append(out[i].SizesBytes, r.size)
	}
	return out
}

// baselineValid reports whether the others have something to be compared with.
func baselineValid(g results.Group) bool {
	r, ok := rowOf(g, baselineOf(g))
	return ok && r.Rounds > 0
}

// whyAbsent is why a strategy has no throughput beside the baseline's; "" where it has.
func (w walk) whyAbsent(g results.Group, strategy string) string {
	r, ok := rowOf(g, strategy)
	switch _, some := inThroughput(g, r); {
	case !ok:
		if why, known := w.blank(strategy, g.Cell.Size); known {
			return why
		}
		return whyUnmeasured
	case r.Rounds == 0:
		return whyInvalid
	case !baselineValid(g):
		return whyNoBaseline
	case !some:
		return whyApart
	}
	return ""
}

// whyNoZeroCopy is why a strategy has no throughput of zero copy; "" where it has.
func (w walk) whyNoZeroCopy(g results.Group, strategy string) string {
	r, ok := rowOf(g, strategy)
	why := w.whyAbsent(g, strategy)
	switch {
	case ok && r.Copied > 0:
		return whyCopied
	case ok && r.Unreported > 0:
		return whyUntold
	case why == "" && !zeroCopy(r):
		return whyUnasked
	}
	return why
}

// sides are the strategies that ask for zero copy at some size, and those that copy at
// some. One without a valid round at any size belongs to the side that its name is of: to
// be ahead of all that copies is to be ahead of that, too.
func (w walk) sides() (zero, copying []string) {
	valid := make(map[string]bool)
	for _, g := range w.groups {
		for _, r := range g.Rows {
			switch {
			case zeroCopy(r):
				zero = addOnce(zero, r.Strategy)
			case r.Rounds > 0:
				copying = addOnce(copying, r.Strategy)
			}
			valid[r.Strategy] = valid[r.Strategy] || r.Rounds > 0
		}
	}
	for _, name := range strategiesOf(w.groups) {
		switch {
		case valid[name]:
		case strings.Contains(name, "zc"):
			zero = append(zero, name)
		default:
			copying = append(copying, name)
		}
	}
	return zero, copying
}

// missing is one of the strategies that ought to have figures in a group and hasn't; ""
// if there is none. What is unsupported there, was left out, or was copied is no rival.
func (w walk) missing(g results.Group, names []string, why func(results.Group, string) string) string {
	for _, name := range names {
		if slices.Contains([]string{whyInvalid, whyUnmeasured, whyApart}, why(g, name)) {
			return name
		}
	}
	return ""
}

// gravest is the first of the reasons that some strategy has, of those that a reader
// learns most from.
func gravest(whys []string) string {
	for _, why := range []string{whyCopied, whyUntold, whyNoBaseline, whyInvalid, whyApart, whyUnsupported, whyUnmeasured, whyUnasked} {
		if slices.Contains(whys, why) {
			return why
		}
	}
	return whyUnmeasured
}
