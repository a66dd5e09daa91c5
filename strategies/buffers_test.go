//go:build linux

package strategies

import (
	"bytes"
	"testing"
)

func TestEffectiveBatch(t *testing.T) {
	const mi = 1 << 20
	for _, c := range []struct {
		batch, size int
		footprint   int64
		want        int
	}{
		{32, 64, mi, 32},
		{32, 1400, mi, 32},
		{32, 32768, mi, 16},
		{32, 64000, mi, 8},
		{32, 64000, 256 * mi, 32},
		{1, 64000, mi, 1},
		{32, 64000, 2 * 65536, 1},
	} {
		if got := EffectiveBatch(c.batch, c.size, c.footprint); got != c.want {
			t.Errorf("EffectiveBatch(%d, %d, %d) = %d, want %d", c.batch, c.size, c.footprint, got, c.want)
		}
	}
}

// TestBuffersWalk goes round a ring in which releases come out of order.
func TestBuffersWalk(t *testing.T) {
	const size, slots, batch = 100, 7, 3
	arena := make([]byte, slots*Stride(size))
	b, err := NewBuffers(arena, size, batch, int64(5*Stride(size)), Stamp)
	if err != nil {
		t.Fatal(err)
	}
	if b.Window() != 6 || b.TouchedBytes() != slots*size {
		t.Errorf("window %d, touched %d", b.Window(), b.TouchedBytes())
	}
	lent := map[*byte]uint64{}
	take := func() uint64 {
		first := b.Take(batch)
		for seq := first; seq < first+batch; seq++ {
			m := b.Filled(seq)
			if other, ok := lent[&m[0]]; ok {
				t.Fatalf("message %d was given the buffer of message %d, which is lent", seq, other)
			}
			lent[&m[0]] = seq
			if got, ok := Stamped(m); !ok || got != seq {
				t.Fatalf("message %d is stamped %d", seq, got)
			}
			if want := int64((5 + int(seq)) % slots * Stride(size)); b.ArenaOffset(seq) != want {
				t.Fatalf("message %d lies at %d, want %d", seq, b.ArenaOffset(seq), want)
			}
		}
		b.Lend(first, batch, 1)
		return first
	}
	release := func(seq uint64) {
		for p, s := range lent {
			if s == seq {
				delete(lent, p)
			}
		}
		if err := b.Release(seq, 2); err != nil {
			t.Fatal(err)
		}
	}
	first, second := take(), take()
	for range 100 {
		if b.Ready(batch) {
			t.Fatal("a third batch is given out with two in flight")
		}
		// The second of the older batch last: what comes after it waits.
		release(first + 2)
		release(second)
		release(first)
		if b.Ready(batch) || !b.Ready(1) {
			t.Fatal("one message is to be had, and no more")
		}
		release(first + 1)
		release(second + 1)
		release(second + 2)
		first, second = take(), take()
	}
	if err := b.Release(first-1, 2); err == nil {
		t.Error("a message released long ago was released again")
	}
	if err := b.Release(second+batch, 2); err == nil {
		t.Error("a message that was never taken was released")
	}
}

func TestNewBuffersRefuses(t *testing.T) {
	for _, c := range []struct{ arena, size int }{{1 << 20, 15}, {1 << 20, MaxMessage + 1}, {8191, 100}} {
		if _, err := NewBuffers(make([]byte, c.arena), c.size, 1, 0, Stamp); err == nil {
			t.Errorf("%d bytes in messages of %d went through", c.arena, c.size)
		}
	}
}

func TestHistogram(t *testing.T) {
	var l Histogram
	if l.Quantile(0.5) != 0 || l.Mean() != 0 || l.Buckets() != nil {
		t.Error("a quantile of nothing")
	}
	for ns := int64(1); ns <= 100000; ns++ {
		l.record(ns, 1)
	}
	l.record(-5, 1) // a clock that went back
	for _, q := range []float64{0.01, 0.5, 0.99} {
		got, want := float64(l.Quantile(q)), q*100000
		if got < want*0.98 || got > want*1.02 {
			t.Errorf("quantile %v is %v, want about %v", q, got, want)
		}
	}
	if l.Count() != 100001 || l.Max() != 100000 || l.Mean() != 50000*100001/100001 {
		t.Errorf("%d times, at most %d, %d on the average", l.Count(), l.Max(), l.Mean())
	}
	last, n := int64(-1), int64(0)
	for _, b := range l.Buckets() {
		if b[0] <= last || b[1] <= 0 {
			t.Fatalf("bucket %v after one up to %d", b, last)
		}
		last, n = b[0], n+b[1]
	}
	if last != l.Max() || n != l.Count() {
		t.Errorf("buckets hold %d times up to %d", n, last)
	}
	for _, ns := range []int64{0, 7, 31, 32, 63, 64, 65, 1 << 20, 1<<62 + 1, 1<<63 - 1} {
		least, most := bounds(bucket(ns))
		if ns < least || ns > most || most-least > ns/32 {
			t.Errorf("%d falls into a bucket from %d to %d", ns, least, most)
		}
	}
	var both Histogram
	both.Merge(&l)
	both.Merge(&l)
	if both.Count() != 2*l.Count() || both.Quantile(0.5) != l.Quantile(0.5) || both.Max() != l.Max() {
		t.Error("two of a kind are another")
	}
}

// TestIntact: what a receiver checks, wherever a message is cut, and whatever
// stamps smaller messages left at the pages' beginnings.
func TestIntact(t *testing.T) {
	arena := make([]byte, 1<<17)
	Paint(arena)
	for at := 0; at < len(arena); at += 4096 {
		Stamp(arena[at:at+64], uint64(at))
	}
	message := arena[1<<16:][:64000]
	Stamp(message, 7)
	for _, segment := range []int{64000, 1472, 1000, 17} {
		for at := 0; at < len(message); at += segment {
			part := message[at:min(at+segment, len(message))]
			if !Intact(part, at) {
				t.Fatalf("%d bytes at %d are not intact", len(part), at)
			}
		}
	}
	torn := bytes.Clone(message)
	torn[5000] ^= 1
	if Intact(torn, 0) || Intact(message[100:200], 101) {
		t.Error("a torn or displaced message passes for intact")
	}
	filled := make([]byte, 64000)
	Full(filled, 7)
	if !Intact(filled, 0) {
		t.Error("a filled message is not what a painted one is")
	}
	if seq, ok := Stamped(filled); !ok || seq != 7 {
		t.Errorf("stamped %d, %v", seq, ok)
	}
	if _, ok := Stamped(message[16:64]); ok {
		t.Error("the middle of a message passes for a beginning")
	}
}
