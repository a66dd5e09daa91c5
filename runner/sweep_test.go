//go:build linux

package runner

import (
	"slices"
	"strings"
	"testing"

	"sendbench/runner/nic"
	"sendbench/runner/results"
	"sendbench/strategies"
)

func profile(t *testing.T, s string) nic.Profile {
	t.Helper()
	p, err := nic.ParseProfile(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDefaultSweep(t *testing.T) {
	s := Sweep{Link: "sink", Family: 4, Segment: SegmentAuto, Batch: DefaultBatch, LLC: 32 << 20, CPUs: 2}
	cells, left, err := s.Cells(profile(t, "default"), 1472)
	if err != nil {
		t.Fatal(err)
	}
	// Hot with a stamp at 8 sizes; cold, filled and both at the 5 from 4096 on.
	const groups, strategiesHere = 8 + 3*5, 7
	if want := groups * (strategiesHere + 1); len(cells) != want {
		t.Errorf("%d cells, want %d", len(cells), want)
	}
	if len(left) != groups {
		t.Errorf("%d cells left out for want of CPUs, want %d", len(left), groups)
	}
	for _, l := range left {
		if l.Cell.Strategy != "uring-sendzc-sqpoll" || !strings.Contains(l.Reason, "2 CPUs") {
			t.Errorf("left out %s: %s", l.Cell.Strategy, l.Reason)
		}
	}
	perGroup := map[results.Cell]int{}
	for _, c := range cells {
		perGroup[c.Group()]++
		if c.AA && c.Strategy != strategies.Baseline().Name {
			t.Errorf("%v is an A/A cell", c)
		}
		if (c.Footprint != Hot || c.Fill != results.FillStamp) && c.Size < coldFrom {
			t.Errorf("size %d is sent cold or filled", c.Size)
		}
		if c.Footprint != Hot && c.Footprint/int64(strategies.Stride(c.Size))*int64(c.Size) < 2*s.LLC {
			t.Errorf("size %d touches less than twice the cache", c.Size)
		}
	}
	for g, n := range perGroup {
		if n != strategiesHere+1 {
			t.Errorf("%v has %d cells", g, n)
		}
	}

	other, _, err := s.Cells(profile(t, "mtu=9000"), 8972)
	if err != nil {
		t.Fatal(err)
	}
	if want := len(profileSizes) * (strategiesHere + 1); len(other) != want {
		t.Errorf("another profile has %d cells, want %d", len(other), want)
	}
	for _, c := range other {
		if c.Segment != 8972 || c.Footprint != Hot || c.NIC != "mtu=9000" {
			t.Errorf("unexpected %+v", c)
		}
	}
}

func TestNamedAxesAreCrossed(t *testing.T) {
	s := Sweep{
		Link: "sink", Family: 4, Segment: SegmentOff, Batch: 8, CPUs: 2,
		Strategies: []string{"uring-sendzc-sqpoll"}, Sizes: []int{64, 1400}, Footprints: []int64{Hot}, Fills: []string{"full"},
	}
	cells, left, err := s.Cells(profile(t, "mtu=9000"), 8972)
	if err != nil {
		t.Fatal(err)
	}
	// The baseline is always there, twice.
	if len(cells) != 2*3 || len(left) != 0 {
		t.Errorf("%d cells and %d left out, want 6 and none", len(cells), len(left))
	}
	full := Sweep{Link: "sink", Family: 4, Segment: SegmentAuto, Batch: 32, CPUs: 8, Full: true}
	cells, _, err = full.Cells(profile(t, "mtu=9000"), 8972)
	if err != nil {
		t.Fatal(err)
	}
	if want := 8 * 2 * 2 * (len(strategies.All()) + 1); len(cells) != want {
		t.Errorf("the full grid has %d cells a profile, want %d", len(cells), want)
	}
}

func TestFlowsRatesAndPages(t *testing.T) {
	s := Sweep{
		Link: "sink", Family: 4, Segment: SegmentAuto, Batch: 8, CPUs: 4, Strategies: []string{"write"}, Sizes: []int{64000},
		Footprints: []int64{Hot}, Fills: []string{results.FillStamp},
		Flows: []int{1, 4}, Rates: []int64{1000, 2000, 3000}, Pages: []string{"", results.PagesHuge},
	}
	cells, _, err := s.Cells(profile(t, "default"), 1472)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[results.Cell]bool{}
	for _, c := range cells {
		seen[c.Group()] = true
	}
	if len(cells) != 2*2*3*2 || len(seen) != 2*3*2 {
		t.Errorf("%d cells in %d groups, want 24 in 12", len(cells), len(seen))
	}
}

func TestSweepRefuses(t *testing.T) {
	ok := Sweep{Link: "sink", Family: 4, Segment: SegmentAuto, Batch: 32, CPUs: 2}
	for _, c := range []struct {
		change func(*Sweep)
		want   string
	}{
		{func(s *Sweep) { s.Sizes = []int{65508} }, "16 to 65507"},
		{func(s *Sweep) { s.Sizes = []int{15} }, "16 to 65507"},
		{func(s *Sweep) { s.Family, s.Sizes = 6, []int{65528} }, "16 to 65527"},
		{func(s *Sweep) { s.Segment = 400 }, "--segment 500"},
		{func(s *Sweep) { s.Segment = 1473 }, "1472"},
		{func(s *Sweep) { s.Footprints = []int64{100000} }, "128Ki"},
		{func(s *Sweep) { s.Flows = []int{3} }, "use 1 to 2"},
		{func(s *Sweep) { s.Flows = []int{0} }, "use 1 to 2"},
		{func(s *Sweep) { s.Flows, s.Rates = []int{1, 2}, []int64{1} }, "a message a second"},
	} {
		s := ok
		c.change(&s)
		if _, _, err := s.Cells(profile(t, "default"), 1472); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q in it", s, err, c.want)
		}
	}
}

func TestCold(t *testing.T) {
	for _, llc := range []int64{0, 32 << 20, 128 << 20, 260 << 20, 1 << 30} {
		f := Cold(llc)
		if f < 256<<20 || f%(1<<20) != 0 {
			t.Errorf("Cold(%d) = %d", llc, f)
		}
		if touched := f / 65536 * 64000; touched < 2*llc {
			t.Errorf("Cold(%d) = %d, of which 64000-byte messages touch %d", llc, f, touched)
		}
	}
}

func TestRounds(t *testing.T) {
	s := Sweep{Link: "sink", Family: 4, Segment: SegmentAuto, Batch: 32, CPUs: 2}
	p := results.Plan{Rounds: 6, SuperRounds: 3}
	for _, name := range []string{"default", "mtu=9000"} {
		cells, _, err := s.Cells(profile(t, name), 1472)
		if err != nil {
			t.Fatal(err)
		}
		p.Profiles, p.Cells = append(p.Profiles, name), append(p.Cells, cells...)
	}
	gone := p.Cells[0]
	rounds := slices.Collect(Rounds(p, 7, map[results.Cell]bool{gone: true}))
	seen := map[results.Cell]int{}
	for i, r := range rounds {
		if want := r.Round / 2; r.SuperRound != want {
			t.Errorf("round %d is in super-round %d, want %d", r.Round, r.SuperRound, want)
		}
		if i > 0 && rounds[i-1].SuperRound > r.SuperRound {
			t.Error("super-rounds are not one after the other")
		}
		for _, c := range r.Cells {
			if c.NIC != r.Profile {
				t.Errorf("cell of %s in a visit of %s", c.NIC, r.Profile)
			}
			seen[c]++
		}
	}
	for _, c := range p.Cells {
		if want := map[bool]int{true: 0, false: 6}[c == gone]; seen[c] != want {
			t.Errorf("%+v is visited %d times, want %d", c, seen[c], want)
		}
	}
	again, other := slices.Collect(Rounds(p, 7, map[results.Cell]bool{gone: true})), slices.Collect(Rounds(p, 8, nil))
	if !slices.EqualFunc(rounds, again, func(a, b Round) bool { return slices.Equal(a.Cells, b.Cells) }) {
		t.Error("the same seed gives another order")
	}
	if slices.Equal(rounds[0].Cells, other[0].Cells) {
		t.Error("another seed gives the same order")
	}
	if slices.Equal(rounds[0].Cells, rounds[1].Cells) {
		t.Error("two rounds have the same order")
	}
}
