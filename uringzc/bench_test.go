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
					for _, ok := r.Next(); ok; _, ok = r.Next() {
						done++
					}
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
