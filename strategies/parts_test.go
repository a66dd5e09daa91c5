//go:build linux

package strategies

import "testing"

// TestStreamReleasesByParts: law 1 for MSG_ZEROCOPY over TCP. A message that went in
// parts is released with the last notification of any of them, in whatever order they
// come.
func TestStreamReleasesByParts(t *testing.T) {
	const size = 1000
	type event struct {
		sent     []uint32 // a call took these bytes of the messages that are left; nil for none
		notice   *notice  // came then
		giveUp   bool     // or the rest is given up
		inFlight int      // after that
	}
	at := func(low, high uint32) *notice { return &notice{low: low, high: high} }
	copied := func(low, high uint32) *notice { return &notice{low: low, high: high, copied: true} }
	for _, c := range []struct {
		name          string
		events        []event
		notifications int64
		copied        int64
		bad           *notice // an error at the end
	}{
		{"whole", []event{{sent: []uint32{size, size}, inFlight: 2}, {notice: at(0, 0), inFlight: 1}, {notice: at(1, 1)}}, 2, 0, at(1, 1)},
		{"whole, told together", []event{{sent: []uint32{size, size}, inFlight: 2}, {notice: copied(0, 1)}}, 2, 2, at(0, 1)},
		{"the second in parts", []event{
			{sent: []uint32{size, 400}, inFlight: 2}, {sent: []uint32{500}, inFlight: 2}, {sent: []uint32{100}, inFlight: 2},
			{notice: at(1, 1), inFlight: 2}, {notice: at(0, 0), inFlight: 1}, {notice: copied(2, 2), inFlight: 1}, {notice: at(3, 3)},
		}, 2, 1, at(2, 2)},
		{"the last part first", []event{
			{sent: []uint32{400}, inFlight: 2}, {sent: []uint32{600, 10}, inFlight: 2}, {sent: []uint32{990}, inFlight: 2},
			{notice: at(2, 3), inFlight: 1}, {notice: at(1, 1), inFlight: 1}, {notice: at(0, 0)},
		}, 2, 0, nil},
		{"a part is told of before the rest is sent", []event{
			{sent: []uint32{400}, inFlight: 2}, {notice: at(0, 0), inFlight: 2}, {sent: []uint32{600, size}, inFlight: 2}, {notice: at(1, 2)},
		}, 2, 0, at(0, 0)},
		{"given up before anything went", []event{{giveUp: true}}, 0, 0, at(0, 0)},
		{"given up in a part", []event{{sent: []uint32{400}, inFlight: 2}, {giveUp: true, inFlight: 1}, {notice: at(0, 0)}}, 1, 0, nil},
		{"given up when the part was told of", []event{
			{sent: []uint32{400}, inFlight: 2}, {notice: at(0, 0), inFlight: 2}, {giveUp: true},
		}, 0, 0, nil},
		{"a call that never was", nil, 0, 0, at(2, 2)},
	} {
		t.Run(c.name, func(t *testing.T) {
			const started = 1<<32 - 2 // calls are counted modulo 2^32, and these go over it
			b := buffersOf(t, size, 4, 2)
			var tally Tally
			s := newSendmmsgZCStream(newSendmmsgZC(-1, 2, nil), nil)
			s.calls = started
			if err := s.Begin(b, &tally); err != nil {
				t.Fatal(err)
			}
			first := b.Take(2)
			s.handOver(first, 2)
			done := 0
			for i, e := range c.events {
				for k, n := range e.sent {
					s.batch.headers[done+k].len = n
				}
				switch {
				case e.giveUp:
					s.giveUp(first+uint64(done), 2-done)
				case e.notice != nil:
					if err := s.releaseParts(notice{e.notice.low + started, e.notice.high + started, e.notice.copied}, Now()); err != nil {
						t.Fatal(err)
					}
				default:
					whole := s.count(first, done, len(e.sent))
					if done += len(e.sent); !whole {
						done--
					}
				}
				if n := b.InFlight(); n != e.inFlight {
					t.Fatalf("after event %d there are %d in flight, want %d", i, n, e.inFlight)
				}
			}
			if tally.Notifications != c.notifications || tally.Copied != c.copied {
				t.Errorf("%d notifications, %d copied; want %d, %d", tally.Notifications, tally.Copied, c.notifications, c.copied)
			}
			if c.bad != nil {
				if err := s.releaseParts(notice{c.bad.low + started, c.bad.high + started, false}, Now()); err == nil {
					t.Error("a notification for what isn't open went unnoticed")
				}
			}
		})
	}
}
