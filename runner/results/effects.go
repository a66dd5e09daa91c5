package results

import (
	"maps"
	"math"
	"slices"
)

// effects are what each profile does beside the reference. They are paired inside
// a super-round, which visits every profile in shuffled order: two profiles that
// differ in nothing could be exchanged there, as two strategies could in a round.
// Where a super-round has several rounds of a profile, their median stands for
// them, so that each super-round counts once.
//
// The verdicts of a profile x footprint x fill are corrected together: sizes and
// strategies are the family. A claim must exceed the noise floors of both groups
// together (bothFloors).
func effects(groups []Group, visits map[Cell]series) []Effect {
	reference := referenceProfile(groups)
	floors := make(map[Cell]float64, len(groups))
	segments := make(map[Cell]segmentation) // of the reference's cells, by otherProfile
	for _, g := range groups {
		floors[g.Cell] = g.NoiseFloor
		if g.Cell.NIC == reference {
			key := g.Cell.otherProfile()
			segments[key] = segments[key].with(g.Cell.Segment)
		}
	}
	var out []Effect
	claims := make(map[Cell][]claim)
	members := make(map[Cell][]int) // of out
	for _, g := range groups {
		if g.Cell.NIC == reference {
			continue
		}
		base := g.Cell
		base.NIC = reference
		if _, same := floors[base]; !same {
			segment, ok := segments[g.Cell.otherProfile()].counterpart(g.Cell.Segment)
			if !ok {
				continue
			}
			base.Segment = segment
		}
		for _, r := range g.Rows {
			own, beside := visits[g.Cell.of(r.Strategy, false)], visits[base.of(r.Strategy, false)]
			e := Effect{Cell: g.Cell.of(r.Strategy, false), Reference: reference}
			c := paired(superRoundRatios(own, beside, (*Trial).Rate), bothFloors(floors[g.Cell], floors[base]))
			e.Ratio, e.Floor = c.ratio, c.floor
			e.CPURatio = MedianInterval(superRoundRatios(own, beside, (*Trial).CPUPerByte)).exp()
			family := e.Cell.panel()
			claims[family] = append(claims[family], c)
			members[family] = append(members[family], len(out))
			out = append(out, e)
		}
	}
	for family, cs := range claims {
		ps, verdicts := judgeAll(cs, Significance)
		for i, at := range members[family] {
			out[at].P, out[at].Verdict = ps[i], verdicts[i]
		}
	}
	return out
}

// referenceProfile is the default one where it was measured, else the first that
// was: groups are in the plan's order.
func referenceProfile(groups []Group) string {
	if len(groups) == 0 {
		return ""
	}
	if slices.ContainsFunc(groups, func(g Group) bool { return g.Cell.NIC == ProfileDefault }) {
		return ProfileDefault
	}
	return groups[0].Cell.NIC
}

// otherProfile is the group without what a profile decides: its name, and the
// segment where that follows from the MTU.
func (c Cell) otherProfile() Cell {
	c = c.Group()
	c.NIC, c.Segment = "", 0
	return c
}

// segmentation is what segments the cells of one otherProfile have under the reference.
type segmentation struct {
	kinds   int // of segments, but for none
	segment int // the last of them; each comes once
}

func (s segmentation) with(segment int) segmentation {
	if segment == 0 {
		return s
	}
	return segmentation{s.kinds + 1, segment}
}

// counterpart is the segment under the reference profile that is to be compared with
// one that the reference doesn't have: the only one. No segmentation is compared with
// none only.
func (s segmentation) counterpart(segment int) (of int, ok bool) {
	return s.segment, segment != 0 && s.kinds == 1
}

// superRoundRatios are the log ratios of own to base, one for each super-round
// that both have.
func superRoundRatios(own, base series, f func(*Trial) float64) []float64 {
	samples, beside := own.bySuperRound(f), base.bySuperRound(f)
	var out []float64
	for _, super := range slices.Sorted(maps.Keys(samples)) {
		if of := beside[super]; of != nil {
			out = append(out, median(samples[super])-median(of))
		}
	}
	return out
}

// bySuperRound are the logarithms of a figure, without zeros, by the number of
// the super-round.
func (s series) bySuperRound(f func(*Trial) float64) map[int][]float64 {
	out := make(map[int][]float64)
	for _, t := range s.valid {
		if v := f(t); v > 0 {
			out[t.SuperRound] = append(out[t.SuperRound], math.Log(v))
		}
	}
	return out
}
