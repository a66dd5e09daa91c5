package link

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// In these tests a message begins with 'A' plus its sequence number, and is
// intact where the rest of it is the letter x.
func letterStart(datagram []byte) (uint64, bool) {
	if len(datagram) == 0 || datagram[0] < 'A' || datagram[0] > 'Z' {
		return 0, false
	}
	return uint64(datagram[0] - 'A'), true
}

func letterIntact(payload []byte, offset int) bool {
	for i, b := range payload {
		if offset+i > 0 && b != 'x' {
			return false
		}
	}
	return true
}

func TestAssemble(t *testing.T) {
	type arrival struct {
		port    uint16
		payload string
		segment int
	}
	for _, test := range []struct {
		name     string
		arrivals []arrival
		want     Counts
	}{
		{"whole", []arrival{{1, "Axxxxx", 0}}, Counts{Messages: 1, Bytes: 6}},
		{"in pieces", []arrival{{1, "Axx", 0}, {1, "xx", 0}, {1, "x", 0}}, Counts{Messages: 1, Bytes: 6}},
		{"left together", []arrival{{1, "Axxxxx", 4}}, Counts{Messages: 1, Bytes: 6}},
		{"two left together", []arrival{{1, "AxxxxxBxxxxx", 2}}, Counts{Messages: 2, Bytes: 12}},
		{"over two receives", []arrival{{1, "Axxx", 2}, {1, "xxBx", 2}, {1, "xxxx", 2}}, Counts{Messages: 2, Bytes: 12}},
		{"last piece lost", []arrival{{1, "Axxx", 2}, {1, "Bxxxxx", 2}}, Counts{Messages: 1, Bytes: 6, Incomplete: 1}},
		{"nothing after it", []arrival{{1, "Axxx", 2}}, Counts{Incomplete: 1}},
		{"first piece lost", []arrival{{1, "xx", 0}, {1, "xx", 0}, {1, "Axxxxx", 0}}, Counts{Messages: 1, Bytes: 6, Strays: 2}},
		{"flows interleaved", []arrival{{1, "Axx", 0}, {2, "Cxx", 0}, {1, "xxx", 0}, {2, "xxx", 0}}, Counts{Messages: 2, Bytes: 12}},
		{"content changed", []arrival{{1, "Axx", 0}, {1, "xyx", 0}}, Counts{Incomplete: 1}},
		{"content changed at once", []arrival{{1, "Axyxxx", 0}}, Counts{Incomplete: 1}},
		{"too long", []arrival{{1, "Axxx", 0}, {1, "xxx", 0}}, Counts{Incomplete: 1}},
		{"left out", []arrival{{1, "Axxxxx", 0}, {1, "Dxxxxx", 0}}, Counts{Messages: 2, Bytes: 12, Missing: 2}},
		{"late", []arrival{{1, "Axxxxx", 0}, {1, "Cxxxxx", 0}, {1, "Bxxxxx", 0}}, Counts{Messages: 3, Bytes: 18, Reordered: 1}},
		{"late, the first", []arrival{{1, "Dxxxxx", 0}, {1, "Axxxxx", 0}}, Counts{Messages: 2, Bytes: 12, Missing: 2, Reordered: 1}},
		{"again", []arrival{{1, "Axxxxx", 0}, {1, "Bxxxxx", 0}, {1, "Axxxxx", 0}}, Counts{Messages: 2, Bytes: 12, Duplicated: 1}},
		{"again in part", []arrival{{1, "Axx", 0}, {1, "Axx", 0}, {1, "xxx", 0}}, Counts{Messages: 1, Bytes: 6, Duplicated: 1}},
		{"begun again", []arrival{{1, "Axxxxx", 0}, {1, "Axx", 0}, {1, "Bxxxxx", 0}}, Counts{Messages: 2, Bytes: 12, Duplicated: 1}},
		{"piece of a message that is missing", []arrival{{1, "Axxxxx", 0}, {1, "xxx", 0}, {1, "Cxxxxx", 0}}, Counts{Messages: 2, Bytes: 12, Strays: 1, Missing: 1}},
		{"empty datagram", []arrival{{1, "", 0}}, Counts{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := assembler{size: 6, start: letterStart, intact: letterIntact, flows: map[uint16]*flow{}}
			for _, arrived := range test.arrivals {
				a.receive(arrived.port, []byte(arrived.payload), arrived.segment)
			}
			a.cutAll()
			test.want.Datagrams, test.want.Received = a.counts.Datagrams, a.counts.Received // see TestAssembleDatagrams
			if diff := cmp.Diff(test.want, a.counts); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A stamp left in the sender's buffer by an earlier message is payload, not a
// beginning.
func TestAssembleOldStamp(t *testing.T) {
	a := assembler{size: 6, start: letterStart, flows: map[uint16]*flow{}}
	a.receive(1, []byte("CxxBxx"), 3)
	if want := (Counts{Messages: 1, Bytes: 6, Datagrams: 2, Received: 6}); a.counts != want {
		t.Errorf("got %+v, want %+v", a.counts, want)
	}
}

func TestAssembleDatagrams(t *testing.T) {
	a := assembler{size: 6, start: letterStart, flows: map[uint16]*flow{}}
	for _, arrived := range []struct {
		payload            string
		segment            int
		datagrams, onwards int64
	}{
		{"Axxxxx", 0, 1, 6}, {"Bxxxxx", 6, 2, 12}, {"Cxxxxx", 4, 4, 18}, {"Dxxxxx", 3, 6, 24}, {"stray", 0, 7, 29}, {"", 0, 8, 29}, {"", 4, 9, 29},
	} {
		a.receive(1, []byte(arrived.payload), arrived.segment)
		if a.counts.Datagrams != arrived.datagrams || a.counts.Received != arrived.onwards {
			t.Errorf("after %q by %d: %+v, want %d datagrams and %d bytes", arrived.payload, arrived.segment, a.counts, arrived.datagrams, arrived.onwards)
		}
	}
}

// Anyone who forges addresses could begin flows without end.
func TestAssembleFlows(t *testing.T) {
	a := assembler{size: 6, start: letterStart, flows: map[uint16]*flow{}}
	for port := range maxFlows + 10 {
		a.receive(uint16(port), []byte("Axxxxx"), 0)
	}
	if a.counts.Messages != maxFlows || a.counts.Strays != 10 || len(a.flows) != maxFlows {
		t.Errorf("%d flows, %+v", len(a.flows), a.counts)
	}
}

func FuzzAssemble(f *testing.F) {
	f.Add([]byte("AxxxxxBxxxxx"), 3)
	f.Add([]byte("xxAx"), -1)
	f.Fuzz(func(t *testing.T, payload []byte, segment int) {
		a := assembler{size: 6, start: letterStart, intact: letterIntact, flows: map[uint16]*flow{}}
		a.receive(1, payload, segment)
		a.cutAll()
		if a.counts.Bytes != 6*a.counts.Messages || a.counts.Bytes > int64(len(payload)) {
			t.Errorf("%q: %+v", payload, a.counts)
		}
	})
}
