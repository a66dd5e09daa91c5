package report

import (
	"slices"

	"sendbench/runner/results"
)

// ZeroCopy says from which size on zero copy is worth it: where one of its strategies is
// ahead of every way that copies. Strategies that the kernel copied are on neither side.
type ZeroCopy struct {
	// WorthFromBytes is the smallest measured size from which on it is shown ahead, at
	// every larger one that was planned; null where that isn't shown at the largest.
	WorthFromBytes *int       `json:"worth_from_bytes"`
	Crossover      *Crossover `json:"crossover"` // nil where it is ahead at every size, or not at the largest
	BehindBytes    []int      `json:"behind_bytes"`
	UndecidedBytes []int      `json:"undecided_bytes"`
	AheadBytes     []int      `json:"ahead_bytes"`
	// NotCompared are the other sizes that were planned.
	NotCompared []Uncompared `json:"not_compared"`
	// Claims are the best zero copy's over the best that copies, by size. Ahead of all
	// is ahead of each: P is the largest of those comparisons', corrected for all
	// strategies and sizes.
	Claims []Claim `json:"claims"`
}

// Copied is how far the kernel copied what was sent as zero copy.
type Copied struct {
	Strategy string   `json:"strategy"`
	Low      *float64 `json:"low"`  // the least share of messages at any size that it tells of, of 1
	High     *float64 `json:"high"` // the greatest

	AllBytes    []int `json:"all_bytes"`    // sizes at which it copied every send
	PartBytes   []int `json:"part_bytes"`   // at which it copied some
	NoneBytes   []int `json:"none_bytes"`   // at which it copied none
	UntoldBytes []int `json:"untold_bytes"` // at which it doesn't tell of every send

	sizes    []int   // all of these
	mostPart float64 // the greatest share at PartBytes
}

// Held is what a strategy that lends its buffers to the kernel keeps there, and for how
// long.
type Held struct {
	Strategy      string   `json:"strategy"`
	SizeBytes     int      `json:"size_bytes"`
	HeldBytes     Figure   `json:"held_bytes"` // on the average over a trial, of all flows
	MostHeldBytes *float64 `json:"most_held_bytes"`
	ReleaseP50NS  Figure   `json:"release_p50_ns"`
	ReleaseP99NS  Figure   `json:"release_p99_ns"`
	ReleaseMaxNS  *float64 `json:"release_max_ns"`
}

// decideZeroCopy is nil where zero copy was nowhere compared with copying.
func decideZeroCopy(w walk, list []contest) *ZeroCopy {
	z := &ZeroCopy{BehindBytes: []int{}, UndecidedBytes: []int{}, AheadBytes: []int{}}
	for i, c := range list {
		if !c.fought() {
			continue
		}
		size := w.groups[i].Cell.Size
		cell := w.groups[i].Cell
		cell.Strategy = c.zero.strategy
		claim := Claim{MetricThroughput, cell, c.copying.strategy, figureOf(c.over()), known(c.p), known(c.zero.floor), results.NoDifference}
		switch c.standing {
		case inFront:
			claim.Verdict, z.AheadBytes = results.Faster, append(z.AheadBytes, size)
		case behind:
			claim.Verdict, z.BehindBytes = results.Slower, append(z.BehindBytes, size)
		default:
			z.UndecidedBytes = append(z.UndecidedBytes, size)
		}
		z.Claims = append(z.Claims, claim)
	}
	if len(z.Claims) == 0 {
		return nil
	}
	curve := curveOf(w, list)
	if from := ahead(curve); from < len(curve) {
		z.WorthFromBytes = &curve[from].size
	}
	z.Crossover, z.NotCompared = findCrossover(curve), uncomparedIn(curve)
	return z
}

// copiedShares are those of each strategy that asks for zero copy, over all sizes.
func copiedShares(w walk) []Copied {
	out := []Copied{}
	for _, g := range w.groups {
		for _, r := range g.Rows {
			if !zeroCopy(r) {
				continue
			}
			i := slices.IndexFunc(out, func(c Copied) bool { return c.Strategy == r.Strategy })
			if i < 0 {
				i = len(out)
				out = append(out, Copied{Strategy: r.Strategy, AllBytes: []int{}, PartBytes: []int{}, NoneBytes: []int{}, UntoldBytes: []int{}})
			}
			out[i].add(g.Cell.Size, r)
		}
	}
	return out
}

// add takes in one size.
func (c *Copied) add(size int, r results.Row) {
	c.sizes = append(c.sizes, size)
	share, ok := r.CopiedShare()
	if !ok {
		c.UntoldBytes = append(c.UntoldBytes, size)
		return
	}
	if c.Low == nil || share < *c.Low {
		c.Low = &share
	}
	if c.High == nil || share > *c.High {
		c.High = &share
	}
	switch share {
	case 0:
		c.NoneBytes = append(c.NoneBytes, size)
	case 1:
		c.AllBytes = append(c.AllBytes, size)
	default:
		c.PartBytes, c.mostPart = append(c.PartBytes, size), max(c.mostPart, share)
	}
}

// heldBy is what the strategies of leads keep from their buffers' owner, each size once.
func heldBy(w walk, list []Lead) []Held {
	out := []Held{}
	for _, g := range w.groups {
		var names []string
		for _, l := range list {
			if g.Cell.Size < l.FromBytes || g.Cell.Size > l.ToBytes {
				continue
			}
			for _, name := range l.Strategies {
				names = addOnce(names, name)
			}
		}
		for _, name := range names {
			if h, ok := heldAt(g, name); ok {
				out = append(out, h)
			}
		}
	}
	return out
}

// heldAt is what a strategy keeps at one size; ok is false for one that copies.
func heldAt(g results.Group, strategy string) (h Held, ok bool) {
	r, ok := rowOf(g, strategy)
	if !ok || !zeroCopy(r) {
		return Held{}, false
	}
	return Held{
		Strategy: strategy, SizeBytes: g.Cell.Size,
		HeldBytes: figureOf(r.Held), MostHeldBytes: known(r.HeldMaxBytes),
		ReleaseP50NS: figureOf(r.ReleaseP50), ReleaseP99NS: figureOf(r.ReleaseP99), ReleaseMaxNS: known(r.ReleaseMaxNS),
	}, true
}
