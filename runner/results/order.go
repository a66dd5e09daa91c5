package results

import "cmp"

// order is that of a plan.
type order struct{ profiles, fills, strategies ranks }

func (p *Plan) order() order {
	return order{ranksOf(p.Profiles), ranksOf([]string{FillStamp, FillFull}), ranksOf(p.Strategies)}
}

// cells orders the points of a sweep: profiles as the plan lists them,
// then footprint, fill (a stamp first), segment and size. The axes that a sweep
// rarely varies come last and make the order total.
func (o order) cells(a, b Cell) int {
	return cmp.Or(
		o.profiles.compare(a.NIC, b.NIC),
		cmp.Compare(a.Footprint, b.Footprint),
		o.fills.compare(a.Fill, b.Fill),
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

// ranks are the places of names in a list.
type ranks map[string]int

func ranksOf(list []string) ranks {
	r := make(ranks, len(list))
	for _, name := range list {
		if _, ok := r[name]; !ok {
			r[name] = len(r)
		}
	}
	return r
}

// compare orders names as the list does; names that aren't in it follow, by the
// alphabet.
func (r ranks) compare(a, b string) int {
	place := func(name string) int {
		if i, ok := r[name]; ok {
			return i
		}
		return len(r)
	}
	return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b))
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
