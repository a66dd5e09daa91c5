//go:build linux

package uringzc

import (
	"fmt"
	"testing"
)

// BenchmarkNop measures what a round trip through the ring costs by itself:
// prepare, one enter, and take, at several batch sizes.
func BenchmarkNop(b *testing.B) {
	for _, batch := range []int{1, 32, 128} {
		for _, polled := range []bool{false, true} {
			b.Run(fmt.Sprintf("batch=%d/sqpoll=%v", batch, polled), func(b *testing.B) {
				r := openRing(b, Options{Entries: uint32(batch), SQPoll: polled, SQPollCPU: -1})
				done := 0
				completions := make([]Completion, batch)
				for b.Loop() {
					for i := range batch {
						for {
							_, err := r.PrepareNop(uint64(i))
							if err == nil {
								break
							}
							if err != ErrQueueFull { // see Options.SQPoll
								b.Fatal(err)
							}
							if _, err := r.Submit(); err != nil {
								b.Fatal(err)
							}
						}
					}
					if _, err := r.SubmitAndWait(uint32(batch), patience); err != nil {
						b.Fatal(err)
					}
					done += r.Reap(completions)
				}
				if done != b.N*batch {
					b.Fatalf("%d completions, want %d", done, b.N*batch)
				}
				b.ReportMetric(float64(done)/b.Elapsed().Seconds(), "nop/s")
				b.ReportMetric(float64(r.Enters())/float64(b.N), "enters/op")
			})
		}
	}
}

// BenchmarkLifecycle is what this package itself costs for a zero-copy send:
// prepare, and take its two completions, which are made up.
func BenchmarkLifecycle(b *testing.B) {
	const batch = 32
	word := new([5]uint32)
	r := &Ring{
		sqes: make([]sqe, batch), sqMask: batch - 1, notifications: batch,
		cqes: make([]cqe, 2*batch), cqMask: 2*batch - 1, kernCQTail: &word[0], kernCQHead: &word[1],
		kernSQHead: &word[2], kernSQTail: &word[3], kernSQFlags: &word[4],
		ops: newOperations(batch),
	}
	var completions [2 * batch]Completion
	slab := newSlab(b, 1400, batch)
	memory := make([]byte, 1400)
	for _, kind := range []struct {
		name   string
		buffer func() Buffer
	}{
		{"off heap", func() Buffer { return OffHeap(memory) }},
		{"pinned", func() Buffer { return Bytes(memory) }},
		{"leased", func() Buffer { l, _ := slab.Lease(); return l.Buffer(1400) }},
	} {
		b.Run("buffer="+kind.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for i := range uint64(batch) {
					op, err := r.PrepareSendZC(Descriptor(0), kind.buffer(), 0, i)
					if err != nil {
						b.Fatal(err)
					}
					r.cqes[word[0]&r.cqMask] = cqe{userData: op.id, flags: cqeMore}
					r.cqes[(word[0]+batch)&r.cqMask] = cqe{userData: op.id, flags: cqeNotif}
					word[0]++
				}
				word[0] += batch
				word[2] = r.sqTail
				if r.Reap(completions[:]) != len(completions) {
					b.Fatal("a completion is missing")
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch), "ns/send")
		})
	}
}
