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
func effects(groups []Group, visits map[Cell]series, plan Plan) []Effect {
	reference := referenceProfile(groups, plan)
	floors := make(map[Cell]float64, len(groups))
	segments := make(map[Cell][]int) // of the reference's cells, by otherProfile
	for _, g := range groups {
		floors[g.Cell] = g.NoiseFloor
		if g.Cell.NIC == reference {
			key := g.Cell.otherProfile()
			segments[key] = append(segments[key], g.Cell.Segment)
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
		segment, ok := counterpart(g.Cell.Segment, segments[g.Cell.otherProfile()])
		if !ok {
			continue
		}
		base.Segment = segment
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
// was, in the plan's order.
func referenceProfile(groups []Group, plan Plan) string {
	if len(groups) == 0 {
		return ""
	}
	if slices.ContainsFunc(groups, func(g Group) bool { return g.Cell.NIC == ProfileDefault }) {
		return ProfileDefault
	}
	return slices.MinFunc(groups, func(a, b Group) int { return compareListed(plan.Profiles, a.Cell.NIC, b.Cell.NIC) }).Cell.NIC
}

// otherProfile is the group without what a profile decides: its name, and the
// segment where that follows from the MTU.
func (c Cell) otherProfile() Cell {
	c = c.Group()
	c.NIC, c.Segment = "", 0
	return c
}

// counterpart is the segment under the reference profile that is to be compared
// with the one given: the same one, or else the only other. No segmentation is
// compared with none only.
func counterpart(segment int, of []int) (int, bool) {
	if slices.Contains(of, segment) {
		return segment, true
	}
	of = slices.DeleteFunc(slices.Clone(of), func(s int) bool { return s == 0 })
	if segment == 0 || len(of) != 1 {
		return 0, false
	}
	return of[0], true
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
