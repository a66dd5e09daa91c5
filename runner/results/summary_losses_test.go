package results

import "testing"

func TestLosses(t *testing.T) {
	n := func(v int64) *int64 { return &v }
	s := newSeries([]*Trial{
		{Round: 0, ElapsedNS: 1, Messages: 10, Bytes: 100, DeliveredMessages: n(8), DroppedSocket: n(2)},
		{Round: 1, ElapsedNS: 1, Messages: 10, Bytes: 100, DeliveredMessages: n(9), DroppedSocket: n(0), DroppedPath: n(1)},
		{Round: 2, ElapsedNS: 1, Messages: 10, Bytes: 100},
		{Round: 4, ElapsedNS: 1, Messages: 10, Bytes: 100, DeliveredMessages: n(12), Duplicated: n(2)}, // forgotten, and counted again
		{Round: 3, ElapsedNS: 1, Messages: 10, Bytes: 100, DeliveredMessages: n(0), Error: "the peer went away"},
	})
	l := s.losses()
	for _, c := range []struct {
		name string
		got  *int64
		want int64 // -1 for unknown
	}{
		{"undelivered", l.Undelivered, 3}, {"dropped by the socket", l.DroppedSocket, 2}, {"dropped on the path", l.DroppedPath, 1},
		{"dropped by the device", l.DroppedDevice, -1}, {"reordered", l.Reordered, -1},
	} {
		switch {
		case c.got == nil && c.want != -1:
			t.Errorf("%s: unknown, want %d", c.name, c.want)
		case c.got != nil && *c.got != c.want:
			t.Errorf("%s: %d, want %d", c.name, *c.got, c.want)
		}
	}
	if !l.Any() {
		t.Error("losses that aren't any")
	}
	if none := (Losses{Missing: n(0)}); none.Any() {
		t.Error("a count of 0 is a loss")
	}
}
