package results

import (
	"cmp"
	"slices"
)

// compareCells orders the points of a sweep: profiles as the plan lists them,
// then footprint, fill (a stamp first), segment and size. The axes that a sweep
// rarely varies come last and make the order total.
func compareCells(plan Plan, a, b Cell) int {
	return cmp.Or(
		compareListed(plan.Profiles, a.NIC, b.NIC),
		cmp.Compare(a.Footprint, b.Footprint),
		compareListed([]string{FillStamp, FillFull}, a.Fill, b.Fill),
		cmp.Compare(a.Pages, b.Pages),
		cmp.Compare(a.Segment, b.Segment),
		cmp.Compare(a.Size, b.Size),
		cmp.Compare(a.Link, b.Link),
		cmp.Compare(a.Proto, b.Proto),
		cmp.Compare(a.Family, b.Family),
		cmp.Compare(a.Flows, b.Flows),
		cmp.Compare(a.Batch, b.Batch),
		cmp.Compare(a.Rate, b.Rate),
		compareBool(b.Connected, a.Connected), // connected first
	)
}

// compareListed orders names as the list does; names that aren't in it follow,
// by the alphabet.
func compareListed(list []string, a, b string) int {
	rank := func(name string) int {
		if i := slices.Index(list, name); i >= 0 {
			return i
		}
		return len(list)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
